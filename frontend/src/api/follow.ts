/** Follows a session to an outcome: the event stream while it holds, the status when it breaks or goes deaf. */

import { ApiProblem, apiCode, type ApiCode } from "./problem";
import { sessionPath, type Session } from "./session";
import { sleep } from "./sleep";
import { readEvents, type ServerEvent } from "./sse";

/** How the outcome is read from what the server tells; null = not yet. Both throw what went wrong for good. */
export interface Outcome<T> {
  take(event: ServerEvent): T | null;
  poll(): Promise<T | null>;
  /** Whether the server could be asked, whenever that changes nothing but that. */
  reached?(reached: boolean): void;
}

const RETRY_MS = 1_000;
export const WATCH_MS = 10_000; // a stream may stay open and say nothing but that it is alive
const PATIENCE_MS = 120_000; // without any answer of the server

const PASSING: ReadonlySet<ApiCode> = new Set<ApiCode>(["offline", "unexpected", "not-ready", "busy", "media-unavailable"]);

/** What an `error` event or a failed status tells: an end, so never one of the troubles that pass. */
export function failure(document: unknown, fallback: ApiCode): ApiProblem {
  const { code, detail } = (document ?? {}) as { code?: unknown; detail?: unknown };
  const told = apiCode(code);
  return new ApiProblem(PASSING.has(told) ? fallback : told, String(detail ?? ""));
}

async function stream<T>(session: Session, outcome: Outcome<T>, signal: AbortSignal): Promise<T | null> {
  for await (const event of readEvents(sessionPath(session, "events"), session.token, signal)) {
    signal.throwIfAborted();
    const told = outcome.take(event);
    if (told !== null) return told;
  }
  return null;
}

function rethrowUnlessPassing(error: unknown, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (error instanceof ApiProblem && !PASSING.has(error.code)) throw error;
}

/** Looks at the status beside the stream, until the outcome is there. */
async function watch<T>(outcome: Outcome<T>, signal: AbortSignal, everyMs: number): Promise<T> {
  for (;;) {
    await sleep(everyMs, signal);
    const told = await outcome.poll().catch((error: unknown) => (rethrowUnlessPassing(error, signal), null));
    if (told !== null) return told;
  }
}

/** The outcome by whichever tells it first; null when the stream ends without one. */
async function listen<T>(session: Session, outcome: Outcome<T>, signal: AbortSignal, watchMs: number): Promise<T | null> {
  const round = new AbortController();
  const leave = () => round.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  const watched = watch(outcome, round.signal, watchMs);
  watched.catch(() => undefined); // the one that comes last is not waited for
  const streamed = stream(session, outcome, round.signal);
  streamed.catch(() => undefined);
  try {
    return await Promise.race([streamed, watched]);
  } finally {
    signal.removeEventListener("abort", leave);
    round.abort();
  }
}

/** The same outcome, which notes when the server has told anything. */
function noting<T>(outcome: Outcome<T>, answered: () => void): Outcome<T> {
  return {
    ...outcome,
    take: (event) => (answered(), outcome.take(event)),
    poll: async () => {
      const told = await outcome.poll();
      answered();
      return told;
    },
  };
}

/** Resolves with the outcome; survives a restart of the server behind the stream, and a stream that has gone deaf. */
export async function follow<T>(session: Session, outcome: Outcome<T>, signal: AbortSignal, watchMs = WATCH_MS): Promise<T> {
  let answeredMs = Date.now();
  const noted = noting(outcome, () => (answeredMs = Date.now()));
  while (Date.now() - answeredMs < PATIENCE_MS) {
    try {
      const told = await listen(session, noted, signal, watchMs);
      if (told !== null) return told;
    } catch (error) {
      rethrowUnlessPassing(error, signal);
    }
    try {
      const told = await noted.poll();
      outcome.reached?.(true);
      if (told !== null) return told;
    } catch (error) {
      rethrowUnlessPassing(error, signal);
      outcome.reached?.(false);
    }
    await sleep(RETRY_MS, signal);
  }
  throw new ApiProblem("offline");
}
