/** Who is on tonight: the voice before the microphone, the act of the present session, and the band that stays for the verdict. */

import type { Act } from "../live/act";
import type { LevelMeter } from "../live/microphone";
import type { Player } from "../live/player";

export interface Evening {
  readonly stream: MediaStream;
  readonly meter: LevelMeter;
  act: Act | null; // until the song is there
  player: Player | null; // until the backing is decoded
}

let evening: Evening | null = null;
let lastPlayer: Player | null = null;

export function tonight(): Evening | null {
  return evening;
}

export function setTonight(next: Evening | null): void {
  evening = next;
}

/** The music of the last song, kept for listening to its lines again. */
export function band(): Player | null {
  return lastPlayer;
}

export function setBand(player: Player): void {
  lastPlayer = player;
}
