import { LineRating, type LineScore, type LiveScore } from "../gen/voicejury/v1/live_pb";

export type RatingName = "missed" | "shaky" | "good" | "great" | "perfect" | "unmeasured";

export interface LineResult {
  readonly phrase: number;
  readonly score: number; // 0..100
  readonly rating: RatingName;
}

const NAMES: Record<LineRating, RatingName> = {
  [LineRating.UNSPECIFIED]: "unmeasured",
  [LineRating.MISSED]: "missed",
  [LineRating.SHAKY]: "shaky",
  [LineRating.GOOD]: "good",
  [LineRating.GREAT]: "great",
  [LineRating.PERFECT]: "perfect",
};

/** Nothing to show before the first line is over: a 0 there would be an insult, a 100 a promise. */
export function shownScore(score: LiveScore, firstLineOverS: number): number | null {
  return score.measured > 0 && score.songS >= firstLineOverS ? Math.round(score.pitch) : null;
}

export function lineResult(line: LineScore): LineResult {
  return { phrase: line.phrase, score: Math.round(line.score), rating: NAMES[line.rating] ?? "unmeasured" };
}
