import type { SongSummary } from "../api/songs";
import { useTexts } from "../i18n/language";
import { chooseSong } from "../show/home";
import { Cover } from "../ui/cover";

/** The songs of the house. */
export function Repertoire({ songs }: { songs: readonly SongSummary[] }) {
  const { home } = useTexts();
  if (songs.length === 0)
    return (
      <div role="status" className="grid gap-2 rounded-3xl bg-velvet p-8 text-center">
        <p className="text-xl font-semibold">{home.empty}</p>
        <p className="text-dim">{home.emptyFix}</p>
      </div>
    );
  // The demo comes first: it is one tap away on the first visit.
  const ordered = [...songs].sort((a, b) => Number(b.source === "demo") - Number(a.source === "demo"));
  return (
    <ul aria-label={home.songs} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {ordered.map((song) => (
        <li key={song.id} className={song.source === "demo" ? "col-span-full" : ""}>
          {song.source === "demo" ? <Headliner song={song} /> : <SongCard song={song} />}
        </li>
      ))}
    </ul>
  );
}

function useRecord(song: SongSummary): string {
  const { home, common } = useTexts();
  return song.best ? home.best(song.best.singer || home.anonymous, common.number(Math.round(song.best.total))) : home.noBest;
}

/** The demo as tonight's poster: one tap from the first visit to the first note. */
function Headliner({ song }: { song: SongSummary }) {
  const { home } = useTexts();
  const record = useRecord(song);
  return (
    <button type="button" data-testid={`song-${song.id}`} onClick={() => chooseSong(song)} className="headliner group">
      <Cover song={song} className="headliner-cover" />
      <span className="relative grid min-w-0 content-end gap-1 p-4 text-left md:p-6">
        <span className="text-lg font-semibold text-gold">{home.demo}</span>
        <span className="font-display text-5xl leading-[0.9] text-balance md:text-7xl">{song.title}</span>
        <span className="mt-2 flex flex-wrap items-center gap-x-5 gap-y-2">
          <span className="rounded-full bg-gold px-6 py-2 font-display text-3xl leading-none text-night group-hover:brightness-110">
            ▶ {home.sing}
          </span>
          <span>
            <span aria-hidden="true" className="text-gold">★ </span>
            {record}
          </span>
        </span>
      </span>
    </button>
  );
}

function SongCard({ song }: { song: SongSummary }) {
  const record = useRecord(song);
  return (
    <button
      type="button"
      data-testid={`song-${song.id}`}
      onClick={() => chooseSong(song)}
      className="group flex w-full items-center gap-4 rounded-3xl border border-edge/60 bg-velvet/90 p-3 text-left hover:border-gold"
    >
      <Cover song={song} className="w-24 transition-transform group-hover:-rotate-3" />
      <span className="grid min-w-0 gap-1">
        <span className="font-display text-3xl leading-none text-balance">{song.title}</span>
        <span className="truncate text-dim">{song.artist}</span>
        <span className="text-base text-dim">
          <span aria-hidden="true" className="text-gold">★ </span>
          {record}
        </span>
      </span>
    </button>
  );
}

/** Boxes of the size of the cards, so that nothing shifts when the songs come. */
export function Placeholders({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3">
      {[0, 1, 2].map((index) => (
        <div key={index} className={`rounded-3xl bg-velvet/60 ${index === 0 ? "col-span-full h-64" : "h-30"}`} />
      ))}
    </div>
  );
}
