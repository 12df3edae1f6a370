import type { Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";

const SAME_KEY_SEMITONES = 0.5;
const WHOLE = 0.995;

/** How sure the jury is, what it did not hear, and what it took off. */
export function FinePrint({ verdict }: { verdict: Verdict }) {
  const { verdict: texts, common } = useTexts();
  const shift = verdict.keyShiftSemitones;
  const facts = [
    texts.confidence(String(Math.round(verdict.confidence * 100))),
    ...(verdict.measured < WHOLE ? [texts.measured(String(Math.floor(verdict.measured * 100)))] : []),
    Math.abs(shift) < SAME_KEY_SEMITONES ? texts.keySame : texts.key(common.number(Math.abs(shift)), shift > 0),
    texts.latency(common.number(Math.round(verdict.latencyS * 1000))),
    ...(["pitch", "rhythm", "lyrics"] as const)
      .filter((part) => verdict[part] === undefined)
      .map((part) => `${texts.parts[part]} : ${verdict.reasons[part] ?? texts.unmeasured}`),
    texts.estimator(verdict.estimator, verdict.rulesVersion),
  ];
  return (
    <section className="grid gap-2">
      <h2 className="text-4xl">{texts.backstage}</h2>
      <ul className="grid gap-1 text-dim">
        {facts.map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </section>
  );
}
