import type { Bleed, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { Texts } from "../i18n/fr";
import { useTexts } from "../i18n/language";
import { raisersOf, untouchedBecause, WHOLE } from "./certainty";
import { PARTS, reasonKind } from "./reasons";

/** How sure the jury is and what would make it surer; what it did not measure, and why; what was done to the take. */
export function Trust({ verdict }: { verdict: Verdict }) {
  const texts = useTexts();
  const { trust } = texts;
  const percent = Math.round(100 * verdict.confidence);
  const raisers = raisersOf(verdict).map((raiser) => trust.raisers[raiser]);
  return (
    <section data-testid="trust" className="grid gap-4">
      <h2 className="text-4xl">{trust.title}</h2>
      <div className="grid gap-4 rounded-3xl bg-velvet p-5 md:grid-cols-2 md:gap-x-8">
        <div className="grid content-start gap-3">
          <Meter percent={percent} label={trust.meter(percent)} />
          {raisers.length > 0 ? <Facts title={trust.raise} facts={raisers} /> : <p className="text-dim">{trust.sure}</p>}
        </div>
        <div className="grid content-start gap-4">
          <Facts title={trust.unmeasured} facts={unmeasuredFacts(verdict, texts)} />
          <Facts title={trust.sound} facts={soundFacts(verdict, trust)} />
        </div>
      </div>
    </section>
  );
}

function Meter({ percent, label }: { percent: number; label: string }) {
  return (
    <div className="grid gap-2">
      <p className="text-xl font-semibold">{label}</p>
      <div aria-hidden="true" className="h-3 overflow-hidden rounded-full bg-curtain">
        <div className="h-full rounded-full bg-gold" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

function Facts({ title, facts }: { title: string; facts: readonly string[] }) {
  if (facts.length === 0) return null;
  return (
    <div className="grid gap-1">
      <h3 className="text-2xl text-gold">{title}</h3>
      <ul className="grid gap-1 text-dim">
        {[...new Set(facts)].map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </div>
  );
}

export function unmeasuredFacts(verdict: Verdict, { trust, verdict: texts, reasons }: Texts): string[] {
  const why = (part: string) => reasons[reasonKind(part, verdict.reasons[part] ?? "")];
  const lost = Math.ceil(100 * (1 - verdict.measured));
  return [
    ...PARTS.filter((part) => verdict[part] === undefined).map((part) => trust.part(texts.parts[part], why(part))),
    ...(verdict.measured < WHOLE ? [trust.lost(String(lost))] : []),
  ];
}

export function soundFacts(verdict: Verdict, trust: Texts["trust"]): string[] {
  const { bleed, filledS } = verdict;
  const done = bleed && bleedFact(bleed, trust);
  return [...(done ? [done] : []), ...(filledS > 0 ? [trust.filled(filledS)] : [])];
}

function bleedFact(bleed: Bleed, trust: Texts["trust"]): string | null {
  const loudness = (db: number | undefined) => (db === undefined ? "" : trust.bleedDb(db));
  if (bleed.method === "cancelled") return trust.cancelled(loudness(bleed.bleedDb), loudness(bleed.leftDb));
  if (bleed.method === "separated") return trust.separated(loudness(bleed.bleedDb));
  const untouched = untouchedBecause(bleed);
  return untouched && trust.bleed[untouched];
}
