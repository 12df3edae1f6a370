import importX from "eslint-plugin-import-x";
import reactHooks from "eslint-plugin-react-hooks";
import tseslint from "typescript-eslint";

// Dependencies fall: each layer may import itself and what stands left of it.
const LAYERS = ["gen", "api", "live", "i18n", "show", "ui"];
const SCREENS = ["home", "dressing", "stage", "wings", "verdict", "history"];

const zones = [
  ...LAYERS.map((layer, index) => ({
    target: `./src/${layer}`,
    from: [...LAYERS.slice(index + 1), ...SCREENS].map((other) => `./src/${other}`),
    message: "A layer imports only what stands left of it (eslint.config.js).",
  })),
  ...SCREENS.map((screen) => ({
    target: `./src/${screen}`,
    from: SCREENS.filter((other) => other !== screen).map((other) => `./src/${other}`),
    message: "Screens do not know each other; share through show/ or ui/.",
  })),
];

export default tseslint.config(
  { ignores: ["dist", "src/gen"] },
  ...tseslint.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": reactHooks, "import-x": importX },
    settings: { "import-x/resolver-next": [importX.createNodeResolver({ extensions: [".ts", ".tsx"] })] },
    rules: {
      ...reactHooks.configs.recommended.rules,
      "import-x/no-cycle": "error",
      "import-x/no-restricted-paths": ["error", { zones }],
      "max-lines": ["error", { max: 250, skipComments: true }],
      complexity: ["error", 12],
      "no-console": ["error", { allow: ["warn"] }],
    },
  },
);
