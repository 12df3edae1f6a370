import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const API = "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2022",
    assetsInlineLimit: 0, // no data: URLs, so that `default-src 'self'` suffices
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", proxy: { "/api": API } },
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
