/** How much of what was recorded is kept: pure rules. */

export interface KeptTake {
  readonly session_id: string;
  readonly began_ms: number;
  readonly bytes: number;
}

export const MAX_BYTES = 20 * 60 * 16_000 * 2; // twenty minutes
export const MAX_AGE_MS = 2 * 3_600_000; // the house deletes its takes then as well

export function expired(takes: readonly KeptTake[], nowMs: number): string[] {
  return takes.filter((take) => nowMs - take.began_ms > MAX_AGE_MS).map((take) => take.session_id);
}

/** Which takes make room for more of `own`, the oldest first; null when there is no room even then. */
export function toDrop(takes: readonly KeptTake[], own: string, incoming: number, limit = MAX_BYTES): string[] | null {
  let total = takes.reduce((sum, take) => sum + take.bytes, incoming);
  const dropped: string[] = [];
  for (const take of [...takes].sort((a, b) => a.began_ms - b.began_ms)) {
    if (total <= limit) break;
    if (take.session_id === own) continue;
    total -= take.bytes;
    dropped.push(take.session_id);
  }
  return total <= limit ? dropped : null;
}
