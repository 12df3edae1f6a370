import { useState } from "react";

import type { Verdict as Judgement } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { goHome, singAgain } from "../show/performing";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { ScreenHeading } from "../ui/heading";
import { Limelight } from "../ui/limelight";
import { useReducedMotion } from "../ui/motion";
import { FinePrint } from "./fine-print";
import { Jury } from "./jury";
import { useReveal } from "./reveal";
import { Parts, Total } from "./score";
import { SongCurve } from "./song-curve";

export function VerdictScreen() {
  const verdict = useShow((state) => state.verdict);
  return verdict && <Evening verdict={verdict} />;
}

function Evening({ verdict }: { verdict: Judgement }) {
  const texts = useTexts();
  const song = useShow((state) => state.song);
  const atOnce = useReducedMotion();
  const reveal = useReveal(verdict.jury.length, atOnce);
  return (
    <Limelight still={reveal.totalOut}>
      <main data-testid="verdict" className="safe mx-auto grid max-w-5xl gap-8">
        <header className="flex items-end justify-between gap-4 pt-4">
          <div>
            <ScreenHeading>{texts.verdict.title}</ScreenHeading>
            <p className="text-dim">
              {song?.title} · {song?.artist}
            </p>
          </div>
          {!reveal.totalOut && (
            <Button look="bare" onClick={reveal.skip}>
              {texts.verdict.skip}
            </Button>
          )}
        </header>
        <Jury jury={verdict.jury} shown={reveal.shown} />
        <Total verdict={verdict} out={reveal.totalOut} atOnce={atOnce} />
        <Actions verdict={verdict} title={song?.title ?? ""} />
        {reveal.totalOut && (
          <>
            <Parts verdict={verdict} />
            <SongCurve verdict={verdict} />
            <FinePrint verdict={verdict} />
          </>
        )}
      </main>
    </Limelight>
  );
}

function Actions({ verdict, title }: { verdict: Judgement; title: string }) {
  const { verdict: texts } = useTexts();
  return (
    <div className="flex flex-wrap justify-center gap-3">
      <Button look="gold" data-testid="sing-again" onClick={singAgain}>
        {texts.again}
      </Button>
      <Button onClick={goHome}>{texts.other}</Button>
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
  return <Button onClick={() => void share()}>{copied ? texts.copied : texts.share}</Button>;
}
