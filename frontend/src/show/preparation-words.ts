/** Time left, rounded to what can be promised. */

const MINUTES_FROM_S = 90;
const STEP_S = 5;

/** Whole minutes from a minute and a half on, otherwise seconds in steps of five: a figure that trembles tells nothing. */
export function roundedLeft(leftS: number): { minutes: number; seconds: number } {
  if (leftS >= MINUTES_FROM_S) return { minutes: Math.round(leftS / 60), seconds: 0 };
  return { minutes: 0, seconds: Math.max(STEP_S, Math.ceil(leftS / STEP_S) * STEP_S) };
}

const STARS = 5;
export type Trust = "superb" | "good" | "fair" | "weak";

/** How far a reference can be trusted, in stars and in words; 0..1 in. */
export function trustOf(overall: number): { stars: number; trust: Trust } {
  const stars = Math.max(1, Math.min(STARS, Math.round(overall * STARS)));
  return { stars, trust: overall >= 0.8 ? "superb" : overall >= 0.6 ? "good" : overall >= 0.4 ? "fair" : "weak" };
}
