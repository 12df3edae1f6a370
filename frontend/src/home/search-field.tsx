import { useRef } from "react";

import { QUERY_LIMIT } from "../api/search";
import { useTexts } from "../i18n/language";
import { LIST_ID, optionId } from "./results";
import type { ResultList } from "./use-results";

/** One field for every song: a combobox whose list fills the screen below it. */
export function SearchField({ results }: { results: ResultList }) {
  const { search } = useTexts();
  const field = useRef<HTMLInputElement>(null);
  const { query, tracks, active, type, key } = results;
  return (
    <form
      role="search"
      className="sticky top-0 z-10 -mx-4 px-4 pt-2 pb-1"
      onSubmit={(event) => {
        event.preventDefault();
        if (matchMedia("(pointer: coarse)").matches) field.current?.blur(); // the phone's keyboard leaves the list free
      }}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true" className="pointer-events-none absolute top-1/2 left-9 size-6 -translate-y-1/2 text-gold">
        <path fill="none" stroke="currentColor" strokeWidth="2.5" strokeLinecap="round" d="M10.500 4a6.500 6.500 0 1 1 0 13 6.500 6.500 0 0 1 0-13m5 11.500 5 5" />
      </svg>
      <input
        ref={field}
        type="search"
        role="combobox"
        data-testid="search"
        aria-label={search.label}
        aria-autocomplete="list"
        aria-expanded={tracks.length > 0}
        aria-controls={LIST_ID}
        aria-activedescendant={active >= 0 ? optionId(active) : undefined}
        placeholder={search.placeholder}
        autoComplete="off"
        autoCapitalize="none"
        enterKeyHint="search"
        maxLength={QUERY_LIMIT}
        value={query}
        onChange={({ target }) => type(target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return; // the arrows belong to the input method
          if (key(event.key) && event.key !== "Enter") event.preventDefault();
        }}
        className="search-field w-full rounded-full border border-edge bg-velvet py-3 pr-14 pl-14 text-xl shadow-[0_6px_30px_rgb(12_9_20/0.6)] placeholder:text-dim"
      />
      {query !== "" && (
        <button
          type="button"
          aria-label={search.clear}
          onClick={() => {
            type("");
            field.current?.focus();
          }}
          className="absolute top-1/2 right-6 min-h-11 min-w-11 -translate-y-1/2 rounded-full text-xl text-dim hover:text-light"
        >
          ✕
        </button>
      )}
    </form>
  );
}
