/** Who is on tonight: the act of the present session, and the band that stays for the verdict. */

import type { Act } from "../live/act";
import type { Player } from "../live/player";

export interface Evening {
  readonly act: Act;
  player: Player | null; // until the backing is decoded
}

let evening: Evening | null = null;
let lastPlayer: Player | null = null;

export function tonight(): Evening | null {
  return evening;
}

export function setTonight(act: Act): Evening;
export function setTonight(act: null): null;
export function setTonight(act: Act | null): Evening | null {
  evening = act && { act, player: null };
  return evening;
}

/** The music of the last song, kept for listening to its lines again. */
export function band(): Player | null {
  return lastPlayer;
}

export function setBand(player: Player): void {
  lastPlayer = player;
}
