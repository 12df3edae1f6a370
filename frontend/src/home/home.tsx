import { useEffect, useState } from "react";

import type { SongSummary } from "../api/songs";
import { useTexts } from "../i18n/language";
import { chooseSong, filterSongs, loadSongs, openHistory, typeNickname } from "../show/home";
import { NICKNAME_LIMIT } from "../show/prefs";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { Cover } from "../ui/cover";
import { ScreenHeading } from "../ui/heading";
import { LanguageSwitch } from "../ui/language-switch";
import { Limelight } from "../ui/limelight";
import { Trouble } from "../ui/trouble";

export function Home() {
  const texts = useTexts();
  const { songs, songsProblem } = useShow();
  const [query, setQuery] = useState("");
  useEffect(() => void loadSongs(), []);
  const found = songs && filterSongs(songs, query);
  return (
    <Limelight>
      <main className="safe mx-auto grid max-w-6xl gap-6">
        <header className="flex items-center justify-between gap-3">
          <p className="font-display text-3xl text-gold">{texts.show.name}</p>
          <div className="flex items-center gap-2">
            <Button look="bare" onClick={openHistory}>
              {texts.home.hall}
            </Button>
            <LanguageSwitch />
          </div>
        </header>
        <div className="grid gap-2 py-2 md:py-8">
          <ScreenHeading className="md:text-8xl">{texts.home.title}</ScreenHeading>
          <p className="text-xl text-dim">{texts.show.tagline}</p>
        </div>
        <Fields query={query} onQuery={setQuery} />
        {songsProblem && (
          <Trouble words={texts.api[songsProblem]}>
            <Button onClick={() => void loadSongs()}>{texts.common.retry}</Button>
          </Trouble>
        )}
        {!found && !songsProblem && <Placeholders label={texts.common.loading} />}
        {found && <Repertoire songs={found} query={query} empty={songs.length === 0} />}
      </main>
    </Limelight>
  );
}

function Fields({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const { home } = useTexts();
  const nickname = useShow((state) => state.nickname);
  const field = "w-full rounded-full border border-edge bg-velvet/90 px-6 py-3 text-xl placeholder:text-dim";
  return (
    <div className="grid gap-3 md:grid-cols-[2fr_1fr]">
      <input
        type="search"
        aria-label={home.search}
        placeholder={home.search}
        value={query}
        onChange={(event) => onQuery(event.target.value)}
        className={field}
      />
      <input
        type="text"
        aria-label={`${home.nickname} (${home.nicknameHint})`}
        placeholder={home.nickname}
        autoComplete="nickname"
        maxLength={NICKNAME_LIMIT}
        value={nickname}
        onChange={(event) => typeNickname(event.target.value)}
        className={field}
      />
    </div>
  );
}

function Repertoire({ songs, query, empty }: { songs: SongSummary[]; query: string; empty: boolean }) {
  const { home } = useTexts();
  if (songs.length === 0)
    return (
      <div role="status" className="grid gap-2 rounded-3xl bg-velvet p-8 text-center">
        <p className="text-xl font-semibold">{empty ? home.empty : home.nothing(query)}</p>
        {empty && <p className="text-dim">{home.emptyFix}</p>}
      </div>
    );
  // The demo comes first: it is one tap away on the first visit.
  const ordered = [...songs].sort((a, b) => Number(b.source === "demo") - Number(a.source === "demo"));
  return (
    <ul aria-label={home.songs} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {ordered.map((song) => (
        <li key={song.id}>
          <SongCard song={song} />
        </li>
      ))}
    </ul>
  );
}

function SongCard({ song }: { song: SongSummary }) {
  const { home, common } = useTexts();
  const demo = song.source === "demo";
  const best = song.best && home.best(song.best.singer || home.anonymous, common.number(Math.round(song.best.total)));
  return (
    <button
      type="button"
      data-testid={`song-${song.id}`}
      onClick={() => chooseSong(song)}
      className={`group flex w-full items-center gap-4 rounded-3xl border p-3 text-left ${demo ? "border-gold bg-gold/10" : "border-transparent bg-velvet/90 hover:border-edge"}`}
    >
      <Cover song={song} className="w-24 transition-transform group-hover:-rotate-3" />
      <span className="grid min-w-0 gap-1">
        {demo && <span className="text-base font-semibold text-gold">{home.demo}</span>}
        <span className="font-display text-3xl leading-none text-balance">{song.title}</span>
        <span className="truncate text-dim">{song.artist}</span>
        <span className="text-base text-dim">
          <span aria-hidden="true" className="text-gold">★ </span>
          {best ?? home.noBest}
        </span>
      </span>
    </button>
  );
}

/** Boxes of the size of the cards, so that nothing shifts when the songs come. */
function Placeholders({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {[0, 1, 2].map((index) => (
        <div key={index} className="h-30 rounded-3xl bg-velvet/60" />
      ))}
    </div>
  );
}
