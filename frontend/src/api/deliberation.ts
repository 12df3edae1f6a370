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

const POLL_MS = 1_000;
const PATIENCE_MS = 120_000;

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
    const verdict = take(event, sink);
    if (verdict) return verdict;
  }
  return null;
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), reject(signal.reason)), { once: true });
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

/** Resolves with the verdict; survives a restart of the server behind the stream. */
export async function followDeliberation(
  session: Session,
  sink: DeliberationSink,
  signal: AbortSignal,
): Promise<Verdict> {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    try {
      const verdict = (await stream(session, sink, signal)) ?? (await poll(session, sink));
      if (verdict) return verdict;
    } catch (error) {
      rethrowUnlessPassing(error, signal);
      const verdict = await poll(session, sink).catch((again: unknown) => (rethrowUnlessPassing(again, signal), null));
      if (verdict) return verdict;
    }
    await sleep(POLL_MS, signal);
  }
  throw new ApiProblem("offline");
}
