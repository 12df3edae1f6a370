/** A line as words of syllables, each with its time. */

import type { LanePhrase, Syllable } from "./melody";

export function wordsOf({ syllables }: LanePhrase): Syllable[][] {
  const words: Syllable[][] = [];
  for (const syllable of syllables) {
    const word = words.at(-1);
    if (syllable.startsWord || !word) words.push([syllable]);
    else word.push(syllable);
  }
  return words;
}
