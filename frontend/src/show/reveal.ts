/** The order of the evening: each juror thinks, then votes and speaks; the total comes last. It begins while the jury still speaks. */

import { useEffect } from "react";

import type { Juror } from "../gen/voicejury/v1/verdict_pb";
import { patchDeliberation, useShow } from "./state";

const THINK_MS = 1_000;
const SPEAK_MS = 1_900;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

export interface Scene {
  /** Whose vote is out. */
  readonly spoken: readonly Juror[];
  /** Who thinks now, and who has just voted and speaks. */
  readonly thinking: Juror | null;
  readonly speaking: Juror | null;
  /** Everybody has spoken: the total may come. */
  readonly over: boolean;
}

/** Two steps a juror that was heard: even ones think, odd ones speak. Until the next is heard the last one keeps the floor. */
export function sceneAt(step: number, heard: readonly Juror[], isWhole: boolean): Scene {
  const last = 2 * heard.length;
  const at = Math.min(step, last);
  const spoken = heard.slice(0, (at + 1) >> 1);
  const over = isWhole && at === last;
  if (at < last && at % 2 === 0) return { spoken, thinking: heard[at >> 1] ?? null, speaking: null, over };
  return { spoken, thinking: null, speaking: over ? null : (spoken.at(-1) ?? null), over };
}

/** `heard`: in the order in which they spoke; `isWhole`: nobody else will. */
export function useReveal(heard: readonly Juror[], isWhole: boolean, atOnce: boolean): Scene {
  const { step, sinceMs } = useShow((state) => state.deliberation.reveal);
  const last = 2 * heard.length;
  const reached = atOnce ? last : Math.min(step, last);
  useEffect(() => {
    if (reached >= last) return;
    const nowMs = performance.now();
    const leftMs = (sinceMs ?? nowMs) + (reached % 2 === 0 ? THINK_MS : SPEAK_MS) - nowMs;
    if (sinceMs === null) patchDeliberation({ reveal: { step: reached, sinceMs: nowMs } });
    const next = () => patchDeliberation({ reveal: { step: reached + 1, sinceMs: performance.now() } });
    const timer = setTimeout(next, Math.max(0, leftMs));
    return () => clearTimeout(timer);
  }, [reached, last, sinceMs]);
  return sceneAt(reached, heard, isWhole);
}

export function revealAll(): void {
  patchDeliberation({ reveal: { step: EVERYTHING, sinceMs: 0 } });
}
