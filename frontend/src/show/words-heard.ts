/** The words of a line as the jury heard them, beside the words as they are written. */

import { WordState, type WordHeard } from "../gen/voicejury/v1/live_pb";
import type { LanePhrase } from "../live/melody";
import { wordsOf } from "../live/syllables";

export type WordMark = "heard" | "late" | "wrong" | "missing";

export interface MarkedWord {
  readonly text: string;
  readonly mark: WordMark | null; // null: nothing is said of it
}

export interface HeardLine {
  readonly phrase: number;
  readonly words: readonly MarkedWord[];
}

const MARKS: Record<WordState, WordMark | null> = {
  [WordState.UNSPECIFIED]: null,
  [WordState.HEARD]: "heard",
  [WordState.LATE]: "late",
  [WordState.WRONG]: "wrong",
  [WordState.MISSING]: "missing",
};

/** The page's own words with what was heard of them; empty where the page has other words than the jury. */
export function markedWords(written: readonly string[], heard: readonly WordHeard[]): MarkedWord[] {
  const states = new Map(heard.map(({ word, state }) => [word, state]));
  if (heard.some(({ word }) => word >= written.length)) return [];
  return written.map((text, word) => ({ text, mark: MARKS[states.get(word) ?? WordState.UNSPECIFIED] ?? null }));
}

/** As they stand in the line: what has times of its own, otherwise the text cut at its spaces. */
export function writtenWords(phrase: LanePhrase): string[] {
  const timed = wordsOf(phrase).map((word) => word.map(({ text }) => text).join(""));
  return timed.some((text) => text !== "") ? timed : phrase.text.split(/\s+/).filter(Boolean);
}

/** Null where nothing can be shown: an unknown line, or words that are none of the page's. */
export function heardLine(
  phrases: readonly LanePhrase[],
  phrase: number,
  heard: readonly WordHeard[],
): HeardLine | null {
  const line = phrases[phrase];
  const words = line ? markedWords(writtenWords(line), heard) : [];
  return words.some(({ mark }) => mark !== null) ? { phrase, words } : null;
}
