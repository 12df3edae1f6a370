/** How a voice was used, in French. */

export const technique = {
  title: "Ta voix à la loupe",
  noPoints: "Pour le plaisir : rien d'ici ne change ta note.",
  vibrato: "Vibrato",
  vibratoShare: (percent: number) => `sur ${percent} % de tes notes longues`,
  longest: "Plus longue note",
  longestAt: (clock: string, text: string) => (text ? `à ${clock}, sur « ${text} »` : `à ${clock}`),
  range: "Étendue",
  rangeText: (semitones: number): string => (semitones === 0 ? "une seule note, mais bien à toi" : `${semitones} ${semitones > 1 ? "demi-tons" : "demi-ton"} du plus grave au plus aigu`),
  stability: "Tenue",
  stabilityText: (cents: number): string => (cents < 9 ? "Un fil de funambule." : cents < 18 ? "Un léger roulis." : "La houle se lève."),
  dynamics: "Nuances",
  dynamicsText: (db: number): string => (db < 6 ? "Tout d'un trait." : db < 14 ? "Du murmure à la voix pleine." : "Du secret au coup d'éclat."),
  tuning: (cents: string) => `${cents} en moyenne`,
  scoops: (count: number) => `${count} ${count > 1 ? "notes prises" : "note prise"} par en dessous`,
  breaths: (count: number) => `${count} ${count > 1 ? "respirations" : "respiration"}`,
  noteVibrato: "avec vibrato",
  noteScoop: "prise par en dessous",
};
