import { useEffect, useState } from "react";

import { getHistory, HISTORY_PAGE, withOlder, type History, type PastTake } from "../api/history";
import { asProblem, type ApiCode } from "../api/problem";
import { useLanguage, useTexts } from "../i18n/language";
import { goHome } from "../show/performing";
import { useShow } from "../show/state";
import { Booth } from "../ui/booth";
import { Button } from "../ui/button";
import { Curve } from "../ui/curve";
import { ScreenHeading } from "../ui/heading";
import { PERSONAS } from "../ui/juror-face";
import { LanguageSwitch } from "../ui/language-switch";
import { Limelight } from "../ui/limelight";
import { Trouble } from "../ui/trouble";

interface Loaded {
  songId: string | null;
  history: History | null;
  problem: ApiCode | null;
  /** The `sung_at` from which older takes can be asked for; null at the end. */
  before: string | null;
}

function pageEnd({ takes }: History): string | null {
  return takes.length < HISTORY_PAGE ? null : (takes.at(-1)?.sung_at ?? null);
}

function useHistoryOf(songId: string | null): { loaded: Loaded | null; older: () => void } {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    let current = true;
    getHistory(songId).then(
      (history) => current && setLoaded({ songId, history, problem: null, before: pageEnd(history) }),
      (error: unknown) => current && setLoaded({ songId, history: null, problem: asProblem(error).code, before: null }),
    );
    return () => {
      current = false;
    };
  }, [songId]);
  const older = () => {
    const asked = loaded?.before;
    if (!asked) return;
    // An answer that comes after the song was changed, or twice, belongs to nobody any more.
    const follow = (change: (now: Loaded) => Loaded) =>
      setLoaded((now) => (now?.songId === songId && now.before === asked ? change(now) : now));
    getHistory(songId, asked).then(
      (page) => follow((now) => ({ ...now, history: withOlder(now.history, page), problem: null, before: pageEnd(page) })),
      (error: unknown) => follow((now) => ({ ...now, problem: asProblem(error).code })),
    );
  };
  return { loaded, older };
}

export function HistoryScreen() {
  const texts = useTexts();
  const songs = useShow((state) => state.songs) ?? [];
  const [songId, setSongId] = useState<string | null>(null);
  const { loaded, older } = useHistoryOf(songId);
  return (
    <Limelight>
      <main className="safe mx-auto grid min-h-dvh max-w-4xl content-start gap-6">
        <header className="flex items-center justify-between">
          <Button look="bare" onClick={goHome}>
            ← {texts.common.back}
          </Button>
          <LanguageSwitch />
        </header>
        <ScreenHeading>{texts.history.title}</ScreenHeading>
        <div role="group" aria-label={texts.home.songs} className="flex gap-2 overflow-x-auto p-1">
          <Filter chosen={songId === null} onChoose={() => setSongId(null)} words={texts.history.all} />
          {songs.map(({ id, title }) => (
            <Filter key={id} chosen={songId === id} onChoose={() => setSongId(id)} words={title} />
          ))}
        </div>
        {loaded?.history && <Past history={loaded.history} />}
        {loaded?.problem && <Trouble words={texts.api[loaded.problem]} />}
        {loaded?.before && (
          <Button onClick={older} className="justify-self-center">
            {texts.history.older}
          </Button>
        )}
      </main>
    </Limelight>
  );
}

function Filter({ chosen, onChoose, words }: { chosen: boolean; onChoose: () => void; words: string }) {
  return (
    <Button aria-pressed={chosen} onClick={onChoose} className="shrink-0 aria-pressed:border-gold aria-pressed:text-gold">
      {words}
    </Button>
  );
}

function Past({ history }: { history: History }) {
  const texts = useTexts();
  const { takes, leaderboard } = history;
  if (takes.length === 0) return <Nobody />;
  return (
    <>
      {leaderboard.length > 0 && (
        <section className="grid gap-3">
          <h2 className="text-4xl text-gold">{texts.history.leaderboard}</h2>
          <ol className="grid gap-2">
            {leaderboard.map(({ rank, singer, total, sung_at }) => (
              <li key={`${rank}-${sung_at}`} className="grid grid-cols-[3rem_1fr_auto] items-center rounded-2xl bg-velvet px-4 py-2">
                <span className="font-display text-3xl text-gold">{rank}</span>
                <span className="truncate">{singer || texts.home.anonymous}</span>
                <span className="font-display text-3xl tabular-nums">{Math.round(total)}</span>
              </li>
            ))}
          </ol>
        </section>
      )}
      <section className="grid gap-3">
        <h2 className="text-4xl">{texts.history.takes}</h2>
        <ul className="grid gap-3 sm:grid-cols-2">
          {takes.map((take) => (
            <TakeCard key={take.take_id} take={take} />
          ))}
        </ul>
      </section>
    </>
  );
}

/** The desks stand ready, the stage is free. */
function Nobody() {
  const { history } = useTexts();
  return (
    <div role="status" className="grid justify-items-center gap-6 py-6 text-center">
      <div className="grid w-full max-w-md grid-cols-3 gap-2">
        {PERSONAS.map((persona) => (
          <Booth key={persona} persona={persona} light="off" />
        ))}
      </div>
      <p className="text-2xl text-balance">{history.empty}</p>
      <Button look="gold" onClick={goHome}>
        {history.dare}
      </Button>
    </div>
  );
}

function TakeCard({ take }: { take: PastTake }) {
  const texts = useTexts();
  const language = useLanguage((state) => state.language);
  const sungAt = new Date(take.sung_at).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  const dots = take.curve.map(({ song_s, sung_midi, written_midi }) => ({ songS: song_s, sungMidi: sung_midi, writtenMidi: written_midi }));
  return (
    <li className="grid gap-2 rounded-3xl bg-velvet p-4">
      <div className="flex items-baseline justify-between gap-3">
        <h3 className="text-2xl">{take.title}</h3>
        <span className="font-display text-4xl text-gold tabular-nums">
          {take.total === null ? texts.stage.noScore : Math.round(take.total)}
        </span>
      </div>
      {dots.length > 1 && <Curve dots={dots} label={texts.history.curve} height={90} className="h-16 w-full" />}
      <p className="text-base text-dim">
        {take.singer || texts.home.anonymous} · {sungAt}
      </p>
    </li>
  );
}
