import { call, callJson } from "./http";
import type { Session } from "./session";

const AUDIO_TIMEOUT_MS = 60_000;

export type StemId = `${"user" | "ref"}-${"vocals" | "instrumentals" | "original"}`;

export interface StudioTrack {
  owner: "user" | "ref";
  name: "vocals" | "instrumentals" | "original";
  url: string;
  duration_s: number;
  gain_db: number;
}

export interface StudioTracks {
  tracks: StudioTrack[];
  missing: { owner: string; name: string; reason: string }[];
}

export function getTracks(session: Session): Promise<StudioTracks> {
  return callJson(`/api/audio/${encodeURIComponent(session.session_id)}/tracks`, { token: session.token });
}

export async function getTrack(session: Session, track: StudioTrack): Promise<ArrayBuffer> {
  const response = await call(track.url, { token: session.token, timeoutMs: AUDIO_TIMEOUT_MS });
  return response.arrayBuffer();
}
