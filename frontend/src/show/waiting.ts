/** What survives a reload in mid-preparation, in this tab alone. */

import type { Choice, Session, SessionRequest } from "../api/session";
import type { SongSummary } from "../api/songs";

const KEY = "voicejury.preparing";

export interface Waiting {
  readonly session: Session;
  readonly request: SessionRequest;
  readonly song: SongSummary;
  readonly choice: Choice;
  readonly trackId: string | null;
}

/** Null for anything but what `rememberWaiting` wrote: storage belongs to whoever opens the developer tools. */
export function parseWaiting(text: string | null): Waiting | null {
  try {
    const { session, request, song, choice, trackId = null } = JSON.parse(text ?? "") as Partial<Waiting>;
    const told = typeof session?.session_id === "string" && typeof session.token === "string" && typeof song?.title === "string";
    return told && typeof request === "object" && typeof choice === "object" ? { session, request, song, choice, trackId } : null;
  } catch {
    return null;
  }
}

export function rememberWaiting(waiting: Waiting): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(waiting));
  } catch {
    // storage may be forbidden: a reload then leads backstage, the preparation goes on in the house
  }
}

export function recallWaiting(): Waiting | null {
  try {
    return parseWaiting(sessionStorage.getItem(KEY));
  } catch {
    return null; // storage may be forbidden
  }
}

export function forgetWaiting(): void {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // storage may be forbidden: then nothing was remembered
  }
}
