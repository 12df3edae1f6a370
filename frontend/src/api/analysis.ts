/** The judging of a take as a job: how far it is, and once more where it failed. */

import { callJson } from "./http";
import { sessionPath, type Session, type SessionStatus } from "./session";

export interface AnalysisStatus {
  state: SessionStatus["state"];
  stage: string | null; // null while nothing is judged
  fraction: number | null;
  left_s: number | null; // null where it cannot be told
  attempt: number; // 0 at first
  error: { code: string; detail: string } | null;
}

const ANALYZE_TIMEOUT_MS = 20_000;

export function getAnalysisStatus(session: Session): Promise<AnalysisStatus> {
  return callJson(sessionPath(session, "analysis-status"), { token: session.token });
}

/** Judges a take whose judging failed once more; safe to repeat. */
export function analyze(session: Session): Promise<{ state: string }> {
  return callJson(sessionPath(session, "analyze"), { method: "POST", token: session.token, timeoutMs: ANALYZE_TIMEOUT_MS });
}
