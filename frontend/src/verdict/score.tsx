import type { Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { Confetti } from "../ui/confetti";
import { useCountUp } from "./count-up";
import { reasonKind } from "./reasons";

const GOLDEN_TOTAL = 90; // with three yeses the golden buzzer falls

export function golden({ total = 0, jury }: Pick<Verdict, "total" | "jury">): boolean {
  return jury.length > 0 && jury.every(({ vote }) => vote) && total >= GOLDEN_TOTAL;
}

export function Total({ verdict, out, atOnce }: { verdict: Verdict; out: boolean; atOnce: boolean }) {
  const texts = useTexts();
  const shown = useCountUp(verdict.total ?? 0, out, atOnce);
  const yes = verdict.jury.filter(({ vote }) => vote).length;
  const hidden = out ? "" : "invisible";
  if (verdict.total === undefined)
    return (
      <div data-testid="total" data-value="" className={`grid content-center gap-2 text-center ${hidden}`}>
        <p className="font-display text-6xl text-gold">{texts.verdict.unmeasuredTotal}</p>
        <p className="text-dim">{texts.verdict.unmeasuredText}</p>
      </div>
    );
  return (
    <div className={`grid content-center justify-items-center gap-2 text-center ${hidden}`}>
      {golden(verdict) && <Gold landed={out && shown >= verdict.total} still={atOnce} />}
      <p aria-hidden="true" className="relative leading-none">
        <span
          data-testid="total"
          data-value={verdict.total}
          className="font-display text-[11rem] leading-[0.82] text-gold tabular-nums [text-shadow:0_0_60px_rgb(245_196_81/0.55)] md:text-[14rem]"
        >
          {Math.round(shown)}
        </span>
        <span className="absolute bottom-1 left-full ml-2 text-xl whitespace-nowrap text-dim">/ 100</span>
      </p>
      <p aria-live="polite" className="text-2xl font-semibold text-balance">
        <span className="sr-only">{out && texts.verdict.total(texts.common.number(verdict.total))}. </span>
        {out && texts.verdict.tally(yes)}
      </p>
    </div>
  );
}

/** The golden buzzer, once the number has arrived and not before. */
function Gold({ landed, still }: { landed: boolean; still: boolean }) {
  const { verdict } = useTexts();
  return (
    <>
      <p className={`rounded-full bg-gold px-6 py-1 font-display text-3xl text-night ${landed ? "" : "invisible"}`}>★ {verdict.golden} ★</p>
      {landed && !still && <Confetti />}
    </>
  );
}

type Part = "pitch" | "rhythm" | "lyrics";

/** Each part with one sentence; what was not measured says why. */
export function Parts({ verdict }: { verdict: Verdict }) {
  return (
    <ul className="grid gap-3 md:grid-cols-3">
      {(["pitch", "rhythm", "lyrics"] as const).map((part) => (
        <PartCard key={part} part={part} verdict={verdict} />
      ))}
    </ul>
  );
}

function PartCard({ part, verdict }: { part: Part; verdict: Verdict }) {
  const texts = useTexts();
  const score = verdict[part];
  const sentence =
    score === undefined
      ? texts.reasons[reasonKind(part, verdict.reasons[part] ?? "")]
      : texts.verdict.partText[part](score, verdict.coverage);
  return (
    <li data-testid={`part-${part}`} data-value={score ?? ""} className="grid grid-cols-[auto_1fr] items-center gap-4 rounded-3xl bg-velvet p-4">
      <Dial score={score} />
      <div className="grid gap-1">
        <h3 className="text-3xl">
          {texts.verdict.parts[part]}
          {score === undefined && <span className="ml-3 font-text text-base text-dim">{texts.verdict.unmeasured}</span>}
        </h3>
        <p className="text-dim">{sentence}</p>
        {part === "lyrics" && score !== undefined && verdict.referenceHeard !== undefined && (
          <p className="text-base text-dim">{texts.verdict.referenceHeard(Math.round(100 * verdict.referenceHeard))}</p>
        )}
      </div>
    </li>
  );
}

const TURN = 2 * Math.PI * 42;

/** A ring as full as the part; without a measure an empty, dashed one. */
function Dial({ score }: { score: number | undefined }) {
  const measured = score !== undefined;
  return (
    <div className="relative grid size-24 place-items-center">
      <svg viewBox="0 0 100 100" aria-hidden="true" className="absolute inset-0 -rotate-90">
        <circle cx="50" cy="50" r="42" className="fill-none stroke-curtain" strokeWidth="10" strokeDasharray={measured ? undefined : "4 8"} />
        {measured && (
          <circle cx="50" cy="50" r="42" className="fill-none stroke-gold" strokeWidth="10" strokeLinecap="round" strokeDasharray={`${(TURN * score) / 100} ${TURN}`} />
        )}
      </svg>
      <span className="font-display text-5xl tabular-nums">{measured ? Math.round(score) : "–"}</span>
    </div>
  );
}
