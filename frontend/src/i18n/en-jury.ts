/** From the last note to the verdict, in English. */

import type * as French from "./fr-jury";

const number = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 1 });

export const stages: typeof French.stages = {
  queued: "The jury takes its seats…",
  close: "Sealing your tape…",
  load: "They are rewinding your take…",
  separate: "They peel the music off your voice…",
  pitch: "They follow your voice note by note…",
  words: "They read the words off your lips…",
  score: "The calculator is heating up…",
  jury: "Heated debate…",
  store: "They sign the verdict…",
};

export const wings: typeof French.wings = {
  title: "The jury deliberates",
  progress: "Progress of the jury",
  whisper: "Breathe. The hard part is over.",
  sealing: "Carrying the tape to the jury…",
  broken: "The line was cut, we keep watching for the verdict.",
  mending: "Piecing your voice together…",
  mended: (s) => `The network lost ${number.format(Math.max(1, Math.round(s)))} s of it; your phone kept listening.`,
  left: (s) => (s < 90 ? `about ${s} s to go` : `about ${Math.round(s / 60)} minutes to go`),
  envelope: "Your score is in the envelope.",
  best: (text) => `They play “${text}” once more.`,
  failed: "Trouble at the bench",
  faults: {
    away: { text: "The jury left the room and did not come back.", fix: "Call it back: your take is waiting, all of it." },
    broke: { text: "The jury got up in the middle of your take, several times over.", fix: "Your take has not moved: sit them down again." },
    damaged: { text: "The tape of your take is creased: the jury cannot read it.", fix: "Another try costs nothing. Should it fail as well, sing again: it is not you." },
    disk: { text: "The house has no room left for the jury's notes.", fix: "Tell your host, then have it judged again." },
    crowded: { text: "Too many takes were queueing at the jury's door.", fix: "The queue is moving: have it judged again in a moment." },
    song: { text: "The jury could not find the score of this song.", fix: "Have it judged again, or sing them another song." },
    unknown: { text: "The jury got its notes in a twist.", fix: "Have it judged again: this time they will have had coffee." },
  },
  kept: "Your take is safe, nothing is lost.",
  often: { text: "Three times now the jury has stumbled over this take.", fix: "It is not your voice, it is us, and we are sorry. Sing it again: a fresh tape nearly always gets through." },
  judgeAgain: "Judge again",
};

export const trust: typeof French.trust = {
  title: "How sure the jury is",
  meter: (percent) => `The jury's confidence: ${percent} out of 100`,
  sure: "All that could be heard was heard.",
  raise: "What would make it surer",
  unmeasured: "What was not measured",
  sound: "What happened to your take",
  part: (part, reason) => `${part}: ${reason}`,
  lost: (percent) => `${percent}% of your notes never reached us: neither counted nor held against you.`,
  filled: (s) => `${number.format(s)} s come from your phone's own recording: the network had lost them.`,
  raisers: {
    headphones: "Headphones: your mic heard too much of the music.",
    network: "A steadier network: part of your voice got lost on the way.",
    longer: "Singing for longer: on so few notes luck has its say.",
    ears: "An ear for words, to be installed in this house.",
    written: "A song with everything written down, words included.",
  },
  bleed: {
    clean: "No music in your mic: nothing to take out.",
    "moved-song": "Key or tempo changed: the music in your mic could not be taken out.",
    "no-backing": "The song's tape was missing: the music in your mic could not be taken out.",
    "no-clock": "The music could not be lined up with your take: none of it was taken out.",
    setting: "This house does not take music out of the mic: its own setting.",
  },
  bleedDb: (db) => (db <= -1 ? `${number.format(-Math.round(db))} dB under your voice` : db < 1 ? "as loud as your voice" : `${number.format(Math.round(db))} dB above your voice`),
  cancelled: (before, left) => `The loudspeaker's music was wiped from your take${before ? `: it was ${before}` : ""}${left ? `, what is left is ${left}` : ""}.`,
  separated: (before) => `The music${before ? `, ${before},` : ""} was parted from your voice by a neural network.`,
};

export const words: typeof French.words = {
  ownWords: "words: the house grammar",
  wordsBy: (model) => `words: ${model}`,
  referenceHeard: (percent) => `Measured against the original, of whose words the ear makes out ${percent}%.`,
};

export const children: typeof French.children = {
  label: "Jury for children",
  hint: "It speaks to a little star: simple words, never mocking.",
};
