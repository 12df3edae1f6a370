/** A line as words of syllables, each with the note that carries it. */

import type { LaneNote, LanePhrase } from "../live/melody";

export interface Syllable {
  readonly text: string;
  readonly note: LaneNote;
}

export function wordsOf(phrase: LanePhrase): Syllable[][] {
  const words: Syllable[][] = [];
  for (const note of phrase.notes) {
    const held = note.syllable === "~" || note.syllable === "";
    const syllable = { text: held ? "" : note.syllable, note };
    const word = words.at(-1);
    if (note.startsWord || !word) words.push([syllable]);
    else word.push(syllable);
  }
  return words;
}

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
