/** What stands where the words are not: the count-in, or how long an instrumental break still is. */

import type { LanePhrase } from "../live/melody";

/** Seconds without words, before a line, from which the break is announced and counted in. */
export const BREAK_S = 4;

export type Cue = { kind: "none" } | { kind: "count"; seconds: number } | { kind: "break"; seconds: number };

const COUNT_FROM_S = 3;

/** What stands above the words: the count-in, or how long a break still is. */
export function cueAt(phrases: readonly LanePhrase[], index: number, nowS: number): Cue {
  if (nowS < 0) return { kind: "count", seconds: Math.ceil(-nowS) };
  const phrase = phrases[index];
  if (!phrase || nowS >= phrase.onset_s) return { kind: "none" };
  const silentSinceS = phrases[index - 1]?.offset_s ?? 0;
  const waitS = phrase.onset_s - nowS;
  if (phrase.onset_s - silentSinceS < BREAK_S) return { kind: "none" };
  return { kind: waitS <= COUNT_FROM_S ? "count" : "break", seconds: Math.ceil(waitS) };
}
