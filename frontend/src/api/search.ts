import { callJson } from "./http";

/** A song that a search found; `song_id` is set where it can be sung at once. */
export interface Track {
  id: string;
  title: string;
  artist: string;
  album: string | null;
  duration_s: number | null;
  cover_url: string | null;
  source: "spotify" | "youtube" | "folder" | "catalogue";
  song_id: string | null;
}

/** How one of the places that were asked answered. */
export interface SearchedSource {
  name: string;
  status: "answered" | "skipped" | "failed";
  detail: string;
}

export interface Found {
  tracks: Track[];
  sources: SearchedSource[];
}

export const QUERY_LIMIT = 100;
const TRACKS = 20;
const SEARCH_TIMEOUT_MS = 20_000; // some of those who are asked are slow, and each may be asked in turn

const RECENT_TIMEOUT_MS = 2_000; // nobody waits longer for what is only convenient

export async function searchTracks(query: string, signal: AbortSignal): Promise<Found> {
  const parameters = new URLSearchParams({ q: query, limit: String(TRACKS) });
  const { tracks, sources } = await callJson<Partial<Found>>(`/api/search/tracks?${parameters}`, {
    signal,
    timeoutMs: SEARCH_TIMEOUT_MS,
  });
  return { tracks: tracks ?? [], sources: sources ?? [] };
}

export async function recentSearches(): Promise<string[]> {
  const options = { timeoutMs: RECENT_TIMEOUT_MS };
  const { searches } = await callJson<{ searches: { query: string }[] }>("/api/search/recent", options);
  return searches.map(({ query }) => query);
}

/** Where the page gets a picture: always from the house, so that a phone asks no stranger. */
export function coverPath(track: Pick<Track, "id" | "cover_url">): string | null {
  if (!track.cover_url || track.cover_url.startsWith("/")) return track.cover_url;
  return `/api/search/tracks/${encodeURIComponent(track.id)}/cover`;
}
