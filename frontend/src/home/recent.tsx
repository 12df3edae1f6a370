import { useTexts } from "../i18n/language";
import { searchNow } from "../show/search";
import { useShow } from "../show/state";

const MOST = 8;

/** What was looked for lately, one tap from being looked for again. */
export function Recent() {
  const { search } = useTexts();
  const recent = useShow((state) => state.search.recent);
  if (!recent || recent.length === 0) return null;
  return (
    <section aria-label={search.recent} className="-mx-4 overflow-x-auto px-4 py-1">
      <ul className="flex gap-2">
        {recent.slice(0, MOST).map((query) => (
          <li key={query} className="shrink-0">
            <button
              type="button"
              data-testid="recent"
              onClick={() => searchNow(query)}
              className="min-h-11 max-w-60 truncate rounded-full border border-edge bg-velvet/90 px-4 text-dim hover:border-gold hover:text-light"
            >
              <span aria-hidden="true">↻ </span>
              {query}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
