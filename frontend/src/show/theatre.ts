/** What lasts as long as one visit of dressing room and stage: sound, microphone, the screen kept awake. */

import { release } from "../live/microphone";
import { WakeLock } from "../live/wakelock";
import { setTonight, tonight } from "./evening";

let context: AudioContext | null = null;
let visit = 0; // a slow answer to a visit that was left must not touch the next one
const wakeLock = new WakeLock();

/** One context for the page, opened by the singer's tap: that is what unlocks sound on a phone. */
export function audioContext(): AudioContext {
  context ??= new AudioContext({ latencyHint: "interactive" });
  const session = (navigator as { audioSession?: { type: string } }).audioSession;
  if (session) session.type = "play-and-record"; // Safari 16.4 and later
  void context.resume();
  return context;
}

/** Whether this visit is still the present one. */
export function enterTheatre(): () => boolean {
  leaveTheatre();
  wakeLock.hold();
  const mine = visit;
  return () => mine === visit;
}

/** Ends microphone, sound and connection; the take stays with the server. */
export function leaveTheatre(): void {
  visit += 1;
  const evening = tonight();
  if (evening?.act) evening.act.close();
  else if (evening) {
    evening.meter.close();
    release(evening.stream);
  }
  setTonight(null);
  wakeLock.release();
}
