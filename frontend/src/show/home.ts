import { asProblem } from "../api/problem";
import type { SingingLevel } from "../api/session";
import { listSongs, type SongSummary } from "../api/songs";
import { rememberForChildren, rememberNickname, trimNickname } from "./prefs";
import { BEFORE_CHECK, useShow } from "./state";

export async function loadSongs(): Promise<void> {
  try {
    useShow.setState({ songs: await listSongs(), songsProblem: null });
  } catch (error) {
    useShow.setState({ songsProblem: asProblem(error).code });
  }
}

export function chooseSong(song: SongSummary): void {
  const choice = { song_id: song.id };
  useShow.setState({ song, choice, trackId: null, keyShiftSemitones: 0, tempo: 1, preparing: null, confidence: null, screen: "dressing", dressing: BEFORE_CHECK });
}

export function chooseLevel(level: SingingLevel): void {
  useShow.setState({ level });
}

export function chooseForChildren(forChildren: boolean): void {
  rememberForChildren(forChildren);
  useShow.setState({ forChildren });
}

export function typeNickname(typed: string): void {
  const nickname = trimNickname(typed);
  rememberNickname(nickname);
  useShow.setState({ nickname });
}

export function openHistory(): void {
  useShow.setState({ screen: "history" });
}

function folded(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}

/** Songs whose title or artist holds every typed word, accents and case aside. */
export function filterSongs(songs: readonly SongSummary[], query: string): SongSummary[] {
  const words = folded(query).split(/\s+/).filter(Boolean);
  return songs.filter(({ title, artist }) => {
    const text = folded(`${title} ${artist}`);
    return words.every((word) => text.includes(word));
  });
}
