import { useEffect, useMemo, useRef, useState } from "react";

import { useTexts } from "../i18n/language";
import { hasWords } from "../live/melody";
import { useShow } from "../show/state";
import { moveWordsBy, OFFSET_STEP_S } from "../show/words-offset";
import { ScreenHeading } from "../ui/heading";
import { Highlighter } from "../ui/highlighter";
import { Connection, ConnectionHelp, Controls, Score } from "./edge";
import { HeardWords } from "./heard-words";
import { Intermission } from "./intermission";
import { Legend } from "./legend";
import { Rating } from "./rating";
import { useFrames } from "./use-frames";
import { Words } from "./words";
import { WordsDesk } from "./words-desk";

/** Portrait: words over lane. Landscape phone: lane left, words right. Desktop: lane wide in the middle of the light. */
export function Stage() {
  const texts = useTexts();
  const title = useShow((state) => state.song?.title);
  const lane = useRef<HTMLCanvasElement>(null);
  const cue = useRef<HTMLParagraphElement>(null);
  const level = useRef<HTMLSpanElement>(null);
  const highlighter = useMemo(() => new Highlighter(), []);
  useFrames({ lane, cue, level, highlighter }, texts);
  const [desk, setDesk] = useState(false); // where the words are moved by ear
  useArrowKeys(() => setDesk(true));
  return (
    <main className="limelight stage-grid fixed inset-0 overflow-hidden safe">
      <ScreenHeading className="sr-only">{title}</ScreenHeading>
      <header className="[grid-area:head] flex items-center justify-between gap-4">
        <Connection level={level} />
        <Score />
      </header>
      <section className="[grid-area:words] grid min-h-0 grid-rows-[minmax(0,1fr)_auto] gap-1 text-center landscape:max-lg:text-left">
        <Words highlighter={highlighter} movable={desk} />
      </section>
      <section className="[grid-area:lane] relative min-h-0">
        <canvas
          ref={lane}
          data-testid="lane"
          role="img"
          aria-label={texts.stage.lane}
          className="lane absolute inset-0 size-full rounded-3xl"
        />
        <p ref={cue} aria-hidden="true" className="cue" />
        <Rating />
        <HeardWords />
      </section>
      <footer className="[grid-area:foot] flex items-center justify-between gap-4 portrait:min-h-19">
        {desk ? (
          <WordsDesk close={() => setDesk(false)} />
        ) : (
          <>
            <div className="min-w-0">
              <ConnectionHelp />
              <Legend />
            </div>
            <Controls openWords={() => setDesk(true)} />
          </>
        )}
      </footer>
      <Intermission />
    </main>
  );
}

/** Left and right move the words from anywhere on stage, but where a slider or a dialog has the arrows already. */
function useArrowKeys(used: () => void): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const step = { ArrowLeft: -OFFSET_STEP_S, ArrowRight: OFFSET_STEP_S }[event.key];
      const { phrases, paused } = useShow.getState().stage;
      const elsewhere = event.target instanceof Element && event.target.closest("[role=slider], [role=dialog], input");
      if (step === undefined || event.altKey || event.ctrlKey || event.metaKey || elsewhere || paused || !hasWords(phrases)) return;
      event.preventDefault();
      moveWordsBy(step);
      used();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}
