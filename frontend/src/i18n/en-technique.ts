/** How a voice was used, in English. */

import type { Texts } from "./fr";

export const technique: Texts["verdict"]["technique"] = {
  title: "Your voice close up",
  noPoints: "For the joy of it: nothing here changes your score.",
  vibrato: "Vibrato",
  vibratoShare: (percent) => `on ${percent}% of your long notes`,
  longest: "Longest note",
  longestAt: (clock, text) => (text ? `at ${clock}, on “${text}”` : `at ${clock}`),
  range: "Range",
  rangeText: (semitones) => (semitones === 0 ? "a single note, but all yours" : `${semitones} ${semitones > 1 ? "semitones" : "semitone"} from bottom to top`),
  stability: "Hold",
  stabilityText: (cents) => (cents < 9 ? "A rope-walker's rope." : cents < 18 ? "A gentle roll." : "The sea is getting up."),
  dynamics: "Dynamics",
  dynamicsText: (db) => (db < 6 ? "All in one stroke." : db < 14 ? "From a whisper to full voice." : "From a secret to a thunderclap."),
  tuning: (cents) => `${cents} on average`,
  scoops: (count) => `${count} ${count > 1 ? "notes" : "note"} scooped from below`,
  breaths: (count) => `${count} ${count > 1 ? "breaths" : "breath"}`,
  noteVibrato: "with vibrato",
  noteScoop: "scooped from below",
};
