/** The studio after the verdict, and the key and speed before the song, in English. */

import type { moves as frenchMoves, studio as frenchStudio } from "./fr-studio";

export const studio: typeof frenchStudio = {
  title: "The studio",
  open: "Step into the studio: hear yourself",
  intro: "Your take, the band, the original voice: push the faders, mute whoever is in the way.",
  loading: "Rewinding the tapes…",
  failed: "The tapes did not make it to you.",
  missing: {
    "take-deleted": "Your take was erased, as promised. The music is still here.",
    "not-ready": "The jury still has your take: come back in a moment.",
    "no-take": "No take this time: there is only the music.",
  },
  empty: "Nothing left to hear: everything was erased, as promised.",
  play: "Play",
  pause: "Pause",
  position: "Where the song is",
  solo: "Solo",
  soloOf: (name: string) => `${name} solo`,
  volumeOf: (name: string) => `Volume: ${name}`,
  names: {
    "user-vocals": "Your voice",
    "user-instrumentals": "What your mic heard around you",
    "user-original": "Your take",
    "ref-vocals": "The original voice",
    "ref-instrumentals": "The band",
    "ref-original": "The original recording",
  },
};

export const moves: typeof frenchMoves = {
  title: "Made to measure",
  hint: "Too high? Too fast? Set it before you go on: the jury judges what you chose.",
  key: "Key",
  keyValue: (semitones: number) =>
    semitones === 0 ? "original" : `${semitones > 0 ? "+" : "−"}${Math.abs(semitones)} ${Math.abs(semitones) > 1 ? "semitones" : "semitone"}`,
  lower: "A semitone lower",
  higher: "A semitone higher",
  tempo: "Tempo",
  tempoValue: (percent: number) => (percent === 100 ? "original" : `${percent} %`),
  slower: "Slower",
  faster: "Faster",
  reset: "As the original",
};
