import { LANGUAGES, useLanguage, useTexts } from "../i18n/language";

export function LanguageSwitch() {
  const { language, choose } = useLanguage();
  const { common } = useTexts();
  return (
    <div role="group" aria-label={common.language} className="flex rounded-full border border-edge">
      {LANGUAGES.map((code) => (
        <button
          key={code}
          type="button"
          lang={code}
          aria-pressed={code === language}
          onClick={() => choose(code)}
          className="min-h-11 min-w-11 rounded-full text-base font-semibold text-dim uppercase aria-pressed:bg-light aria-pressed:text-night"
        >
          {code}
        </button>
      ))}
    </div>
  );
}
