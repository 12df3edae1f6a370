const FIRST_MS = 300;
const LONGEST_MS = 7_000;

/** Wait before the next attempt: 0.3 s, doubling, 7 s at most. */
export function backoffMs(failedAttempts: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** failedAttempts);
}
