import { useTexts } from "../i18n/language";
import { extremes } from "../show/extremes";
import { useShow } from "../show/state";
import { toldLeftS } from "./attention";

/** What the jury looks at right now, as far as it really is. */
export function Work({ spokenFor }: { spokenFor: boolean }) {
  const texts = useTexts();
  const { mending, progress } = useShow((state) => state.deliberation);
  const stage = progress ? texts.stages[progress.stage as keyof typeof texts.stages] : undefined;
  const words = mending ? texts.wings.mending : (stage ?? texts.wings.sealing);
  return (
    <div className="grid w-full max-w-md justify-items-center gap-3">
      <p role="status" data-testid="deliberation" data-stage={progress?.stage ?? ""} className={spokenFor ? "text-dim" : "text-2xl md:text-3xl"}>
        {words}
      </p>
      <Bar />
      {mending ? <p className="text-dim">{texts.wings.mended(mending.seconds)}</p> : <Whisper />}
    </div>
  );
}

function Bar() {
  const { wings } = useTexts();
  const { mending, progress } = useShow((state) => state.deliberation);
  const fraction = mending?.fraction ?? progress?.fraction ?? 0;
  const leftS = mending ? null : toldLeftS(progress?.left_s);
  const percent = Math.round(100 * fraction);
  const left = leftS === null ? "" : wings.left(leftS);
  return (
    <>
      <div
        role="progressbar"
        aria-label={wings.progress}
        aria-valuenow={percent}
        aria-valuetext={[`${percent} %`, left].filter(Boolean).join(", ")}
        className="h-3 w-full overflow-hidden rounded-full bg-curtain"
      >
        <div className="h-full origin-left bg-gold transition-transform duration-500" style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <p aria-hidden="true" data-testid="how-far" className="min-h-6 text-dim tabular-nums">
        {(mending ?? progress) && [`${percent} %`, left].filter(Boolean).join(" · ")}
      </p>
    </>
  );
}

/** Once the scores are there they wait in an envelope, and the finest moment is heard again. */
function Whisper() {
  const { wings } = useTexts();
  const scores = useShow((state) => state.deliberation.scores);
  if (!scores) return <p className="text-dim">{wings.whisper}</p>;
  const best = extremes(scores.lines).best?.text.trim();
  return (
    <div data-testid="envelope" className="flex items-center gap-4 rounded-2xl border border-gold/60 bg-velvet px-5 py-3 text-left">
      <svg viewBox="0 0 48 34" aria-hidden="true" className="w-14 shrink-0">
        <rect x="1.5" y="1.5" width="45" height="31" rx="4" fill="#2a1f3d" stroke="#f5c451" strokeWidth="2.5" />
        <path d="M3 4l21 16L45 4" fill="none" stroke="#f5c451" strokeWidth="2.5" strokeLinejoin="round" />
        <circle cx="24" cy="20" r="6" fill="#ff8a57" />
      </svg>
      <p>
        <strong className="block font-semibold text-gold">{wings.envelope}</strong>
        {best && <span className="block text-dim">{wings.best(best)}</span>}
      </p>
    </div>
  );
}
