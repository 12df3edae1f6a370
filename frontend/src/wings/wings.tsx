import { useTexts } from "../i18n/language";
import { awaitVerdict, goHome } from "../show/performing";
import { useShow } from "../show/state";
import { Booth } from "../ui/booth";
import { Button } from "../ui/button";
import { ScreenHeading } from "../ui/heading";
import { PERSONAS } from "../ui/juror-face";
import { Limelight } from "../ui/limelight";
import { Trouble } from "../ui/trouble";

/** Troubles that pass by themselves: the page goes on watching. */
const PASSING = new Set(["offline", "busy", "media-unavailable", "not-ready"]);

/** What the jury looks at right now, as far as it really is. */
export function Wings() {
  const texts = useTexts();
  const session = useShow((state) => state.session);
  const { mending, progress, problem } = useShow((state) => state.deliberation);
  const stage = progress ? texts.stages[progress.stage as keyof typeof texts.stages] : undefined;
  const percent = Math.round((mending?.fraction ?? progress?.fraction ?? 0) * 100);
  return (
    <Limelight>
      <main className="safe mx-auto grid min-h-dvh max-w-3xl content-center justify-items-center gap-6 text-center landscape:max-lg:gap-4">
        <div className="grid w-full max-w-2xl grid-cols-3 gap-2 md:gap-5 landscape:max-lg:max-w-sm">
          {PERSONAS.map((persona) => (
            <Booth key={persona} persona={persona} light={problem && !PASSING.has(problem) ? "off" : "thinking"} />
          ))}
        </div>
        <ScreenHeading className="text-6xl">{texts.wings.title}</ScreenHeading>
        <p role="status" className="text-2xl">
          {mending ? texts.wings.mending : (stage ?? texts.wings.sealing)}
        </p>
        <div
          role="progressbar"
          aria-label={texts.wings.progress}
          aria-valuenow={percent}
          className="h-3 w-full max-w-md overflow-hidden rounded-full bg-curtain"
        >
          <div
            className="h-full origin-left bg-gold transition-transform duration-500"
            style={{ transform: `scaleX(${percent / 100})` }}
          />
        </div>
        <p className="max-w-xl text-dim">{mending ? texts.wings.mended(mending.seconds) : texts.wings.whisper}</p>
        {problem && (
          <Trouble words={texts.api[problem]}>
            {PASSING.has(problem) && <p className="text-dim">{texts.wings.broken}</p>}
            <div className="flex gap-2">
              {session && <Button onClick={() => void awaitVerdict(session)}>{texts.common.retry}</Button>}
              <Button onClick={goHome}>{texts.common.back}</Button>
            </div>
          </Trouble>
        )}
      </main>
    </Limelight>
  );
}
