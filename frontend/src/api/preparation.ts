/** Follows the preparation of a session's song until it can be sung. */

import { failure, follow, WATCH_MS } from "./follow";
import { getStatus, type Progress, type Session, type SessionStatus } from "./session";
import type { ServerEvent } from "./sse";

export interface PreparationSink {
  progress(progress: Progress): void;
  /** Whether the house can be reached; the preparation goes on without us. */
  reached(reached: boolean): void;
}

type State = SessionStatus["state"];

/** The state that is no longer "preparing", when this event tells it. */
function take({ event, data }: ServerEvent, sink: PreparationSink): State | null {
  const document = JSON.parse(data) as unknown;
  sink.reached(true);
  switch (event) {
    case "progress":
      sink.progress(document as Progress);
      return null;
    case "state": {
      const { state } = document as { state: State };
      return state === "preparing" || state === "failed" ? null : state; // why it failed comes as an error
    }
    case "error":
      throw failure(document, "service-failed");
    default:
      return null;
  }
}

async function poll(session: Session, sink: PreparationSink): Promise<State | null> {
  const { state, progress, error } = await getStatus(session);
  if (progress && state === "preparing") sink.progress(progress);
  if (state === "failed") throw failure(error, "service-failed");
  return state === "preparing" ? null : state;
}

/** Resolves with the state that follows; throws the ApiProblem that ended the preparation. */
export function followPreparation(session: Session, sink: PreparationSink, signal: AbortSignal, watchMs = WATCH_MS): Promise<State> {
  const outcome = { take: (event: ServerEvent) => take(event, sink), poll: () => poll(session, sink), reached: sink.reached };
  return follow(session, outcome, signal, watchMs);
}
