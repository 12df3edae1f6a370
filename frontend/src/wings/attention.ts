/** Who on the bench leans over which part of the work. */

const LISTENERS: Record<string, readonly string[]> = {
  pitch: ["diva"],
  score: ["metronome"],
  words: ["grand-mere"],
};

/** Undefined: all of them. */
export function listenersOf(stage: string | undefined): readonly string[] | undefined {
  return stage === undefined ? undefined : LISTENERS[stage];
}

const ALMOST_S = 1;

/** Whole seconds worth telling; null where nobody knows, or it is all but over. */
export function toldLeftS(leftS: number | null | undefined): number | null {
  return leftS == null || leftS < ALMOST_S ? null : Math.ceil(leftS);
}
