import { callJson } from "./http";

export interface SongSummary {
  id: string;
  title: string;
  artist: string;
  language: string;
  duration_s: number;
  source: string;
  cover_url: string | null;
  guide_url: string | null;
  best: { singer: string; total: number } | null;
}

export async function listSongs(): Promise<SongSummary[]> {
  return (await callJson<{ songs: SongSummary[] }>("/api/songs")).songs;
}
