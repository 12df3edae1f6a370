import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { VerdictSchema, type Verdict } from "../gen/voicejury/v1/verdict_pb";
import { callJson } from "./http";

export type SingingLevel = "kind" | "normal" | "strict";

/** What is to be sung: a song of the house, a track that a search found, or a recording. */
export type Choice =
  | { song_id: string }
  | { track: { id: string; title: string; artist: string; duration_s?: number } }
  | { source: { source_id: string } | { url: string } };

/** How it is to be sung. */
export interface Wishes {
  singer?: string;
  level: SingingLevel;
  language: "fr" | "en";
  key_shift_semitones?: number; // -12..12
  tempo?: number; // 0.5..1.5
  for_children?: true; // the jury speaks to a child
}

export type SessionRequest = Choice & Wishes;

export interface Session {
  session_id: string;
  token: string;
  expires_s: number;
  ice_servers: RTCIceServer[];
  state?: "created" | "preparing";
}

export interface Progress {
  stage: string;
  fraction: number;
  left_s?: number | null; // absent where it cannot be told
}

export interface SessionStatus {
  state: "preparing" | "created" | "connected" | "judging" | "done" | "failed" | "abandoned";
  progress: Progress | null;
  error: { code: string; detail: string } | null;
}

const START_TIMEOUT_MS = 25_000; // a source may have to be looked up
const END_TIMEOUT_MS = 20_000;

export function sessionPath(session: Session, leaf: string): string {
  return `/api/session/${encodeURIComponent(session.session_id)}/${leaf}`;
}

export function startSession(request: SessionRequest): Promise<Session> {
  return callJson("/api/session/start", { method: "POST", body: request, timeoutMs: START_TIMEOUT_MS });
}

export function postOffer(session: Session, sdp: string, resume: boolean): Promise<{ sdp: string; resumed: boolean }> {
  const body = { sdp, type: "offer", ...(resume ? { resume: true } : {}) };
  return callJson(sessionPath(session, "offer"), { method: "POST", token: session.token, body });
}

/** `hasRecording`: judging waits for the phone's own sound where some is missing. */
export function endSession(session: Session, hasRecording = false): Promise<{ state: string }> {
  const body = hasRecording ? { has_recording: true } : undefined;
  const options = { method: "POST", token: session.token, timeoutMs: END_TIMEOUT_MS, body } as const;
  return callJson(sessionPath(session, "end"), options);
}

export function getStatus(session: Session): Promise<SessionStatus> {
  return callJson(sessionPath(session, "status"), { token: session.token });
}

/** Prepares the session's song from another source; only while it is not sung. */
export function changeSource(session: Session, source: { source_id: string } | { url: string }): Promise<{ state: string }> {
  const body = { session_id: session.session_id, ...source };
  const options = { method: "POST", token: session.token, body, timeoutMs: START_TIMEOUT_MS } as const;
  return callJson("/api/session/fallback-source", options);
}

/** How far the words were moved by ear; positive: they come later. */
export async function getLyricsOffset(session: Session): Promise<number> {
  return (await callJson<{ offset_s: number }>(sessionPath(session, "lyrics-offset"), { token: session.token })).offset_s;
}

export async function saveLyricsOffset(session: Session, offsetS: number): Promise<void> {
  const body = { offset_s: offsetS };
  await callJson(sessionPath(session, "lyrics-offset"), { method: "POST", token: session.token, body });
}

export function verdictOf(document: JsonValue): Verdict {
  return fromJson(VerdictSchema, document, { ignoreUnknownFields: true });
}

export async function getResults(session: Session): Promise<Verdict> {
  return verdictOf(await callJson<JsonValue>(sessionPath(session, "results"), { token: session.token }));
}
