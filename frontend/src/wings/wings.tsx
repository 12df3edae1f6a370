import { useTexts } from "../i18n/language";
import { awaitVerdict, goHome, singAgain, TAKELESS, watchesOn } from "../show/performing";
import { revealAll, useReveal } from "../show/reveal";
import { useShow } from "../show/state";
import { Floor, Panel } from "../ui/bench";
import { Button } from "../ui/button";
import { ScreenHeading } from "../ui/heading";
import { Limelight } from "../ui/limelight";
import { useReducedMotion } from "../ui/motion";
import { Trouble } from "../ui/trouble";
import { listenersOf } from "./attention";
import { Failed } from "./failed";
import { Work } from "./progress";

const NOBODY: readonly string[] = [];

export function Wings() {
  const failed = useShow(({ deliberation }) => deliberation.problem === "judge-failed");
  return <Limelight>{failed ? <Failed /> : <Bench />}</Limelight>;
}

/** The jury at work; whoever has spoken is heard at once, while the others still think. */
function Bench() {
  const texts = useTexts();
  const song = useShow((state) => state.song);
  const { jurors, progress, problem } = useShow((state) => state.deliberation);
  const scene = useReveal(jurors, false, useReducedMotion());
  const over = problem !== null && !watchesOn(problem);
  const spokenFor = scene.thinking !== null || scene.speaking !== null;
  return (
    <main data-testid="wings" className="safe mx-auto grid max-w-5xl gap-6 landscape:max-lg:gap-3">
      <header className="flex min-h-16 items-center justify-between gap-4">
        <div className="min-w-0">
          <ScreenHeading>{texts.wings.title}</ScreenHeading>
          <p className="truncate text-dim">{[song?.title, song?.artist].filter(Boolean).join(" · ")}</p>
        </div>
        {jurors.length > 0 && (
          <Button look="bare" onClick={revealAll} className="shrink-0">
            {texts.verdict.skip}
          </Button>
        )}
      </header>
      <div className="grid gap-6 landscape:max-lg:grid-cols-2 landscape:max-lg:items-center">
        <Panel jury={jurors} scene={scene} attention={over ? NOBODY : listenersOf(progress?.stage)} />
        <section className="grid min-h-72 content-center justify-items-center gap-6 text-center landscape:max-lg:min-h-60">
          {problem && <Hitch problem={problem} />}
          <Floor scene={scene} />
          {!over && <Work spokenFor={spokenFor} />}
        </section>
      </div>
    </main>
  );
}

function Hitch({ problem }: { problem: NonNullable<ReturnType<typeof useShow.getState>["deliberation"]["problem"]> }) {
  const texts = useTexts();
  const session = useShow((state) => state.session);
  return (
    <div className="w-full max-w-xl text-left">
      <Trouble words={texts.api[problem]}>
        {watchesOn(problem) && <p className="text-dim">{texts.wings.broken}</p>}
        <div className="flex flex-wrap gap-2">
          {TAKELESS.has(problem) ? (
            <Button data-testid="sing-again" onClick={singAgain}>
              {texts.verdict.again}
            </Button>
          ) : (
            session && <Button onClick={() => void awaitVerdict(session)}>{texts.common.retry}</Button>
          )}
          <Button onClick={goHome}>{texts.common.back}</Button>
        </div>
      </Trouble>
    </div>
  );
}
