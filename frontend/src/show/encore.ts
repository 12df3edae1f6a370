/** What survives a reload of the page: the session whose verdict was not left yet, in this tab alone. */

import type { Session } from "../api/session";
import type { SongSummary } from "../api/songs";

const KEY = "voicejury.sung";

export interface Sung {
  readonly session: Session;
  readonly song: SongSummary;
  readonly keyShiftSemitones: number; // the music is heard again as it was sung to
  readonly tempo: number;
}

/** Null for anything but what `remember` wrote: storage belongs to whoever opens the developer tools. */
export function parseSung(text: string | null): Sung | null {
  try {
    const { session, song, keyShiftSemitones, tempo } = JSON.parse(text ?? "") as Partial<Sung>;
    const whole = typeof session?.session_id === "string" && typeof session.token === "string" && typeof song?.id === "string";
    const moved = typeof keyShiftSemitones === "number" && typeof tempo === "number" && tempo > 0;
    return whole && moved ? { session, song, keyShiftSemitones, tempo } : null;
  } catch {
    return null;
  }
}

export function rememberSung(sung: Sung): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(sung));
  } catch {
    // storage may be forbidden: a reload then loses the way to the verdict, the take stays in the hall of fame
  }
}

export function recallSung(): Sung | null {
  try {
    return parseSung(sessionStorage.getItem(KEY));
  } catch {
    return null; // storage may be forbidden
  }
}

export function forgetSung(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // storage may be forbidden: then nothing was remembered
  }
}
