import { useEffect, useRef } from "react";

import { useTexts } from "../i18n/language";
import { useShow } from "../show/state";
import { moveWordsBy, moveWordsTo, OFFSET_STEP_S } from "../show/words-offset";
import { Button } from "./button";

const HOLD_MS = 400; // before a held button repeats
const REPEAT_MS = 90;

/** Words earlier or later by steps that repeat while the button is held. */
export function WordsOffsetControl() {
  const { words } = useTexts();
  const { offsetS, keeping } = useShow((state) => state.words);
  return (
    <div className="flex min-w-0 grow items-center gap-2">
      <Step by={-OFFSET_STEP_S} label={words.earlier} sign="−" />
      <p className="min-w-0 grow text-center leading-tight">
        <output aria-live="polite" data-testid="words-offset" className="block font-display text-3xl tabular-nums">
          {words.value(offsetS)}
        </output>
        <span className={`line-clamp-2 text-base leading-tight ${keeping === "lost" ? "text-miss" : "text-dim"}`}>
          {offsetS === 0 && keeping === "kept" ? words.title : words[keeping]}
        </span>
      </p>
      <Step by={OFFSET_STEP_S} label={words.later} sign="+" />
      <Button look="bare" disabled={offsetS === 0} onClick={() => moveWordsTo(0)} aria-label={words.reset} className="shrink-0 text-2xl disabled:opacity-30">
        ↺
      </Button>
    </div>
  );
}

function Step({ by, label, sign }: { by: number; label: string; sign: string }) {
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const letGo = () => {
    if (timer.current) clearTimeout(timer.current);
    timer.current = null;
  };
  useEffect(() => letGo, []);
  const hold = (waitMs: number) => {
    moveWordsBy(by);
    timer.current = setTimeout(() => hold(REPEAT_MS), waitMs);
  };
  return (
    <Button
      aria-label={label}
      data-testid={by < 0 ? "words-earlier" : "words-later"}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        letGo();
        hold(HOLD_MS);
      }}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      onPointerCancel={letGo}
      onContextMenu={(event) => event.preventDefault()}
      onClick={(event) => event.detail === 0 && moveWordsBy(by)} // the keyboard; a pointer has moved them already
      className="shrink-0 touch-manipulation !px-5 text-3xl leading-none select-none"
    >
      {sign}
    </Button>
  );
}
