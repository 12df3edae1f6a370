import type { Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { reasonKind } from "./reasons";

const SAME_KEY_SEMITONES = 0.5;
const WHOLE = 0.995;

/** How sure the jury is, what it did not hear, and what it took off. */
export function FinePrint({ verdict }: { verdict: Verdict }) {
  const { verdict: texts, common, reasons } = useTexts();
  const shift = verdict.keyShiftSemitones;
  const facts = [
    texts.confidence(String(Math.round(verdict.confidence * 100))),
    ...(verdict.measured < WHOLE ? [texts.measured(String(Math.floor(verdict.measured * 100)))] : []),
    Math.abs(shift) < SAME_KEY_SEMITONES ? texts.keySame : texts.key(common.number(Math.abs(shift)), shift > 0),
    texts.latency(common.number(Math.abs(Math.round(verdict.latencyS * 1000))), verdict.latencyS >= 0),
    ...(["pitch", "rhythm", "lyrics"] as const)
      .filter((part) => verdict[part] === undefined)
      .map((part) => `${texts.parts[part]} : ${reasons[reasonKind(verdict.reasons[part] ?? "")]}`),
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
