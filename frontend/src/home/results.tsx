import { useEffect } from "react";

import type { Track } from "../api/search";
import { useTexts } from "../i18n/language";
import { chooseTrack, searchNow } from "../show/search";
import { useShow } from "../show/state";
import { summaryOfTrack } from "../show/choice";
import { Button } from "../ui/button";
import { Cover } from "../ui/cover";
import { Trouble } from "../ui/trouble";
import { BringOwn } from "./bring-own";
import type { ResultList } from "./use-results";

export const LIST_ID = "search-results";
export const optionId = (index: number) => `${LIST_ID}-${index}`;

const ROWS_WAITING = 5;

export function Results({ results, bring }: { results: ResultList; bring: () => void }) {
  const texts = useTexts();
  const { query, phase, problem, retryS } = useShow((state) => state.search);
  const { tracks, active } = results;
  const waiting = phase === "waiting";
  useEffect(() => {
    if (active >= 0) document.getElementById(optionId(active))?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <section aria-label={texts.search.results} aria-busy={waiting} className="grid min-h-[60dvh] content-start gap-3">
      <p role="status" className="min-h-[1.4em] text-dim">
        {waiting ? (retryS === null ? texts.search.asking : texts.search.again(texts.common.seconds(retryS))) : phase === "found" && texts.search.count(tracks.length)}
      </p>
      {phase === "failed" && problem && (
        <Trouble words={texts.api[problem]}>
          <Button onClick={() => searchNow(query)}>{texts.common.retry}</Button>
        </Trouble>
      )}
      <ul role="listbox" id={LIST_ID} aria-label={texts.search.results} className="grid gap-2 lg:grid-cols-2">
        {tracks.map((track, index) => (
          <Row key={track.id} track={track} id={optionId(index)} active={index === active} />
        ))}
      </ul>
      {waiting && <WaitingRows rows={Math.max(0, ROWS_WAITING - tracks.length)} />}
      {phase === "found" && tracks.length === 0 && (
        <div className="grid gap-2 rounded-3xl bg-velvet p-8 text-center">
          <p className="text-xl font-semibold">{texts.search.nothing(query.trim())}</p>
          <p className="text-dim">{texts.search.nothingFix}</p>
        </div>
      )}
      {phase === "found" && <WhoAnswered />}
      {!waiting && <BringOwn open={bring} />}
    </section>
  );
}

function Row({ track, id, active }: { track: Track; id: string; active: boolean }) {
  const { search } = useTexts();
  const { title, artist, duration_s, song_id, source } = track;
  return (
    <li
      role="option"
      id={id}
      aria-selected={active}
      data-testid={`track-${track.id}`}
      onClick={() => chooseTrack(track)}
      className="flex cursor-pointer items-center gap-4 rounded-3xl border border-edge/60 bg-velvet/90 p-2 pr-4 hover:border-gold aria-selected:border-gold aria-selected:bg-curtain aria-selected:outline-3 aria-selected:outline-gold"
    >
      <Cover song={summaryOfTrack(track)} className="w-18" />
      <span className="grid min-w-0 grow gap-0.5">
        <span className="truncate font-display text-2xl leading-tight">{title}</span>
        <span className="truncate text-dim">
          {artist}
          {duration_s ? ` · ${clock(duration_s)}` : ""}
        </span>
        <span className="flex items-center gap-2 truncate text-base">
          <span className="rounded-full border border-edge px-2.5 text-dim">{search.sources[source] ?? source}</span>
          {song_id && (
            <span className="truncate font-semibold text-gold">
              <span aria-hidden="true">▶ </span>
              {search.now}
            </span>
          )}
        </span>
      </span>
    </li>
  );
}

function clock(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Rows of the size of real ones, so that nothing shifts when they come. */
function WaitingRows({ rows }: { rows: number }) {
  return (
    <div aria-hidden="true" className="grid gap-2 lg:grid-cols-2">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="h-[6.4rem] animate-pulse rounded-3xl bg-velvet/60" />
      ))}
    </div>
  );
}

/** Said only where somebody did not answer. */
function WhoAnswered() {
  const { search } = useTexts();
  const sources = useShow((state) => state.search.sources);
  const failed = sources.filter(({ status }) => status === "failed").map(({ name }) => search.sources[name] ?? name);
  const others = sources.filter(({ name }) => name !== "catalogue");
  const alone = others.length > 0 && others.every(({ status }) => status === "skipped");
  if (failed.length > 0) return <p className="text-dim">{search.failed(failed.join(", "))}</p>;
  return alone ? <p className="text-dim">{search.houseOnly}</p> : null;
}
