/** What the technique of a take looks like: names of notes, moments of the song, waves and keys to draw. */

import { Level } from "../gen/voicejury/v1/live_pb";
import type { LineVerdict, Technique } from "../gen/voicejury/v1/verdict_pb";
import type { Language } from "../i18n/language";

const NAMES: Record<Language, readonly string[]> = {
  fr: ["Do", "Do♯", "Ré", "Ré♯", "Mi", "Fa", "Fa♯", "Sol", "Sol♯", "La", "La♯", "Si"],
  en: ["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"],
};
const FIRST_OCTAVE: Record<Language, number> = { fr: -2, en: -1 }; // the A of 440 Hz is La3 to the French, A4 to others

export function noteName(midi: number, language: Language): string {
  const whole = Math.round(midi);
  return `${NAMES[language][((whole % 12) + 12) % 12] ?? ""}${Math.floor(whole / 12) + FIRST_OCTAVE[language]}`;
}

/** 65.2 s is 1:05. */
export function clockOf(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** The words that were sung then; empty where there are none. */
export function wordsAt(lines: readonly LineVerdict[], songS: number): string {
  const SLACK_S = 0.3;
  return lines.find(({ onsetS, offsetS }) => songS >= onsetS - SLACK_S && songS < offsetS + SLACK_S)?.text.trim() ?? "";
}

/** Whether there is anything to tell beside counts. */
export function hasTechnique(technique: Technique | undefined): technique is Technique {
  if (!technique) return false;
  const { vibratoHz, longestNoteS, lowestMidi, stabilityCents, dynamicsDb } = technique;
  return [vibratoHz, longestNoteS, lowestMidi, stabilityCents, dynamicsDb].some((value) => value !== undefined);
}

export const WAVE = { width: 240, height: 64, secondsShown: 1.5 } as const;
const FULL_CENTS = 120; // the widest vibrato that fits the picture

/** As many waves as the voice has in the time shown, as high as the vibrato is wide; twice the width, to run by. */
export function wavePath(rateHz: number, extentCents: number): string {
  const middle = WAVE.height / 2;
  const high = (middle - 4) * Math.min(1, Math.max(0.12, extentCents / FULL_CENTS));
  const step = 3;
  let path = "";
  for (let x = 0; x <= 2 * WAVE.width; x += step) {
    const y = middle - high * Math.sin((2 * Math.PI * rateHz * WAVE.secondsShown * x) / WAVE.width);
    path += `${x === 0 ? "M" : "L"}${x} ${y.toFixed(1)}`;
  }
  return path;
}

const BLACK = [1, 3, 6, 8, 10];

export interface PianoKey {
  readonly midi: number;
  readonly black: boolean;
  readonly sung: boolean;
}

/** The keys from the C below the lowest note to the B above the highest. */
export function pianoKeys(lowestMidi: number, highestMidi: number): PianoKey[] {
  const [low, high] = [Math.round(lowestMidi), Math.round(highestMidi)];
  const first = Math.floor(low / 12) * 12;
  const last = Math.floor(high / 12) * 12 + 11;
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const midi = first + index;
    return { midi, black: BLACK.includes(midi % 12), sung: midi >= low && midi <= high };
  });
}

export function levelName(level: Level): "kind" | "normal" | "strict" {
  return level === Level.KIND ? "kind" : level === Level.STRICT ? "strict" : "normal";
}
