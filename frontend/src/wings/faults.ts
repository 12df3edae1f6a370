/** Why a take could not be judged: the server's English detail as one of the kinds that the dictionaries know. */

import type { Fault } from "../i18n/kinds";

/** In this order: what broke off may also tell why. */
const SIGNS: readonly (readonly [RegExp, Fault])[] = [
  [/too many takes/i, "crowded"],
  [/no room/i, "disk"],
  [/did not answer|does not answer/i, "away"],
  [/broke (off|the judge)|cannot be judged|hangs/i, "broke"],
  [/spool|still being sung/i, "damaged"],
  [/the song('s| has)|reference/i, "song"],
];

export function faultOf(detail: string): Fault {
  return SIGNS.find(([sign]) => sign.test(detail))?.[1] ?? "unknown";
}
