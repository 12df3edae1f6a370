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

/** Best and weakest measured line; with a single one there is no weakest. */
export function extremes(lines: readonly LineVerdict[]): Extremes {
  const ranked = lines
    .map((line) => ({ line, score: lineScore(line) }))
    .filter((entry): entry is { line: LineVerdict; score: number } => entry.score !== null)
    .sort((a, b) => b.score - a.score);
  return { best: ranked[0]?.line ?? null, weakest: ranked.length > 1 ? (ranked.at(-1)?.line ?? null) : null };
}

export function dotsOf(verdict: Verdict): CurveDot[] {
  return verdict.curve.map(({ songS, sungMidi, writtenMidi }) => ({ songS, sungMidi, writtenMidi }));
}

const MOSTLY_LOST = 0.3;

/** Stretches of which too little was received to say anything. */
export function gapsOf(lines: readonly LineVerdict[]): { fromS: number; toS: number }[] {
  return lines.filter(({ measured }) => measured < MOSTLY_LOST).map(({ onsetS, offsetS }) => ({ fromS: onsetS, toS: offsetS }));
}
