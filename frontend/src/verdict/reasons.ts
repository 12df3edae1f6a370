/** Why a part has no score: the server's English reason as one of the kinds that the dictionaries know. */

export type ReasonKind = "noWordsModel" | "tooLittleSound" | "nothingWritten" | "unknown";

export function reasonKind(reason: string): ReasonKind {
  if (/whisper/i.test(reason)) return "noWordsModel";
  if (/too little sound/i.test(reason)) return "tooLittleSound";
  if (/the song has no/i.test(reason)) return "nothingWritten";
  return "unknown";
}
