/** Why a part has no score: the server's English reason as one of the kinds that the dictionaries know. */

import type { Reasons } from "../i18n/kinds";

export const PARTS = ["pitch", "rhythm", "lyrics"] as const;

export function reasonKind(part: string, reason: string): Reasons {
  if (part === "live") return "liveDiffers";
  if (part === "late") return "allLate";
  if (reason.startsWith("the words were not heard")) return notHeard(reason);
  if (/does not say which language/i.test(reason)) return "noLanguage";
  if (/whisper/i.test(reason)) return "noWordsModel";
  if (/fillers/i.test(reason)) return "onlyFillers";
  if (/does not answer|did not answer|in time|timed out/i.test(reason)) return "wordsAway";
  if (/too little sound/i.test(reason)) return "tooLittleSound";
  if (/the song has no/i.test(reason)) return "nothingWritten";
  if (part === "total") return "nothingMeasured";
  return "unknown";
}

/** Each recogniser with its own reason: a model that is missing is to be told only where nobody else was asked. */
function notHeard(reason: string): Reasons {
  return reason.split("; ").every((one) => /not installed/.test(one)) ? "noWordsModel" : "wordsAway";
}

/** Parts beside the three known ones of which the server says something: they are told too. */
export function otherParts(reasons: Readonly<Record<string, string>>): string[] {
  return Object.keys(reasons).filter((part) => !PARTS.some((known) => known === part));
}
