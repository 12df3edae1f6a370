import type { Verdict } from "../gen/voicejury/v1/verdict_pb";
import { useTexts } from "../i18n/language";
import { levelName } from "./technique";
import { otherParts, reasonKind } from "./reasons";

const SAME_KEY_SEMITONES = 0.5;
const CLEAR_DRIFT_PPM = 20; // less is what every clock does

/** By which rules it was judged, and what was taken off. */
export function FinePrint({ verdict }: { verdict: Verdict }) {
  const { verdict: texts, common, reasons, dressing } = useTexts();
  const shift = verdict.keyShiftSemitones;
  const why = (part: string) => reasons[reasonKind(part, verdict.reasons[part] ?? "")];
  const percent = (share: number) => Math.round(100 * share);
  const facts = [
    texts.panel(dressing.levels[levelName(verdict.level)], verdict.keyFree),
    Math.abs(shift) < SAME_KEY_SEMITONES ? texts.keySame : texts.key(Math.abs(shift), shift > 0),
    texts.latency(common.number(Math.abs(Math.round(verdict.latencyS * 1000))), verdict.latencyS >= 0),
    ...(verdict.chancePitch > 0 || verdict.chanceRhythm > 0 ? [texts.chance(percent(verdict.chancePitch), percent(verdict.chanceRhythm))] : []),
    ...(Math.abs(verdict.clockDriftPpm) >= CLEAR_DRIFT_PPM ? [texts.drift(common.number(Math.round(verdict.clockDriftPpm)))] : []),
    ...(verdict.livePitch !== undefined && verdict.pitch !== undefined
      ? [texts.live(common.number(verdict.livePitch), common.number(verdict.pitch))]
      : []),
    ...otherParts(verdict.reasons).map(why),
    texts.estimator(verdict.estimator, verdict.rulesVersion),
  ];
  return (
    <section className="grid gap-2">
      <h2 className="text-4xl">{texts.backstage}</h2>
      <ul className="grid gap-1 text-dim">
        {[...new Set(facts)].map((fact) => (
          <li key={fact}>{fact}</li>
        ))}
      </ul>
    </section>
  );
}
