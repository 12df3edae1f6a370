import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { SongSchema, type Song } from "../gen/voicejury/v1/song_pb";
import { call, callJson } from "./http";

const AUDIO_TIMEOUT_MS = 60_000;

export async function getSong(songId: string): Promise<Song> {
  const document = await callJson<JsonValue>(`/api/songs/${encodeURIComponent(songId)}`);
  return fromJson(SongSchema, document, { ignoreUnknownFields: true });
}

export async function getAudio(songId: string, kind: "audio" | "guide"): Promise<ArrayBuffer> {
  const response = await call(`/api/songs/${encodeURIComponent(songId)}/${kind}`, { timeoutMs: AUDIO_TIMEOUT_MS });
  return response.arrayBuffer();
}
