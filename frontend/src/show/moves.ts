/** Key and tempo as the singer wants them. They stay for the song that was chosen. */

import { useShow } from "./state";

export const KEY_LIMIT = 6; // semitones; the server takes twelve, a voice seldom needs more than half of it
export const TEMPO_LIMITS = [0.7, 1.3] as const;
export const TEMPO_STEP = 0.05;

export function moveKey(bySemitones: number): void {
  useShow.setState(({ keyShiftSemitones }) => ({
    keyShiftSemitones: Math.max(-KEY_LIMIT, Math.min(KEY_LIMIT, keyShiftSemitones + bySemitones)),
  }));
}

export function moveTempo(by: number): void {
  useShow.setState(({ tempo }) => {
    const [slowest, fastest] = TEMPO_LIMITS;
    return { tempo: Math.round(Math.max(slowest, Math.min(fastest, tempo + by)) * 100) / 100 };
  });
}

export function resetMove(): void {
  useShow.setState({ keyShiftSemitones: 0, tempo: 1 });
}
