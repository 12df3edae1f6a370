/** The studio after the verdict, and the key and speed before the song, in French. */

export const studio = {
  title: "Le studio",
  open: "Passer au studio : réécoute-toi",
  intro: "Ta prise, l'orchestre, la voix d'origine : pousse les curseurs, coupe qui te gêne.",
  loading: "On rembobine les bandes…",
  failed: "Les bandes ne sont pas arrivées jusqu'à toi.",
  missing: {
    "take-deleted": "Ta prise a été effacée, comme promis. Il reste la musique.",
    "not-ready": "Ta prise est encore chez le jury : repasse dans un instant.",
    "no-take": "Pas de prise cette fois : il n'y a que la musique.",
  },
  empty: "Il n'y a plus rien à écouter : tout a été effacé, comme promis.",
  play: "Écouter",
  pause: "Pause",
  position: "Où en est la chanson",
  solo: "Solo",
  soloOf: (name: string) => `${name} en solo`,
  volumeOf: (name: string) => `Volume : ${name}`,
  names: {
    "user-vocals": "Ta voix",
    "user-instrumentals": "Ce que ton micro a entendu autour",
    "user-original": "Ta prise",
    "ref-vocals": "La voix d'origine",
    "ref-instrumentals": "L'orchestre",
    "ref-original": "L'enregistrement d'origine",
  },
};

export const moves = {
  title: "À ta main",
  hint: "Trop haut ? Trop vite ? Règle avant d'entrer : le jury juge ce que tu auras choisi.",
  key: "Tonalité",
  keyValue: (semitones: number) =>
    semitones === 0 ? "d'origine" : `${semitones > 0 ? "+" : "−"}${Math.abs(semitones)} ${Math.abs(semitones) > 1 ? "demi-tons" : "demi-ton"}`,
  lower: "Plus grave d'un demi-ton",
  higher: "Plus aigu d'un demi-ton",
  tempo: "Tempo",
  tempoValue: (percent: number) => (percent === 100 ? "d'origine" : `${percent} %`),
  slower: "Plus lent",
  faster: "Plus rapide",
  reset: "Comme l'original",
};
