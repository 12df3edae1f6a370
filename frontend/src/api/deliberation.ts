/** Follows the judgement of a take to its verdict. */

import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { JurorSchema, type Juror, type Verdict } from "../gen/voicejury/v1/verdict_pb";
import { getAnalysisStatus } from "./analysis";
import { failure, follow, WATCH_MS } from "./follow";
import { ApiProblem } from "./problem";
import { getResults, verdictOf, type Progress, type Session } from "./session";
import type { ServerEvent } from "./sse";

export interface DeliberationSink {
  progress(progress: Progress): void;
  /** The verdict before its jury has spoken. */
  scores(scores: Verdict): void;
  juror(juror: Juror): void;
}

/** "JUDGE_STAGE_PITCH" and "pitch" name the same stage. */
export function stageName(stage: string): string {
  return stage.toLowerCase().replace("judge_stage_", "");
}

/** The verdict, when this event carries one. */
function take(event: ServerEvent, sink: DeliberationSink): Verdict | null {
  const document = JSON.parse(event.data) as JsonValue;
  switch (event.event) {
    case "progress": {
      const { stage, fraction, left_s = null } = document as unknown as Progress;
      sink.progress({ stage: stageName(stage), fraction, left_s });
      return null;
    }
    case "scores":
      sink.scores(verdictOf(document));
      return null;
    case "juror":
      sink.juror(fromJson(JurorSchema, document, { ignoreUnknownFields: true }));
      return null;
    case "verdict":
      return verdictOf(document);
    case "error":
      throw failure(document, "judge-failed");
    default:
      return null;
  }
}

/** One look at the status: the verdict when it is there. Throws what the judge reported. */
async function poll(session: Session, sink: DeliberationSink): Promise<Verdict | null> {
  const { state, stage, fraction, left_s, error } = await getAnalysisStatus(session);
  if (stage !== null) sink.progress({ stage: stageName(stage), fraction: fraction ?? 0, left_s });
  if (state === "failed") throw failure(error, "judge-failed");
  if (state === "abandoned") throw new ApiProblem("no-take");
  return state === "done" ? await getResults(session) : null;
}

export function followDeliberation(
  session: Session,
  sink: DeliberationSink,
  signal: AbortSignal,
  watchMs = WATCH_MS,
): Promise<Verdict> {
  const outcome = { take: (event: ServerEvent) => take(event, sink), poll: () => poll(session, sink) };
  return follow(session, outcome, signal, watchMs);
}
