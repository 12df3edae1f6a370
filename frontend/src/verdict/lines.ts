/** What can be read off a verdict's lines. */

import type { LineVerdict, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { CurveDot } from "../ui/curve";

/** The mean of the parts of a line that were measured; null when none was. */
export function lineScore(line: LineVerdict): number | null {
  const parts = [line.pitch, line.rhythm, line.lyrics].filter((part) => part !== undefined);
  return parts.length === 0 ? null : parts.reduce((sum, part) => sum + part, 0) / parts.length;
}

export interface Extremes {
  best: LineVerdict | null;
  weakest: LineVerdict | null;
}

const NOTHING_TO_MEND = 95; // 0..100

/** Best and weakest measured line; with a single one there is no weakest, nor where all of them are splendid. */
export function extremes(lines: readonly LineVerdict[]): Extremes {
  const ranked = lines
    .map((line) => ({ line, score: lineScore(line) }))
    .filter((entry): entry is { line: LineVerdict; score: number } => entry.score !== null)
    .sort((a, b) => b.score - a.score);
  const last = ranked.length > 1 ? ranked.at(-1) : undefined;
  return { best: ranked[0]?.line ?? null, weakest: last && last.score < NOTHING_TO_MEND ? last.line : null };
}

export function dotsOf(verdict: Verdict): CurveDot[] {
  return verdict.curve.map(({ songS, sungMidi, writtenMidi }) => ({ songS, sungMidi, writtenMidi }));
}

const MOSTLY_LOST = 0.3;
const JOINED_S = 0.3; // lost stretches this close are one

export interface Gap {
  fromS: number;
  toS: number;
}

/** What of a line was not received: the whole of it, or the notes that fell into a hole. */
function lostOf(line: LineVerdict): Gap[] {
  if (line.measured < MOSTLY_LOST) return [{ fromS: line.onsetS, toS: line.offsetS }];
  return line.notes.flatMap(({ measured, onsetS }, index) =>
    measured ? [] : [{ fromS: onsetS, toS: line.notes[index + 1]?.onsetS ?? line.offsetS }],
  );
}

/** Stretches of which too little was received to say anything, in the song's order. */
export function gapsOf(lines: readonly LineVerdict[]): Gap[] {
  const gaps: Gap[] = [];
  for (const gap of lines.flatMap(lostOf)) {
    const last = gaps.at(-1);
    if (last && gap.fromS - last.toS < JOINED_S) last.toS = Math.max(last.toS, gap.toS);
    else gaps.push({ ...gap });
  }
  return gaps;
}

/** Seconds of the song that were not received. */
export function lostS(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
}
