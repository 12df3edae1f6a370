/** What was chosen to be sung, as the rest of the show needs it. */

import { coverPath, type Track } from "../api/search";
import type { Choice, SessionRequest, Wishes } from "../api/session";
import type { SungSong } from "../api/song";
import type { SongSummary } from "../api/songs";
import type { Uploaded } from "../api/sources";
import { useLanguage } from "../i18n/language";
import { useShow } from "./state";

const UNKNOWN = { language: "", guide_url: null, best: null };

export function summaryOfTrack(track: Track): SongSummary {
  const { title, artist, duration_s, source, song_id } = track;
  return { ...UNKNOWN, id: song_id ?? track.id, title, artist, duration_s: duration_s ?? 0, source, cover_url: coverPath(track) };
}

export function summaryOfUpload({ source_id, title, artist, duration_s }: Uploaded): SongSummary {
  return { ...UNKNOWN, id: source_id, title, artist, duration_s: duration_s ?? 0, source: "upload", cover_url: null };
}

/** The prepared song; the picture that the search showed stays where the song has none. */
export function summaryOfPrepared({ song, guide, coverUrl }: SungSong, before: SongSummary | null): SongSummary {
  const { id, title, artist, language, durationS, source } = song;
  const cover_url = coverUrl ?? before?.cover_url ?? null;
  return { id, title, artist, language, duration_s: durationS, source, cover_url, guide_url: guide?.url ?? null, best: before?.best ?? null };
}

export function choiceOfTrack({ id, title, artist, duration_s, song_id }: Track): Choice {
  if (song_id) return { song_id };
  return { track: { id, title, artist, ...(duration_s ? { duration_s } : {}) } };
}

/** How the singer wants it right now. */
export function wishesNow(): Wishes {
  const { nickname, level, forChildren, keyShiftSemitones, tempo } = useShow.getState();
  const singer = nickname.trim();
  return {
    ...(singer ? { singer } : {}),
    level,
    language: useLanguage.getState().language,
    ...(keyShiftSemitones !== 0 ? { key_shift_semitones: keyShiftSemitones } : {}),
    ...(tempo !== 1 ? { tempo } : {}),
    ...(forChildren ? { for_children: true as const } : {}),
  };
}

const WISHES = ["singer", "level", "language", "key_shift_semitones", "tempo", "for_children"] as const;

export function fits(request: SessionRequest, wishes: Wishes): boolean {
  return WISHES.every((wish) => request[wish] === wishes[wish]);
}
