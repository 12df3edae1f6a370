import { callJson } from "./http";

/** One point of a curve: song second, sung and written pitch number; 0 = unvoiced or rest. */
export interface CurvePoint {
  song_s: number;
  sung_midi: number;
  written_midi: number;
}

export interface PastTake {
  take_id: string;
  song_id: string;
  title: string;
  artist: string;
  singer: string;
  total: number | null;
  pitch: number | null;
  rhythm: number | null;
  lyrics: number | null;
  sung_at: string;
  curve: CurvePoint[];
}

export interface Rank {
  rank: number;
  singer: string;
  total: number;
  sung_at: string;
}

export interface History {
  takes: PastTake[];
  leaderboard: Rank[];
}

export const HISTORY_PAGE = 20;

/** The newest takes, or those sung before a moment: the last `sung_at` of the page before. */
export async function getHistory(songId: string | null, before: string | null = null): Promise<History> {
  const query = new URLSearchParams({ limit: String(HISTORY_PAGE), ...(songId && { song_id: songId }), ...(before && { before }) });
  const { takes, leaderboard = [] } = await callJson<Partial<History>>(`/api/results/history?${query}`);
  return { takes: takes ?? [], leaderboard };
}

/** What is shown already, then the older page; a take that is on both is shown once. */
export function withOlder(shown: History | null, older: History): History {
  if (!shown) return older;
  const known = new Set(shown.takes.map(({ take_id }) => take_id));
  return { ...shown, takes: [...shown.takes, ...older.takes.filter(({ take_id }) => !known.has(take_id))] };
}
