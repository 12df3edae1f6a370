/** Where song seconds and pitch numbers lie on the lane, in CSS pixels. */

import type { LaneNote } from "../live/melody";

export const AHEAD_S = 3;
const BEHIND_S = 1.6;
const MARGIN_SEMITONES = 3;
const LEAST_SPAN_SEMITONES = 14; // a song of three notes must not make each cent a cliff

export interface LaneView {
  readonly width: number;
  readonly height: number;
  readonly pxPerS: number;
  readonly playheadX: number;
  readonly behindS: number;
  readonly lowMidi: number;
  readonly pxPerSemitone: number;
}

export function pitchRange(notes: readonly LaneNote[]): { lowMidi: number; highMidi: number } {
  let lowMidi = Number.POSITIVE_INFINITY;
  let highMidi = Number.NEGATIVE_INFINITY;
  for (const { midi, look } of notes) {
    if (look === "spoken") continue;
    lowMidi = Math.min(lowMidi, midi);
    highMidi = Math.max(highMidi, midi);
  }
  if (lowMidi > highMidi) return { lowMidi: 57, highMidi: 71 };
  const spare = Math.max(MARGIN_SEMITONES, (LEAST_SPAN_SEMITONES - (highMidi - lowMidi)) / 2);
  return { lowMidi: lowMidi - spare, highMidi: highMidi + spare };
}

export function laneView(width: number, height: number, notes: readonly LaneNote[]): LaneView {
  const { lowMidi, highMidi } = pitchRange(notes);
  const pxPerS = width / (AHEAD_S + BEHIND_S);
  return {
    width,
    height,
    pxPerS,
    playheadX: BEHIND_S * pxPerS,
    behindS: BEHIND_S,
    lowMidi,
    pxPerSemitone: height / (highMidi - lowMidi),
  };
}

/** Horizontal place of a song second when the singer hears `nowS`. */
export function laneX(view: LaneView, songS: number, nowS: number): number {
  return view.playheadX + (songS - nowS) * view.pxPerS;
}

/** Vertical place of a pitch, kept inside the lane so that a wild note stays visible. */
export function laneY(view: LaneView, midi: number): number {
  const y = view.height - (midi - view.lowMidi) * view.pxPerSemitone;
  return y < 4 ? 4 : y > view.height - 4 ? view.height - 4 : y;
}

const QUIET_DB = -50;
const LOUD_DB = -12;
const THIN_PX = 2.5;
const THICK_PX = 13;

/** Thickness of the voice by its loudness. */
export function voiceWidth(levelDb: number): number {
  const loudness = (levelDb - QUIET_DB) / (LOUD_DB - QUIET_DB);
  return THIN_PX + (THICK_PX - THIN_PX) * (loudness < 0 ? 0 : loudness > 1 ? 1 : loudness);
}
