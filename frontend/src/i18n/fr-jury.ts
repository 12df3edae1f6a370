/** From the last note to the verdict, in French. */

import type { BleedDone, Fault, JudgeStage, Raiser, Trouble } from "./kinds";

const number = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 1 });

export const stages: Record<JudgeStage, string> = {
  queued: "Le jury s'installe…",
  close: "On met ta bande sous scellés…",
  load: "Ils rembobinent ta prise…",
  separate: "Ils décollent la musique de ta voix…",
  pitch: "Ils suivent ta voix note à note…",
  words: "Ils relisent les paroles sur tes lèvres…",
  score: "La calculette chauffe…",
  jury: "Ça discute ferme…",
  store: "Ils signent le verdict…",
};

const faults: Record<Fault, Trouble> = {
  away: { text: "Le jury a quitté la salle et n'est pas revenu.", fix: "Rappelle-le : ta prise l'attend, entière." },
  broke: { text: "Le jury s'est levé en pleine écoute, plusieurs fois de suite.", fix: "Ta prise n'a pas bougé : fais-les rasseoir." },
  damaged: { text: "La bande de ta prise est froissée : le jury n'arrive pas à la lire.", fix: "Un deuxième essai ne coûte rien. S'il échoue aussi, rechante : ce n'est pas toi." },
  disk: { text: "La maison n'a plus de place pour les notes du jury.", fix: "Préviens celui qui reçoit, puis fais-les rejuger." },
  crowded: { text: "Trop de prises attendaient devant la porte du jury.", fix: "La file avance : fais-les rejuger dans un instant." },
  song: { text: "Le jury n'a pas retrouvé la partition de cette chanson.", fix: "Fais-les rejuger, ou chante-leur une autre chanson." },
  unknown: { text: "Le jury s'est emmêlé dans ses notes.", fix: "Fais-les rejuger : cette fois, ils auront un café." },
};

export const wings = {
  title: "Le jury délibère",
  progress: "Avancement du jury",
  whisper: "Respire. Le plus dur est fait.",
  sealing: "On porte la bande au jury…",
  broken: "Le fil est coupé, on continue à guetter le verdict.",
  mending: "On recolle ta voix…",
  mended: (s: number) => `Le réseau en a égaré ${number.format(Math.max(1, Math.round(s)))} s ; ton téléphone, lui, écoutait.`,
  left: (s: number) => (s < 90 ? `encore ${s} s environ` : `encore ${Math.round(s / 60)} minutes environ`),
  envelope: "Ta note est sous enveloppe.",
  best: (text: string) => `Ils se repassent « ${text} ».`,
  failed: "Accroc au jury",
  faults,
  kept: "Ta prise est gardée, rien n'est perdu.",
  often: { text: "Trois fois que le jury cale sur cette prise.", fix: "Ce n'est pas ta voix, c'est nous, et on est désolés. Rechante-la : une bande neuve passe presque toujours." },
  judgeAgain: "Rejuger",
};

const raisers: Record<Raiser, string> = {
  headphones: "Un casque : ton micro entendait trop la musique.",
  network: "Un réseau plus solide : un bout de ta voix s'est perdu en route.",
  longer: "Chanter plus longtemps : sur si peu de notes, le hasard a son mot à dire.",
  ears: "Une oreille pour les paroles, à installer dans la maison.",
  written: "Une chanson dont tout est écrit, paroles comprises.",
};

const bleed: Record<BleedDone, string> = {
  clean: "Pas de musique dans ton micro : rien à retirer.",
  "moved-song": "Tonalité ou tempo changés : la musique de ton micro n'a pas pu être retirée.",
  "no-backing": "La bande de la chanson manquait : la musique de ton micro n'a pas pu être retirée.",
  "no-clock": "La musique n'a pas pu être calée sur ta prise : rien n'en a été retiré.",
  setting: "Ici, on ne retire pas la musique du micro : réglage de la maison.",
};

export const trust = {
  title: "À quel point le jury est sûr",
  meter: (percent: number) => `Confiance du jury : ${percent} sur 100`,
  sure: "Tout ce qui pouvait être entendu l'a été.",
  raise: "Ce qui le rendrait plus sûr",
  unmeasured: "Ce qui n'a pas été mesuré",
  sound: "Ce qui est arrivé à ta prise",
  part: (part: string, reason: string) => `${part} : ${reason}`,
  lost: (percent: string) => `${percent} % de tes notes ne nous sont pas parvenues : ni comptées, ni reprochées.`,
  filled: (s: number) => `${number.format(s)} s viennent de l'enregistrement de ton téléphone : le réseau les avait perdues.`,
  raisers,
  bleed,
  bleedDb: (db: number) => (db <= -1 ? `${number.format(-Math.round(db))} dB sous ta voix` : db < 1 ? "au même niveau que ta voix" : `${number.format(Math.round(db))} dB au-dessus de ta voix`),
  cancelled: (before: string, left: string) => `La musique du haut-parleur a été effacée de ta prise${before ? ` : elle était ${before}` : ""}${left ? `, il en reste ${left}` : ""}.`,
  separated: (before: string) => `La musique${before ? `, ${before},` : ""} a été séparée de ta voix par un réseau de neurones.`,
};

export const words = {
  ownWords: "mots : grammaire de la maison",
  wordsBy: (model: string) => `mots : ${model}`,
  referenceHeard: (percent: number) => `Compté par rapport à l'original, dont l'oreille comprend ${percent} % des mots.`,
};

export const children = {
  label: "Jury pour enfants",
  hint: "Il parle à une petite vedette : mots simples, jamais moqueur.",
};
