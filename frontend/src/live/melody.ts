/** The written notes, flattened for the lane and the words. */

import { NoteKind, type Note, type Song, type Word } from "../gen/voicejury/v1/song_pb";

export type NoteLook = "normal" | "golden" | "spoken";

export interface LaneNote {
  readonly phrase: number;
  readonly index: number; // inside the phrase
  readonly onset_s: number;
  readonly offset_s: number;
  readonly midi: number;
  readonly look: NoteLook;
}

/** A piece of a line that lights up when it is sung; without letters where a note holds the one before. */
export interface Syllable {
  readonly text: string;
  readonly onset_s: number;
  readonly offset_s: number;
  readonly startsWord: boolean;
}

export interface LanePhrase {
  readonly onset_s: number;
  readonly offset_s: number;
  readonly text: string;
  readonly notes: readonly LaneNote[];
  readonly syllables: readonly Syllable[]; // empty where nothing of the line has a time
}

const LOOK: Record<NoteKind, NoteLook> = {
  [NoteKind.NORMAL]: "normal",
  [NoteKind.GOLDEN]: "golden",
  [NoteKind.FREESTYLE]: "spoken",
  [NoteKind.RAP]: "spoken",
  [NoteKind.RAP_GOLDEN]: "spoken",
};

export function phrasesOf(song: Song): LanePhrase[] {
  const reference = song.voices[0]?.reference;
  const timed = (reference?.lyrics?.words ?? []).filter(({ timedBy }) => TIMED_APART.has(timedBy));
  return (reference?.melody?.phrases ?? []).map((phrase, index) => ({
    onset_s: phrase.onsetS,
    offset_s: phrase.offsetS,
    text: phrase.text,
    notes: phrase.notes.map((note, place) => laneNote(note, index, place)),
    syllables: timed.length > 0 ? wordsOfPhrase(timed, index) : phrase.notes.map(syllableOf),
  }));
}

const TIMED_APART = new Set(["file", "whisper", "syllables"]); // words with times of their own, beside the notes

function laneNote(note: Note, phrase: number, index: number): LaneNote {
  return { phrase, index, onset_s: note.onsetS, offset_s: note.offsetS, midi: note.midi, look: LOOK[note.kind] };
}

function syllableOf({ syllable, onsetS, offsetS, startsWord }: Note): Syllable {
  return { text: syllable === "~" ? "" : syllable, onset_s: onsetS, offset_s: offsetS, startsWord };
}

function wordsOfPhrase(words: readonly Word[], index: number): Syllable[] {
  const own = words.filter(({ phrase }) => phrase === index);
  return own.map(({ text, onsetS, offsetS }) => ({ text, onset_s: onsetS, offset_s: offsetS, startsWord: true }));
}

export function hasWords(phrases: readonly LanePhrase[]): boolean {
  return phrases.some(({ text }) => text !== "");
}

/** Index of the phrase to show: the one sung now, otherwise the next to come; the last one at the end. */
export function phraseAt(phrases: readonly LanePhrase[], songS: number): number {
  const index = phrases.findIndex((phrase) => songS < phrase.offset_s);
  return index < 0 ? phrases.length - 1 : index;
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
}

/** The sung pitch moved by octaves to lie nearest to the written one. */
export function foldToOctave(sungMidi: number, writtenMidi: number): number {
  return sungMidi - 12 * Math.round((sungMidi - writtenMidi) / 12);
}

/** Pitch number of a frequency, 69 = A4 = 440 Hz. */
export function midiOf(f0Hz: number): number {
  return 69 + 12 * Math.log2(f0Hz / 440);
}
