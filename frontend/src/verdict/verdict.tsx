import { lazy, Suspense, useState } from "react";

import type { Verdict as Judgement } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { inOrder } from "../show/jurors";
import { goHome, singAgain } from "../show/performing";
import { revealAll, useReveal } from "../show/reveal";
import { useShow } from "../show/state";
import { Floor, Panel } from "../ui/bench";
import { Button } from "../ui/button";
import { ScreenHeading } from "../ui/heading";
import { Limelight } from "../ui/limelight";
import { useReducedMotion } from "../ui/motion";
import { Comments } from "./comments";
import { FinePrint } from "./fine-print";
import { golden, Parts, Total } from "./score";
import { SongCurve } from "./song-curve";
import { TechniqueCard } from "./technique-card";
import { Trust } from "./trust";

const Studio = lazy(() => import("../studio/studio").then(({ Studio }) => ({ default: Studio })));

export function VerdictScreen() {
  const verdict = useShow((state) => state.verdict);
  return verdict && <Evening verdict={verdict} />;
}

function Evening({ verdict }: { verdict: Judgement }) {
  const texts = useTexts();
  const song = useShow((state) => state.song);
  const atOnce = useReducedMotion();
  const heard = useShow((state) => state.deliberation.jurors);
  const scene = useReveal(inOrder(verdict.jury, heard), true, atOnce);
  return (
    <Limelight still={scene.over && !golden(verdict)}>
      <main data-testid="verdict" className="safe mx-auto grid max-w-5xl gap-6">
        <header className="flex min-h-16 items-center justify-between gap-4">
          <div className="min-w-0">
            <ScreenHeading>{texts.verdict.title}</ScreenHeading>
            <p className="truncate text-dim">
              {song?.title} · {song?.artist}
            </p>
          </div>
          {!scene.over && (
            <Button look="bare" onClick={revealAll} className="shrink-0">
              {texts.verdict.skip}
            </Button>
          )}
        </header>
        <div className="grid gap-6 landscape:max-lg:grid-cols-2 landscape:max-lg:items-center">
          <Panel jury={verdict.jury} scene={scene} />
          <section className="grid min-h-72 *:[grid-area:1/1] landscape:max-lg:min-h-60">
            <Total verdict={verdict} out={scene.over} atOnce={atOnce} />
            {!scene.over && <Floor scene={scene} />}
          </section>
        </div>
        <Actions verdict={verdict} title={song?.title ?? ""} out={scene.over} />
        {scene.over && (
          <>
            <Comments jury={verdict.jury} />
            <Parts verdict={verdict} />
            <TechniqueCard verdict={verdict} />
            <SongCurve verdict={verdict} />
            <StudioDoor />
            <Trust verdict={verdict} />
            <FinePrint verdict={verdict} />
          </>
        )}
      </main>
    </Limelight>
  );
}

/** Opened by a tap: the recordings are fetched only for who wants to hear them. */
function StudioDoor() {
  const { studio } = useTexts();
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <Button data-testid="studio-door" onClick={() => setOpen(true)} className="justify-self-center">
        {studio.open}
      </Button>
    );
  }
  return (
    <Suspense fallback={<p role="status">{studio.loading}</p>}>
      <Studio />
    </Suspense>
  );
}

/** Always within reach; they step forward once the total is out. */
function Actions({ verdict, title, out }: { verdict: Judgement; title: string; out: boolean }) {
  const { verdict: texts } = useTexts();
  return (
    <div className="mx-auto flex w-full max-w-lg flex-wrap justify-center gap-3">
      <Button look={out ? "gold" : "quiet"} data-testid="sing-again" onClick={singAgain} className="w-full">
        {texts.again}
      </Button>
      <Button onClick={goHome} className="flex-1">
        {texts.other}
      </Button>
      {verdict.total !== undefined && <Share verdict={verdict} title={title} />}
    </div>
  );
}

function Share({ verdict, title }: { verdict: Judgement; title: string }) {
  const { verdict: texts } = useTexts();
  const [copied, setCopied] = useState(false);
  const yes = verdict.jury.filter(({ vote }) => vote).length;
  const share = async () => {
    const text = texts.shareText(title, String(Math.round(verdict.total ?? 0)), yes);
    try {
      if ("share" in navigator) await navigator.share({ text });
      else {
        await (navigator as Navigator).clipboard.writeText(text);
        setCopied(true);
      }
    } catch (error) {
      // Closing the share sheet is no trouble; anything else leaves the button as it was.
      console.warn("share:", (error as Error).name);
    }
  };
  return (
    <Button onClick={() => void share()} className="flex-1">
      {copied ? texts.copied : texts.share}
    </Button>
  );
}
