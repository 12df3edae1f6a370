/** How sure a verdict is: what would have made it surer, and what was done about the music in the microphone. */

import type { Bleed, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { BleedDone, Raiser, Reasons } from "../i18n/kinds";
import { PARTS, reasonKind } from "./reasons";

export const WHOLE = 0.995; // of the written time that was received
const LEFT_MUCH_DB = -12; // of the music against the voice: more of it makes the jury less sure
const ENOUGH_S = 10; // of received notes
const CURVE_STEP_S = 0.05;

const HELP: Partial<Record<Reasons, Raiser>> = {
  noWordsModel: "ears",
  wordsAway: "ears",
  nothingWritten: "written",
  noLanguage: "written",
  onlyFillers: "written",
  tooLittleSound: "network",
};

export function raisersOf(verdict: Verdict): Raiser[] {
  const { bleed, measured, curve, reasons } = verdict;
  const receivedS = CURVE_STEP_S * measured * curve.filter(({ writtenMidi }) => writtenMidi > 0).length;
  const helps = PARTS.filter((part) => verdict[part] === undefined).map((part) => HELP[reasonKind(part, reasons[part] ?? "")]);
  const found: (Raiser | undefined | false)[] = [
    bleed?.leftDb !== undefined && bleed.leftDb > LEFT_MUCH_DB && "headphones",
    measured < WHOLE && "network",
    receivedS < ENOUGH_S && "longer",
    ...helps,
  ];
  return [...new Set(found.filter((raiser) => typeof raiser === "string"))];
}

const UNTOUCHED = ["moved-song", "no-backing", "no-clock", "setting"] as const;

/** Why nothing was taken out of the take; null where something was, or the reason is news to this page. */
export function untouchedBecause({ method, reason }: Bleed): BleedDone | null {
  if (method !== "none") return null;
  return reason === "headphones" ? "clean" : (UNTOUCHED.find((known) => known === reason) ?? null);
}
