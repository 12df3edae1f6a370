import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { VerdictSchema, type Verdict } from "../gen/voicejury/v1/verdict_pb";
import { callJson } from "./http";

export type SingingLevel = "kind" | "normal" | "strict";

export interface SessionRequest {
  song_id: string;
  singer?: string;
  level: SingingLevel;
  language: "fr" | "en";
}

export interface Session {
  session_id: string;
  token: string;
  expires_s: number;
  ice_servers: RTCIceServer[];
}

export interface Progress {
  stage: string;
  fraction: number;
}

export interface SessionStatus {
  state: "created" | "connected" | "judging" | "done" | "failed" | "abandoned";
  progress: Progress | null;
  error: { code: string; detail: string } | null;
}

const END_TIMEOUT_MS = 20_000;

export function sessionPath(session: Session, leaf: string): string {
  return `/api/session/${encodeURIComponent(session.session_id)}/${leaf}`;
}

export function startSession(request: SessionRequest): Promise<Session> {
  return callJson("/api/session/start", { method: "POST", body: request });
}

export function postOffer(session: Session, sdp: string, resume: boolean): Promise<{ sdp: string; resumed: boolean }> {
  const body = { sdp, type: "offer", ...(resume ? { resume: true } : {}) };
  return callJson(sessionPath(session, "offer"), { method: "POST", token: session.token, body });
}

export function endSession(session: Session): Promise<{ state: string }> {
  const options = { method: "POST", token: session.token, timeoutMs: END_TIMEOUT_MS } as const;
  return callJson(sessionPath(session, "end"), options);
}

export function getStatus(session: Session): Promise<SessionStatus> {
  return callJson(sessionPath(session, "status"), { token: session.token });
}

export function verdictOf(document: JsonValue): Verdict {
  return fromJson(VerdictSchema, document, { ignoreUnknownFields: true });
}

export async function getResults(session: Session): Promise<Verdict> {
  return verdictOf(await callJson<JsonValue>(sessionPath(session, "results"), { token: session.token }));
}
