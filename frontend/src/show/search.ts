/** One field that finds any song: asked while one types, each question ending the one before. */

import { asProblem } from "../api/problem";
import { recentSearches, searchTracks, type Track } from "../api/search";
import type { SongSummary } from "../api/songs";
import type { Uploaded } from "../api/sources";
import { choiceOfTrack, summaryOfTrack, summaryOfUpload } from "./choice";
import { chooseSong, filterSongs } from "./home";
import { NO_SEARCH, patchSearch, useShow } from "./state";

const DEBOUNCE_MS = 250;
const SHORTEST = 2; // characters; a single one finds everything and nothing
const WAIT_S = 5; // when a limit does not say how long

let asking: AbortController | null = null;
let timer: ReturnType<typeof setTimeout> | null = null;

function stop(): void {
  asking?.abort();
  asking = null;
  if (timer) clearTimeout(timer);
  timer = null;
}

export function typeQuery(query: string): void {
  stop();
  if (query.trim().length < SHORTEST) {
    const { recent } = useShow.getState().search;
    return useShow.setState({ search: { ...NO_SEARCH, query, recent } });
  }
  patchSearch({ query, phase: "waiting", problem: null, retryS: null });
  timer = setTimeout(() => void ask(query.trim()), DEBOUNCE_MS);
}

/** Asks at once: the Enter key, a recent search, or a second try. */
export function searchNow(query: string): void {
  typeQuery(query);
  if (!timer) return;
  clearTimeout(timer);
  void ask(query.trim());
}

async function ask(query: string): Promise<void> {
  const mine = (asking = new AbortController());
  try {
    const { tracks, sources } = await searchTracks(query, mine.signal);
    if (mine === asking) patchSearch({ phase: "found", tracks, sources, problem: null, retryS: null });
  } catch (error) {
    if (mine.signal.aborted) return;
    const { code, retryAfterS } = asProblem(error);
    if (code === "busy") return askLater(query, mine, retryAfterS ?? WAIT_S);
    if (code === "offline") window.addEventListener("online", () => mine === asking && searchNow(query), { once: true });
    patchSearch({ phase: "failed", tracks: [], sources: [], problem: code, retryS: null });
  }
}

/** Too many questions: the next one is asked by itself when it is allowed. */
function askLater(query: string, mine: AbortController, waitS: number): void {
  if (mine !== asking) return;
  if (waitS <= 0) return void ask(query);
  patchSearch({ phase: "waiting", problem: "busy", retryS: waitS });
  timer = setTimeout(() => askLater(query, mine, waitS - 1), 1_000);
}

export async function loadRecent(): Promise<void> {
  try {
    patchSearch({ recent: await recentSearches() });
  } catch (error) {
    console.warn("recent searches:", asProblem(error).code); // the page lives without them
    patchSearch({ recent: useShow.getState().search.recent ?? [] });
  }
}

/** The house's own songs first, then what the search found beside them. */
export function withOwnSongs(songs: readonly SongSummary[], { query, tracks }: { query: string; tracks: readonly Track[] }): Track[] {
  const own = filterSongs(songs, query).map(trackOfSong);
  const known = new Set(own.map(({ song_id }) => song_id));
  return [...own, ...tracks.filter(({ song_id }) => song_id === null || !known.has(song_id))];
}

function trackOfSong({ id, title, artist, duration_s, cover_url }: SongSummary): Track {
  return { id: `song:${id}`, title, artist, album: null, duration_s, cover_url, source: "catalogue", song_id: id };
}

export function chooseTrack(track: Track): void {
  stop();
  const { songs } = useShow.getState();
  if (track.song_id) return chooseSong(songs?.find(({ id }) => id === track.song_id) ?? summaryOfTrack(track));
  void import("./preparing").then(({ prepare }) => prepare(summaryOfTrack(track), choiceOfTrack(track)));
}

/** A song that somebody brought is made ready like any other. */
export function bringUploaded(uploaded: Uploaded): void {
  const source = { source_id: uploaded.source_id };
  void import("./preparing").then(({ prepare }) => prepare(summaryOfUpload(uploaded), { source }));
}
