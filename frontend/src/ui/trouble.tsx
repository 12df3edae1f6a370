import type { ReactNode } from "react";

import type { Trouble as Words } from "../i18n/kinds";

/** What happened and what helps, never a code. */
export function Trouble({ words, children }: { words: Words; children?: ReactNode }) {
  return (
    <div role="alert" className="flex gap-4 rounded-2xl border border-miss/60 bg-velvet p-4">
      <svg viewBox="0 0 24 24" aria-hidden="true" className="mt-1 size-7 shrink-0 text-miss">
        <path fill="currentColor" d="M12 2 1 21h22zm-1 7h2v6h-2zm0 8h2v2h-2z" />
      </svg>
      <div className="grid gap-2">
        <p className="font-semibold">{words.text}</p>
        <p className="text-dim">{words.fix}</p>
        {children}
      </div>
    </div>
  );
}
