import { useMemo, useState } from "react";

import type { Track } from "../api/search";
import { chooseTrack, searchNow, typeQuery, withOwnSongs } from "../show/search";
import { useShow } from "../show/state";

export interface ResultList {
  readonly query: string;
  readonly tracks: readonly Track[];
  readonly active: number; // index of the track that the arrow keys point at; -1 = none
  type(query: string): void;
  /** What a key does in the field; true when it was one of ours. */
  key(name: string): boolean;
}

/** What was found, and which of it the keyboard points at. */
export function useResults(): ResultList {
  const search = useShow((state) => state.search);
  const songs = useShow((state) => state.songs);
  const [pointed, setPointed] = useState({ query: "", index: -1 });
  const tracks = useMemo(() => withOwnSongs(songs ?? [], search), [songs, search]);
  const { query } = search;
  const active = pointed.query === query ? Math.min(pointed.index, tracks.length - 1) : -1;
  const point = (index: number) => setPointed({ query, index });
  const keys: Record<string, () => void> = {
    ArrowDown: () => point(active + 1 < tracks.length ? active + 1 : -1),
    ArrowUp: () => point(active < 0 ? tracks.length - 1 : active - 1),
    Enter: () => {
      const track = tracks[active];
      if (track) chooseTrack(track);
      else searchNow(query);
    },
    Escape: () => (active >= 0 ? point(-1) : typeQuery("")),
  };
  const key = (name: string) => {
    const act = query.trim() === "" ? undefined : keys[name];
    act?.();
    return act !== undefined;
  };
  return { query, tracks: query.trim() === "" ? [] : tracks, active, type: typeQuery, key };
}
