/** The written notes, flattened for the lane and the words. */

import { NoteKind, type Song } from "../gen/voicejury/v1/song_pb";

export type NoteLook = "normal" | "golden" | "spoken";

export interface LaneNote {
  readonly phrase: number;
  readonly index: number; // inside the phrase
  readonly onset_s: number;
  readonly offset_s: number;
  readonly midi: number;
  readonly look: NoteLook;
  readonly syllable: string;
  readonly startsWord: boolean;
}

export interface LanePhrase {
  readonly onset_s: number;
  readonly offset_s: number;
  readonly text: string;
  readonly notes: readonly LaneNote[];
}

const LOOK: Record<NoteKind, NoteLook> = {
  [NoteKind.NORMAL]: "normal",
  [NoteKind.GOLDEN]: "golden",
  [NoteKind.FREESTYLE]: "spoken",
  [NoteKind.RAP]: "spoken",
  [NoteKind.RAP_GOLDEN]: "spoken",
};

export function phrasesOf(song: Song): LanePhrase[] {
  const phrases = song.voices[0]?.reference?.melody?.phrases ?? [];
  return phrases.map((phrase, phraseIndex) => ({
    onset_s: phrase.onsetS,
    offset_s: phrase.offsetS,
    text: phrase.text,
    notes: phrase.notes.map((note, index) => ({
      phrase: phraseIndex,
      index,
      onset_s: note.onsetS,
      offset_s: note.offsetS,
      midi: note.midi,
      look: LOOK[note.kind],
      syllable: note.syllable,
      startsWord: note.startsWord,
    })),
  }));
}

export class Melody {
  readonly notes: readonly LaneNote[];

  constructor(readonly phrases: readonly LanePhrase[]) {
    this.notes = phrases.flatMap((phrase) => phrase.notes);
  }

  /** Index of the note nearest in time; -1 without notes. */
  nearestNote(songS: number): number {
    let low = 0;
    let high = this.notes.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.notes[middle] as LaneNote).onset_s <= songS) low = middle;
      else high = middle - 1;
    }
    const next = this.notes[low + 1];
    const here = this.notes[low];
    if (!here) return -1;
    return next && next.onset_s - songS < songS - here.offset_s ? low + 1 : low;
  }

  /** Index of the phrase to show: the one sung now, otherwise the next to come; the last one at the end. */
  phraseAt(songS: number): number {
    const index = this.phrases.findIndex((phrase) => songS < phrase.offset_s);
    return index < 0 ? this.phrases.length - 1 : index;
  }
}

/** The sung pitch moved by octaves to lie nearest to the written one. */
export function foldToOctave(sungMidi: number, writtenMidi: number): number {
  return sungMidi - 12 * Math.round((sungMidi - writtenMidi) / 12);
}

/** Pitch number of a frequency, 69 = A4 = 440 Hz. */
export function midiOf(f0Hz: number): number {
  return 69 + 12 * Math.log2(f0Hz / 440);
}
