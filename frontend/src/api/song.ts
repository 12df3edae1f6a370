import { fromJson, type JsonValue } from "@bufbuild/protobuf";

import { SongSchema, type Song } from "../gen/voicejury/v1/song_pb";
import { call, callJson } from "./http";
import { sessionPath, type Session } from "./session";

const AUDIO_TIMEOUT_MS = 60_000;

interface Addresses {
  audio_url?: string | null;
  audio_light_url?: string | null;
  guide_url?: string | null;
  guide_light_url?: string | null;
  cover_url?: string | null;
}

/** Where a sound is, and where the same is in an encoding for slow links. */
export interface SongSound {
  readonly url: string;
  readonly lightUrl: string | null;
}

/** A song, and where its sounds and its picture are. */
export interface SungSong {
  readonly song: Song;
  readonly backing: SongSound;
  readonly guide: SongSound | null;
  readonly coverUrl: string | null;
}

function sungSong(document: JsonValue): SungSong {
  const song = fromJson(SongSchema, document, { ignoreUnknownFields: true });
  const { audio_url, audio_light_url, guide_url, guide_light_url, cover_url } = document as Addresses;
  const backing = { url: audio_url ?? `/api/songs/${encodeURIComponent(song.id)}/audio`, lightUrl: audio_light_url ?? null };
  const guide = guide_url ? { url: guide_url, lightUrl: guide_light_url ?? null } : null;
  return { song, backing, guide, coverUrl: cover_url ?? null };
}

export async function getSong(songId: string): Promise<SungSong> {
  return sungSong(await callJson<JsonValue>(`/api/songs/${encodeURIComponent(songId)}`));
}

/** The song as this session sings it: key and tempo are inside. */
export async function getSessionSong(session: Session): Promise<SungSong> {
  return sungSong(await callJson<JsonValue>(sessionPath(session, "song"), { token: session.token }));
}

export async function getAudio(address: string): Promise<ArrayBuffer> {
  const response = await call(address, { timeoutMs: AUDIO_TIMEOUT_MS });
  return response.arrayBuffer();
}
