import type { RefObject } from "react";

import { useTexts } from "../i18n/language";
import { hasWords } from "../live/melody";
import { connectionState, type ConnectionView } from "../show/connection";
import { giveUp, goOn, pauseSong } from "../show/performing";
import { useShow } from "../show/state";
import { Button } from "../ui/button";

const LAMP: Record<ConnectionView, string> = {
  ok: "bg-hit rounded-full",
  lost: "bg-miss rotate-45",
  reconnecting: "bg-gold rotate-45 animate-pulse",
  "mic-lost": "bg-miss",
  "judge-lost": "bg-gold",
  silent: "bg-miss",
};

/** Connection and microphone level: a lamp whose shape changes with its colour, a word, a bar. */
export function Connection({ level }: { level: RefObject<HTMLElement | null> }) {
  const { stage } = useTexts();
  const view = useShow((state) => state.stage.connection);
  return (
    <div data-testid="connection" data-state={connectionState(view)} className="flex min-w-0 items-center gap-3">
      <span aria-hidden="true" className={`size-3 shrink-0 ${LAMP[view]}`} />
      <span role="status" className={`text-lg font-semibold whitespace-nowrap ${view === "ok" ? "text-dim" : "text-light"}`}>
        {stage.connection[view]}
      </span>
      <svg viewBox="0 0 24 24" aria-hidden="true" className="-mr-1 size-6 shrink-0 text-dim">
        <path fill="currentColor" d="M12 15a4 4 0 0 0 4-4V6a4 4 0 1 0-8 0v5a4 4 0 0 0 4 4m7-4h-2a5 5 0 0 1-10 0H5a7 7 0 0 0 6 6.9V21h2v-3.100a7 7 0 0 0 6-6.900" />
      </svg>
      <span aria-hidden="true" className="h-3 w-20 shrink-0 overflow-hidden rounded-full border border-edge bg-curtain">
        <span ref={level} className="block h-full origin-left bg-gradient-to-r from-hit to-light" style={{ transform: "scaleX(0)" }} />
      </span>
    </div>
  );
}

/** What a trouble means for the singer, beside the words and never over them. */
export function ConnectionHelp() {
  const { stage } = useTexts();
  const view = useShow((state) => state.stage.connection);
  const trouble = useShow((state) => state.stage.trouble);
  const help = stage.connectionHelp[view] || (trouble ? stage.trouble[trouble] : "");
  return (
    <p role="status" className="min-h-[1.4em] text-lg text-miss">
      {help}
    </p>
  );
}

export function Score() {
  const { stage } = useTexts();
  const score = useShow((state) => state.stage.score);
  return (
    <p className="flex items-baseline gap-2 leading-none">
      <span className="text-lg text-dim portrait:max-sm:sr-only">{stage.score}</span>
      <span
        data-testid="live-score"
        className={`inline-block min-w-[2ch] text-right font-display text-6xl tabular-nums landscape:max-lg:text-5xl ${score === null ? "text-dim" : "text-gold"}`}
      >
        {score ?? stage.noScore}
      </span>
    </p>
  );
}

export function Controls({ openWords }: { openWords: () => void }) {
  const { stage, words } = useTexts();
  const worded = useShow(({ stage }) => hasWords(stage.phrases));
  const leaving = useShow((state) => state.stage.leaving);
  if (leaving)
    return (
      <div role="alert" className="flex items-center gap-3">
        <p className="font-semibold text-gold">{stage.curtain}</p>
        <Button onClick={goOn}>{stage.undo}</Button>
      </div>
    );
  return (
    <div className="flex shrink-0 gap-2">
      {worded && (
        <Button onClick={openWords} data-testid="words-open" aria-label={words.open} className="!px-4">
          <svg viewBox="0 0 24 24" aria-hidden="true" className="size-6">
            <path fill="currentColor" d="M5 4h14v3h-5.500v8h-3V7H5zm2 13-4 3 4 3v-2h10v2l4-3-4-3v2H7z" />
          </svg>
        </Button>
      )}
      <Button onClick={pauseSong} aria-label={stage.pause} className="!px-4">
        <svg viewBox="0 0 24 24" aria-hidden="true" className="size-6">
          <path fill="currentColor" d="M6 4h4v16H6zm8 0h4v16h-4z" />
        </svg>
      </Button>
      <Button look="bare" data-testid="give-up" onClick={giveUp}>
        {stage.giveUp}
      </Button>
    </div>
  );
}
