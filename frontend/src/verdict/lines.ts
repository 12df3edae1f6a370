/** What can be read off a verdict's lines. */

import type { LineVerdict, Verdict } from "../gen/voicejury/v1/verdict_pb";
import type { CurveDot } from "../ui/curve";

export function dotsOf(verdict: Verdict): CurveDot[] {
  return verdict.curve.map(({ songS, sungMidi, writtenMidi }) => ({ songS, sungMidi, writtenMidi }));
}

const MOSTLY_LOST = 0.3;
const JOINED_S = 0.3; // lost stretches this close are one

export interface Gap {
  fromS: number;
  toS: number;
}

/** What of a line was not received: the whole of it, or the notes that fell into a hole. */
function lostOf(line: LineVerdict): Gap[] {
  if (line.measured < MOSTLY_LOST) return [{ fromS: line.onsetS, toS: line.offsetS }];
  return line.notes.flatMap(({ measured, onsetS }, index) =>
    measured ? [] : [{ fromS: onsetS, toS: line.notes[index + 1]?.onsetS ?? line.offsetS }],
  );
}

/** Stretches of which too little was received to say anything, in the song's order. */
export function gapsOf(lines: readonly LineVerdict[]): Gap[] {
  const gaps: Gap[] = [];
  for (const gap of lines.flatMap(lostOf)) {
    const last = gaps.at(-1);
    if (last && gap.fromS - last.toS < JOINED_S) last.toS = Math.max(last.toS, gap.toS);
    else gaps.push({ ...gap });
  }
  return gaps;
}

/** Seconds of the song that were not received. */
export function lostS(gaps: readonly Gap[]): number {
  return gaps.reduce((sum, { fromS, toS }) => sum + toS - fromS, 0);
}
