/** Follows the judgement of a take: the event stream while it holds, status and results when it breaks. */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { JurorSchema, type Juror, type Verdict } from "../gen/voicejury/v1/verdict_pb";
import { ApiProblem, apiCode } from "./problem";
import { getResults, getStatus, sessionPath, verdictOf, type Progress, type Session } from "./session";
import { readEvents, type ServerEvent } from "./sse";

export interface DeliberationSink {
  progress(progress: Progress): void;
  juror(juror: Juror): void;
}

const RETRY_MS = 1_000;
const WATCH_MS = 10_000; // a stream may stay open and say nothing but that it is alive
const PATIENCE_MS = 120_000; // without any answer of the server

/** "JUDGE_STAGE_PITCH" and "pitch" name the same stage. */
export function stageName(stage: string): string {
  return stage.toLowerCase().replace("judge_stage_", "");
}

function failure(document: unknown): ApiProblem {
  const { code, detail } = (document ?? {}) as { code?: unknown; detail?: unknown };
  return new ApiProblem(apiCode(code ?? "judge-failed"), String(detail ?? ""));
}

/** The verdict, when this event carries one. */
function take(event: ServerEvent, sink: DeliberationSink): Verdict | null {
  const document = JSON.parse(event.data) as JsonValue;
  switch (event.event) {
    case "progress": {
      const { stage, fraction } = document as unknown as Progress;
      sink.progress({ stage: stageName(stage), fraction });
      return null;
    }
    case "juror":
      sink.juror(fromJson(JurorSchema, document, { ignoreUnknownFields: true }));
      return null;
    case "verdict":
      return verdictOf(document);
    case "error":
      throw failure(document);
    default:
      return null;
  }
}

async function stream(session: Session, sink: DeliberationSink, signal: AbortSignal): Promise<Verdict | null> {
  for await (const event of readEvents(sessionPath(session, "events"), session.token, signal)) {
    signal.throwIfAborted();
    const verdict = take(event, sink);
    if (verdict) return verdict;
  }
  return null;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason as Error)), { once: true });
  });
}

/** One look at the status: the verdict when it is there. Throws what the judge reported. */
async function poll(session: Session, sink: DeliberationSink): Promise<Verdict | null> {
  const status = await getStatus(session);
  if (status.progress) sink.progress({ ...status.progress, stage: stageName(status.progress.stage) });
  if (status.state === "failed") throw failure(status.error);
  if (status.state === "abandoned") throw new ApiProblem("no-take");
  return status.state === "done" ? await getResults(session) : null;
}

const PASSING = new Set(["offline", "unexpected", "not-ready", "busy", "media-unavailable"]);

function rethrowUnlessPassing(error: unknown, signal: AbortSignal): void {
  signal.throwIfAborted();
  if (error instanceof ApiProblem && !PASSING.has(error.code)) throw error;
}

/** Looks at the status beside the stream, until the verdict is there. */
async function watch(session: Session, sink: DeliberationSink, signal: AbortSignal, everyMs: number): Promise<Verdict> {
  for (;;) {
    await sleep(everyMs, signal);
    const verdict = await poll(session, sink).catch((error: unknown) => (rethrowUnlessPassing(error, signal), null));
    if (verdict) return verdict;
  }
}

/** The verdict by whichever tells it first; null when the stream ends without one. */
async function listen(session: Session, sink: DeliberationSink, signal: AbortSignal, watchMs: number) {
  const round = new AbortController();
  const leave = () => round.abort(signal.reason);
  signal.addEventListener("abort", leave, { once: true });
  const watched = watch(session, sink, round.signal, watchMs);
  watched.catch(() => undefined); // the one that comes last is not waited for
  const streamed = stream(session, sink, round.signal);
  streamed.catch(() => undefined);
  try {
    return await Promise.race([streamed, watched]);
  } finally {
    signal.removeEventListener("abort", leave);
    round.abort();
  }
}

/** Resolves with the verdict; survives a restart of the server behind the stream, and a stream that has gone deaf. */
export async function followDeliberation(
  session: Session,
  sink: DeliberationSink,
  signal: AbortSignal,
  watchMs = WATCH_MS,
): Promise<Verdict> {
  let answeredMs = Date.now();
  while (Date.now() - answeredMs < PATIENCE_MS) {
    try {
      const told = await listen(session, sink, signal, watchMs);
      if (told) return told;
    } catch (error) {
      rethrowUnlessPassing(error, signal);
    }
    try {
      const verdict = await poll(session, sink);
      if (verdict) return verdict;
      answeredMs = Date.now();
    } catch (error) {
      rethrowUnlessPassing(error, signal);
    }
    await sleep(RETRY_MS, signal);
  }
  throw new ApiProblem("offline");
}
