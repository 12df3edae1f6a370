import type { Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { reasonKind } from "./reasons";
import { useCountUp } from "./reveal";

const GOLDEN_TOTAL = 90; // with three yeses the golden buzzer falls

export function Total({ verdict, out, atOnce }: { verdict: Verdict; out: boolean; atOnce: boolean }) {
  const texts = useTexts();
  const shown = useCountUp(verdict.total ?? 0, out, atOnce);
  const yes = verdict.jury.filter(({ vote }) => vote).length;
  const golden = out && yes === verdict.jury.length && (verdict.total ?? 0) >= GOLDEN_TOTAL;
  if (verdict.total === undefined)
    return (
      <section data-testid="total" data-value="" className="grid gap-2 py-4 text-center">
        <p className="font-display text-6xl text-gold">{texts.verdict.unmeasuredTotal}</p>
        <p className="text-dim">{texts.verdict.unmeasuredText}</p>
      </section>
    );
  const final = texts.common.number(verdict.total);
  return (
    <section className={`grid justify-items-center gap-1 py-4 text-center transition-opacity ${out ? "" : "opacity-0"}`}>
      {golden && <p className="rounded-full bg-gold px-6 py-1 font-display text-3xl text-night">★ {texts.verdict.golden} ★</p>}
      <p className="leading-none">
        <span
          data-testid="total"
          data-value={verdict.total}
          aria-hidden="true"
          className="font-display text-[9rem] text-gold tabular-nums [text-shadow:0_0_60px_rgb(245_196_81/0.5)] md:text-[13rem]"
        >
          {Math.round(shown)}
        </span>
        <span className="ml-2 text-2xl text-dim">/ 100 {texts.verdict.points}</span>
      </p>
      <p aria-live="polite" className="text-2xl font-semibold">
        <span className="sr-only">{out && texts.verdict.total(final)}. </span>
        {out && texts.verdict.tally(yes)}
      </p>
    </section>
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
  const sentence = score === undefined ? texts.reasons[reasonKind(verdict.reasons[part] ?? "")] : texts.verdict.partText[part](score, verdict.coverage);
  return (
    <li data-testid={`part-${part}`} data-value={score ?? ""} className="grid content-start gap-2 rounded-3xl bg-velvet p-5">
      <div className="flex items-baseline justify-between">
        <h3 className="text-3xl">{texts.verdict.parts[part]}</h3>
        {score === undefined ? (
          <span className="text-dim">{texts.verdict.unmeasured}</span>
        ) : (
          <span className="font-display text-5xl tabular-nums">{Math.round(score)}</span>
        )}
      </div>
      <div aria-hidden="true" className="h-2 overflow-hidden rounded-full bg-curtain">
        <div className="h-full bg-gold" style={{ width: `${score ?? 0}%` }} />
      </div>
      <p className="text-dim">{sentence}</p>
    </li>
  );
}
