import { lazy, Suspense, useEffect, useState } from "react";

import { useTexts } from "../i18n/language";
import { loadAbilities } from "../show/abilities";
import { loadSongs, openHistory } from "../show/home";
import { bringUploaded, loadRecent } from "../show/search";
import { useShow } from "../show/state";
import { Booth } from "../ui/booth";
import { Button } from "../ui/button";
import { DropZone } from "../ui/drop-zone";
import { ScreenHeading } from "../ui/heading";
import { PERSONAS } from "../ui/juror-face";
import { LanguageSwitch } from "../ui/language-switch";
import { Limelight } from "../ui/limelight";
import { Trouble } from "../ui/trouble";
import { AbilitiesNote } from "./abilities-note";
import { BringOwn } from "./bring-own";
import { Recent } from "./recent";
import { Placeholders, Repertoire } from "./repertoire";
import { Results } from "./results";
import { SearchField } from "./search-field";
import { useResults } from "./use-results";

const Bring = lazy(() => import("../ui/bring/bring").then(({ Bring }) => ({ default: Bring })));

export function Home() {
  const texts = useTexts();
  const [brought, setBrought] = useState<readonly File[] | null>(null);
  const results = useResults();
  useEffect(() => {
    void loadSongs();
    void loadRecent();
    void loadAbilities();
  }, []);
  const searching = results.query.trim() !== "";
  return (
    <Limelight>
      <main className="safe mx-auto grid max-w-6xl grid-cols-[minmax(0,1fr)] content-start gap-5">
        <header className="flex items-center justify-between gap-3">
          <p className="font-display text-3xl text-gold">{texts.show.name}</p>
          <div className="flex items-center gap-2">
            <Button look="bare" onClick={openHistory}>
              {texts.home.hall}
            </Button>
            <LanguageSwitch />
          </div>
        </header>
        <Jury small={searching} />
        <SearchField results={results} />
        {searching ? (
          <Results results={results} bring={() => setBrought([])} />
        ) : (
          <>
            <Recent />
            <House />
            <BringOwn open={() => setBrought([])} />
            <AbilitiesNote />
          </>
        )}
      </main>
      {!brought && <DropZone dropped={setBrought} />}
      {brought && (
        <Suspense fallback={null}>
          <Bring files={brought} done={bringUploaded} close={() => setBrought(null)} />
        </Suspense>
      )}
    </Limelight>
  );
}

/** Who waits for the song; on a small screen they make room for what was found. */
function Jury({ small }: { small: boolean }) {
  const texts = useTexts();
  return (
    <div className={`items-end gap-4 sm:grid-cols-[1fr_auto] md:py-4 ${small ? "hidden lg:grid" : "grid"}`}>
      <div className="grid grid-cols-3 gap-2 sm:order-2 sm:w-72 lg:w-[27rem] lg:gap-3">
        {PERSONAS.map((persona) => (
          <Booth key={persona} persona={persona} light="off" className="booth-lit" />
        ))}
      </div>
      <div className="grid gap-1">
        <ScreenHeading className="text-[3.5rem] sm:text-6xl lg:text-8xl">{texts.home.title}</ScreenHeading>
        <p className="text-xl text-dim">{texts.show.tagline}</p>
      </div>
    </div>
  );
}

function House() {
  const texts = useTexts();
  const songs = useShow((state) => state.songs);
  const problem = useShow((state) => state.songsProblem);
  const settled = useShow((state) => state.search.recent !== null); // what stands above the songs: nothing shifts them later
  return (
    <>
      {problem && (
        <Trouble words={texts.api[problem]}>
          <Button onClick={() => void loadSongs()}>{texts.common.retry}</Button>
        </Trouble>
      )}
      {!(songs && settled) && !problem && <Placeholders label={texts.common.loading} />}
      {songs && settled && <Repertoire songs={songs} />}
    </>
  );
}
