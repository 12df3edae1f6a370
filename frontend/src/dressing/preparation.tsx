import { useEffect, useState } from "react";

import type { ApiCode } from "../api/problem";
import type { PrepareStage } from "../i18n/kinds";
import { useTexts } from "../i18n/language";
import { goHome } from "../show/performing";
import { prepareAgain } from "../show/preparing";
import { roundedLeft } from "../show/preparation-words";
import { useShow, type Preparing } from "../show/state";
import { Button } from "../ui/button";
import { Trouble } from "../ui/trouble";
import { ConfidenceWords } from "./confidence";

const STEPS = ["download", "decode", "separate", "pitch", "words", "store"] as const;
const SLOW_MS = 30_000; // without any news

/** The way of a song that the house does not have yet: where it is, how long it still takes, what else there is. */
export function Preparation({ chooseSource }: { chooseSource: () => void }) {
  const { preparing: texts } = useTexts();
  const preparing = useShow((state) => state.preparing);
  if (!preparing) return null;
  return (
    <section aria-label={texts.label} data-testid="preparation" data-phase={preparing.phase} className={`grid gap-3 ${preparing.phase === "failed" ? "" : "rounded-3xl bg-velvet p-5"}`}>
      {preparing.phase === "failed" && preparing.problem ? (
        <Failed problem={preparing.problem} chooseSource={chooseSource} />
      ) : preparing.phase === "ready" ? (
        <Ready chooseSource={chooseSource} />
      ) : (
        <UnderWay preparing={preparing} chooseSource={chooseSource} />
      )}
    </section>
  );
}

function UnderWay({ preparing, chooseSource }: { preparing: Preparing; chooseSource: () => void }) {
  const { preparing: texts } = useTexts();
  const { progress, phase } = preparing;
  const stage = progress?.stage as PrepareStage | undefined;
  return (
    <>
      <h2 className="text-4xl">{texts.title}</h2>
      <p role="status" data-testid="preparation-stage" data-stage={stage} className="min-h-[2.8em] text-xl leading-snug sm:min-h-[1.4em]">
        {(stage && texts.stages[stage]) || texts.asking}
      </p>
      <HowFar fraction={progress?.fraction ?? 0} leftS={progress?.left_s ?? null} />
      <Steps stage={stage} />
      <Hindrance preparing={preparing} />
      {phase === "preparing" && <OtherSource choose={chooseSource} />}
    </>
  );
}

function HowFar({ fraction, leftS }: { fraction: number; leftS: number | null }) {
  const { preparing: texts } = useTexts();
  const time = leftS === null ? null : roundedLeft(leftS);
  const words = time ? texts.left(time.minutes, time.seconds) : texts.leftUnknown;
  const percent = Math.round(fraction * 100);
  return (
    <>
      <div role="progressbar" aria-label={texts.label} aria-valuenow={percent} aria-valuetext={`${percent} %, ${words}`} className="h-3 overflow-hidden rounded-full bg-curtain">
        <div className="h-full origin-left bg-gold transition-transform duration-500" style={{ transform: `scaleX(${percent / 100})` }} />
      </div>
      <p className="text-dim">{words}</p>
    </>
  );
}

/** What keeps it waiting, where anything does; and that nobody has to stay with it. */
function Hindrance({ preparing: { progress, reached, problem, retryS } }: { preparing: Preparing }) {
  const { preparing: texts, api, common, dressing } = useTexts();
  const slow = useSlow(progress?.fraction);
  if (problem)
    return (
      <Trouble words={api[problem]}>
        {retryS !== null && <p className="font-semibold">{dressing.retryIn(common.seconds(retryS))}</p>}
      </Trouble>
    );
  if (!reached) return <p className="font-semibold text-near">{texts.lost}</p>;
  return slow ? <p className="font-semibold text-near">{texts.slow}</p> : <p className="text-dim">{texts.leave}</p>;
}

function OtherSource({ choose }: { choose: () => void }) {
  const { preparing: texts } = useTexts();
  return (
    <Button look="bare" data-testid="other-source" onClick={choose} className="justify-self-start !px-0 underline underline-offset-4">
      {texts.other}
    </Button>
  );
}

/** Whether nothing has moved for long. */
function useSlow(fraction: number | undefined): boolean {
  const [slowAt, setSlowAt] = useState<number | undefined | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSlowAt(fraction), SLOW_MS);
    return () => clearTimeout(timer);
  }, [fraction]);
  return slowAt !== null && slowAt === fraction;
}

function Steps({ stage }: { stage: PrepareStage | undefined }) {
  const { preparing: texts } = useTexts();
  const now = STEPS.findIndex((step) => step === stage);
  return (
    <ol className="grid grid-cols-6 gap-1">
      {STEPS.map((step, index) => (
        <li key={step} aria-current={index === now ? "step" : undefined} className="grid justify-items-center gap-1 text-center text-base leading-tight text-dim aria-[current]:font-semibold aria-[current]:text-gold">
          <span aria-hidden="true" className={`grid size-7 place-items-center rounded-full border-2 text-sm ${index < now ? "border-gold bg-gold text-night" : index === now ? "border-gold" : "border-edge"}`}>
            {index < now ? "✓" : index + 1}
          </span>
          <span className="max-sm:sr-only">{texts.steps[step]}</span>
        </li>
      ))}
    </ol>
  );
}

function Ready({ chooseSource }: { chooseSource: () => void }) {
  const { preparing: texts } = useTexts();
  const confidence = useShow((state) => state.confidence);
  return (
    <>
      <p role="status" className="text-xl font-semibold">
        <span aria-hidden="true" className="text-gold">✓ </span>
        {texts.ready}
      </p>
      {confidence && <ConfidenceWords overall={confidence.overall} remarks={confidence.remarks} />}
      <OtherSource choose={chooseSource} />
    </>
  );
}

/** What helps after each failure, the most promising first. */
type Remedy = "retry" | "source" | "home";
const REMEDIES: Partial<Record<ApiCode, readonly Remedy[]>> = {
  "no-network": ["retry", "source"],
  "service-failed": ["retry", "source"],
  "disk-full": ["retry", "home"],
  "separation-missing": ["source", "home"],
  "no-track": ["home", "source"],
  "unknown-song": ["home"],
  "no-source": ["source", "home"],
  offline: ["retry", "home"],
  unexpected: ["retry", "source"],
};

function Failed({ problem, chooseSource }: { problem: ApiCode; chooseSource: () => void }) {
  const { api, preparing: texts } = useTexts();
  const remedies = REMEDIES[problem] ?? ["source", "retry"];
  const acts: Record<Remedy, () => void> = { retry: prepareAgain, source: chooseSource, home: goHome };
  const words: Record<Remedy, string> = { retry: texts.retry, source: texts.other, home: texts.search };
  return (
    <Trouble words={api[problem]}>
      <div className="flex flex-wrap gap-2">
        {remedies.map((remedy, index) => (
          <Button key={remedy} data-testid={remedy === "source" ? "other-source" : remedy} onClick={acts[remedy]} look={index === 0 ? "quiet" : "bare"} className={index === 0 ? "!border-gold" : ""}>
            {words[remedy]}
          </Button>
        ))}
      </div>
    </Trouble>
  );
}
