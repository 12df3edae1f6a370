/** Sessions: asked for until the house has room, kept until they are sung in. */

import { asProblem, type ApiCode } from "../api/problem";
import { endSession, startSession, type Session, type SessionRequest } from "../api/session";
import { fits, wishesNow } from "./choice";
import { patchDressing, useShow } from "./state";

const WAIT_S = 5; // when a full house does not say how long
const WORTH_WAITING: ReadonlySet<ApiCode> = new Set<ApiCode>(["busy", "media-unavailable", "offline"]);

/** A session, however long the house is full; the seconds until the next try are told. Null when the singer has left. */
export async function openSession(
  request: SessionRequest,
  current: () => boolean,
  waiting: (problem: ApiCode | null, retryS: number | null) => void,
): Promise<Session | null> {
  while (current()) {
    try {
      const session = await startSession(request);
      waiting(null, null);
      return session;
    } catch (error) {
      const problem = asProblem(error);
      if (!WORTH_WAITING.has(problem.code)) throw problem;
      for (let retryS = problem.retryAfterS ?? WAIT_S; retryS > 0 && current(); retryS--) {
        waiting(problem.code, retryS);
        await new Promise((resolve) => setTimeout(resolve, 1_000));
      }
    }
  }
  return null;
}

interface Booked {
  readonly session: Session;
  readonly request: SessionRequest;
}

let booked: Booked | null = null; // its song was asked for, nobody has sung in it

export function book(session: Session, request: SessionRequest): void {
  booked = { session, request };
}

export function bookedSession(): Session | null {
  return booked?.session ?? null;
}

/** Lets go of a session that nobody will sing in; one that hears nothing of it is forgotten by the house in time. */
export function cancelBooking(): void {
  if (booked) endSession(booked.session).catch((error: unknown) => console.warn("booking:", asProblem(error).code));
  booked = null;
}

/** True once the song is ready, false when the singer has left. */
function untilPrepared(current: () => boolean): Promise<boolean> {
  return new Promise((resolve) => {
    const look = (): boolean => {
      const { preparing } = useShow.getState();
      const over = !current() || preparing === null || preparing.phase === "ready";
      if (over) resolve(current());
      return over;
    };
    if (look()) return;
    const leave = useShow.subscribe(() => void (look() && leave()));
  });
}

/** A session to sing in now: the booked one where it was asked for with the same wishes. Null when the singer has left. */
export async function sessionToSing(current: () => boolean): Promise<Session | null> {
  if (!(await untilPrepared(current))) return null;
  const wishes = wishesNow();
  if (booked && fits(booked.request, wishes)) {
    const { session } = booked;
    booked = null;
    return session;
  }
  cancelBooking();
  const { choice } = useShow.getState();
  if (!choice) return null;
  return openSession({ ...choice, ...wishes }, current, (problem, retryS) => patchDressing({ problem, retryS }));
}
