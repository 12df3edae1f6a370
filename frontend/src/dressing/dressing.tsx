import { lazy, Suspense, useState } from "react";

import { useTexts } from "../i18n/language";
import { chooseForChildren, chooseLevel, typeNickname } from "../show/home";
import { checkMic, goHome, startSong } from "../show/performing";
import { NICKNAME_LIMIT } from "../show/prefs";
import { answerHeadphones } from "../show/rehearsal";
import { useShow } from "../show/state";
import { Button } from "../ui/button";
import { Cover } from "../ui/cover";
import { GuideVolume } from "../ui/guide-volume";
import { ScreenHeading } from "../ui/heading";
import { JurorFace, PERSONAS } from "../ui/juror-face";
import { LanguageSwitch } from "../ui/language-switch";
import { Limelight } from "../ui/limelight";
import { Trouble } from "../ui/trouble";
import { Granted } from "./granted";
import { KeyTempo } from "./key-tempo";
import { Meter } from "./meter";
import { Preparation } from "./preparation";
import { WordsRehearsal } from "./words-rehearsal";

const SourcePicker = lazy(() => import("./source-picker").then(({ SourcePicker }) => ({ default: SourcePicker })));

export function Dressing() {
  const texts = useTexts();
  const song = useShow((state) => state.song);
  const mic = useShow((state) => state.dressing.mic);
  const [picking, setPicking] = useState(false);
  return (
    <Limelight>
      <main className="safe mx-auto flex min-h-dvh max-w-3xl flex-col gap-5">
        <header className="flex items-center justify-between">
          <Button look="bare" onClick={goHome}>
            ← {texts.common.back}
          </Button>
          <LanguageSwitch />
        </header>
        <div className="flex items-center gap-4">
          {song && <Cover song={song} className="w-20 lg:w-32" />}
          <div className="grid gap-1">
            <ScreenHeading>{texts.dressing.title}</ScreenHeading>
            <p className="text-dim">
              {[song?.title, song?.artist].filter(Boolean).join(" · ")}
            </p>
          </div>
        </div>
        <Preparation chooseSource={() => setPicking(true)} />
        {mic === "granted" ? <SoundCheck /> : <BeforeCheck />}
      </main>
      {picking && (
        <Suspense fallback={null}>
          <SourcePicker close={() => setPicking(false)} />
        </Suspense>
      )}
    </Limelight>
  );
}

function BeforeCheck() {
  const texts = useTexts();
  const { mic, micProblem, problem } = useShow((state) => state.dressing);
  const underWay = useShow(({ preparing }) => preparing?.phase === "asking" || preparing?.phase === "preparing");
  return (
    <>
      <p className="text-xl">{underWay ? texts.preparing.meanwhile : texts.dressing.intro}</p>
      <StageName />
      <LevelChoice />
      <ForChildren />
      <KeyTempo />
      {micProblem && <Trouble words={texts.mic[micProblem]} />}
      {problem && <Trouble words={texts.api[problem]} />}
      <div className="door">
        <Button look="gold" data-testid="mic-check" onClick={() => void checkMic()} className="w-full max-w-md">
          {mic === "asking" && !problem ? texts.dressing.checking : micProblem || problem ? texts.common.retry : texts.dressing.check}
        </Button>
      </div>
    </>
  );
}

function StageName() {
  const { home } = useTexts();
  const nickname = useShow((state) => state.nickname);
  return (
    <label className="grid gap-2">
      <span className="text-dim">
        {home.nickname} <span className="text-base">({home.nicknameHint})</span>
      </span>
      <input
        type="text"
        autoComplete="nickname"
        maxLength={NICKNAME_LIMIT}
        value={nickname}
        onChange={(event) => typeNickname(event.target.value)}
        className="w-full rounded-2xl border border-edge bg-velvet/90 px-5 py-3 text-xl"
      />
    </label>
  );
}

/** Each level with as many buzzers as it is hard. */
const BUZZERS = { kind: 1, normal: 2, strict: 3 };
const HUMOUR = { kind: "yes", normal: "thinking", strict: "no" } as const;

function LevelChoice() {
  const { dressing } = useTexts();
  const chosen = useShow((state) => state.level);
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-2 text-dim">{dressing.level}</legend>
      <div aria-hidden="true" className="flex justify-center gap-3 landscape:max-lg:hidden">
        {PERSONAS.map((persona) => (
          <JurorFace key={persona} persona={persona} mood={HUMOUR[chosen]} className="w-24 md:w-32" />
        ))}
      </div>
      <div className="grid grid-cols-3 gap-2">
        {(["kind", "normal", "strict"] as const).map((level) => (
          <label
            key={level}
            className="grid min-h-20 place-items-center content-center gap-1 rounded-2xl border-2 border-edge bg-velvet px-2 text-center font-semibold has-checked:border-gold has-checked:bg-gold/15 has-checked:text-gold has-focus-visible:outline-3 has-focus-visible:outline-offset-3 has-focus-visible:outline-gold"
          >
            <input
              type="radio"
              name="level"
              className="sr-only"
              checked={chosen === level}
              onChange={() => chooseLevel(level)}
            />
            <span aria-hidden="true" className="text-xl leading-none tracking-widest">
              {"●".repeat(BUZZERS[level])}
            </span>
            {dressing.levels[level]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function ForChildren() {
  const { children } = useTexts().dressing;
  const chosen = useShow((state) => state.forChildren);
  return (
    <label className="-mt-2 flex min-h-12 items-center gap-3 self-start rounded-full pr-4 has-focus-visible:outline-3 has-focus-visible:outline-offset-3 has-focus-visible:outline-gold">
      <input
        type="checkbox"
        data-testid="for-children"
        checked={chosen}
        onChange={(event) => chooseForChildren(event.target.checked)}
        className="size-6 shrink-0 accent-gold focus-visible:outline-none"
      />
      <span className="leading-tight">
        <span className="font-semibold">{children.label}</span>
        <span className="block text-base text-dim">{children.hint}</span>
      </span>
    </label>
  );
}

function SoundCheck() {
  const texts = useTexts();
  const { report, headphones, problem, retryS } = useShow((state) => state.dressing);
  return (
    <>
      {problem && (
        <Trouble words={texts.api[problem]}>
          {retryS === null ? (
            <Button onClick={() => void checkMic()}>{texts.common.retry}</Button>
          ) : (
            <p className="font-semibold">{texts.dressing.retryIn(texts.common.seconds(retryS))}</p>
          )}
        </Trouble>
      )}
      <Meter />
      <Headphones />
      {headphones === false && <p className="text-dim">{texts.dressing.noHeadphones}</p>}
      <GuideVolume />
      <WordsRehearsal />
      {report && <Granted report={report} />}
      <Entrance />
    </>
  );
}

function Headphones() {
  const { dressing } = useTexts();
  const answer = useShow((state) => state.dressing.headphones);
  const choice = "aria-pressed:border-gold aria-pressed:text-gold";
  return (
    <section className="grid gap-2">
      <h2 className="text-3xl">{dressing.headphones}</h2>
      <p className="text-dim">{dressing.headphonesWhy}</p>
      <div className="grid grid-cols-2 gap-2">
        <Button data-testid="headphones-yes" aria-pressed={answer === true} className={choice} onClick={() => answerHeadphones(true)}>
          {dressing.yes}
        </Button>
        <Button data-testid="headphones-no" aria-pressed={answer === false} className={choice} onClick={() => answerHeadphones(false)}>
          {dressing.no}
        </Button>
      </div>
    </section>
  );
}

/** The stages that are really left before the stage, and the way onto it. */
function Entrance() {
  const { dressing, preparing: texts } = useTexts();
  const { linked, backingReady, headphones } = useShow((state) => state.dressing);
  const phase = useShow(({ preparing }) => preparing?.phase);
  const songWords = { asking: texts.waiting, preparing: texts.waiting, ready: texts.ready, failed: texts.missing };
  const steps = [
    ...(phase ? [{ done: phase === "ready", words: songWords[phase] }] : []),
    { done: linked, words: linked ? dressing.connected : dressing.connecting },
    { done: backingReady, words: backingReady ? dressing.ready : dressing.backing },
  ];
  return (
    <div className="door">
      <ul role="status" className="flex flex-wrap justify-center gap-x-6 gap-y-1">
        {steps.map(({ done, words }, index) => (
          <li key={index} className={done ? "text-light" : "text-dim"}>
            <span aria-hidden="true" className={done ? "text-gold" : ""}>
              {done ? "✓ " : "… "}
            </span>
            {words}
          </li>
        ))}
      </ul>
      <Button
        look="gold"
        data-testid="start"
        disabled={!linked || !backingReady || headphones === null}
        onClick={startSong}
        className="w-full max-w-md"
      >
        {dressing.start}
      </Button>
    </div>
  );
}
