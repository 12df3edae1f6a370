import { useMemo, useRef } from "react";

import { useTexts } from "../i18n/language";
import { useShow } from "../show/state";
import { ScreenHeading } from "../ui/heading";
import { Connection, ConnectionHelp, Controls, Score } from "./edge";
import { Highlighter } from "./highlighter";
import { Intermission } from "./intermission";
import { Legend } from "./legend";
import { Rating } from "./rating";
import { useFrames } from "./use-frames";
import { Words } from "./words";

/** Portrait: words over lane. Landscape phone: lane left, words right. Desktop: lane wide in the middle of the light. */
export function Stage() {
  const texts = useTexts();
  const title = useShow((state) => state.song?.title);
  const lane = useRef<HTMLCanvasElement>(null);
  const cue = useRef<HTMLParagraphElement>(null);
  const level = useRef<HTMLSpanElement>(null);
  const highlighter = useMemo(() => new Highlighter(), []);
  useFrames({ lane, cue, level, highlighter }, texts);
  return (
    <main className="limelight stage-grid fixed inset-0 overflow-hidden safe">
      <ScreenHeading className="sr-only">{title}</ScreenHeading>
      <header className="[grid-area:head] flex items-start justify-between gap-4">
        <div className="grid gap-1">
          <Connection level={level} />
          <p className="truncate text-lg text-dim">{title}</p>
        </div>
        <Score />
      </header>
      <section className="[grid-area:words] grid min-h-0 content-center gap-2 text-center landscape:max-lg:text-left">
        <p ref={cue} aria-hidden="true" className="h-[1.1em] font-display text-7xl leading-none text-gold md:text-8xl landscape:max-lg:text-5xl" />
        <Words highlighter={highlighter} />
      </section>
      <section className="[grid-area:lane] relative min-h-0">
        <canvas
          ref={lane}
          data-testid="lane"
          role="img"
          aria-label={texts.stage.lane}
          className="absolute inset-0 size-full rounded-3xl bg-[#120d1d]"
        />
        <Rating />
      </section>
      <footer className="[grid-area:foot] flex items-center justify-between gap-4">
        <div className="min-w-0">
          <ConnectionHelp />
          <Legend />
        </div>
        <Controls />
      </footer>
      <Intermission />
    </main>
  );
}
