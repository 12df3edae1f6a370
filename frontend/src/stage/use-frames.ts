import { useEffect, type RefObject } from "react";

import { phraseAt } from "../live/melody";
import { patchStage, useShow } from "../show/state";
import { tonight } from "../show/evening";
import type { Highlighter } from "../ui/highlighter";
import { prefersStillness } from "../ui/motion";
import type { Texts } from "../i18n/fr";
import { cueAt, type Cue } from "./cue";
import { LanePainter } from "./lane-painter";

export interface StageElements {
  lane: RefObject<HTMLCanvasElement | null>;
  cue: RefObject<HTMLElement | null>; // over the lane, and only while there is nothing to sing
  level: RefObject<HTMLElement | null>;
  highlighter: Highlighter;
}

const FLOOR_DB = -60;

function cueText(cue: Cue, texts: Texts): string {
  switch (cue.kind) {
    case "count":
      return String(cue.seconds);
    case "break":
      return `${texts.stage.instrumental}\u2002${cue.seconds}`;
    case "none":
      return "";
    default:
      return cue satisfies never;
  }
}

function write(element: HTMLElement | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** The stage's loop: everything that moves with the song is moved here, frame by frame, outside React. */
export function useFrames({ lane, cue, level, highlighter }: StageElements, texts: Texts): void {
  useEffect(() => {
    const act = tonight()?.act;
    const canvas = lane.current;
    if (!act || !canvas) return;
    const painter = new LanePainter(canvas, act, prefersStillness());
    const resized = new ResizeObserver(() => painter.resize());
    resized.observe(canvas);
    let frame = 0;
    const draw = () => {
      frame = requestAnimationFrame(draw);
      const nowMs = performance.now();
      act.clock.read(nowMs);
      const nowS = act.clock.songS(nowMs);
      painter.draw(nowS);
      const { stage, words, tempo } = useShow.getState();
      const wordsS = nowS - words.offsetS / tempo; // it was found on the recording, which runs slower or faster now
      highlighter.update(wordsS);
      highlighter.hear(act.trace, nowS - wordsS);
      const shown = phraseAt(stage.phrases, wordsS);
      if (shown !== stage.phrase) patchStage({ phrase: shown });
      const now = cueAt(stage.phrases, phraseAt(stage.phrases, nowS), nowS);
      write(cue.current, cueText(now, texts));
      if (cue.current && cue.current.dataset.kind !== now.kind) cue.current.dataset.kind = now.kind;
      const loudness = Math.max(0, 1 - act.meter.levelDb() / FLOOR_DB);
      if (level.current) level.current.style.transform = `scaleX(${loudness.toFixed(2)})`;
    };
    draw();
    return () => {
      cancelAnimationFrame(frame);
      resized.disconnect();
    };
  }, [lane, cue, level, highlighter, texts]);
}
