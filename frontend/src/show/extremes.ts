/** The finest and the weakest moment of a take. */

import type { LineVerdict } from "../gen/voicejury/v1/verdict_pb";

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
