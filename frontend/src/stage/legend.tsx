import { useTexts } from "../i18n/language";

/** The shapes of the voice, where there is room to explain them. */
export function Legend() {
  const { legend } = useTexts().stage;
  return (
    <ul className="hidden gap-6 text-lg text-dim md:flex landscape:max-lg:hidden">
      <li className="flex items-center gap-2">
        <svg viewBox="0 0 34 14" aria-hidden="true" className="w-9">
          <path d="M5 7h24" className="stroke-hit" strokeWidth="9" strokeLinecap="round" />
        </svg>
        {legend.hit}
      </li>
      <li className="flex items-center gap-2">
        <svg viewBox="0 0 34 14" aria-hidden="true" className="w-9">
          <rect x="2" y="3" width="30" height="8" rx="4" className="fill-none stroke-near" strokeWidth="2" />
        </svg>
        {legend.near}
      </li>
      <li className="flex items-center gap-2">
        <svg viewBox="0 0 34 14" aria-hidden="true" className="w-9">
          <path d="M1 7h32M7 2l10 10m0-10L7 12m13-10 10 10m0-10L20 12" className="stroke-miss" strokeWidth="2" />
        </svg>
        {legend.miss}
      </li>
      <li className="flex items-center gap-2">
        <span aria-hidden="true" className="text-gold">★</span>
        {legend.golden}
      </li>
    </ul>
  );
}
