/** What can go wrong, told to whoever sings, and what helps. */

import type { ApiCode } from "../api/problem";
import type { MicCode } from "../live/microphone";
import type { Trouble } from "./kinds";

export const api: Record<ApiCode, Trouble> = {
  "bad-request": { text: "La régie n'a pas compris la demande.", fix: "Recharge la page : ta version date peut-être d'hier soir." },
  "bad-sdp": { text: "Ton navigateur parle une langue que la régie ne comprend pas.", fix: "Mets-le à jour, ou essaie Chrome, Firefox ou Safari." },
  "too-large": { text: "C'était trop volumineux pour la régie.", fix: "Recharge la page et recommence." },
  "no-audio": { text: "L'appel est arrivé sans micro dedans.", fix: "Refais le test du micro." },
  unauthorized: { text: "Le vigile ne retrouve pas ton badge.", fix: "Repars des coulisses, on t'en refait un." },
  "expired-token": { text: "Ton passage en loge a duré trop longtemps : le badge a expiré.", fix: "Choisis à nouveau ta chanson." },
  "foreign-session": { text: "Ce badge ouvre la loge de quelqu'un d'autre.", fix: "Repars des coulisses." },
  "session-live": { text: "Tu chantes déjà dans un autre onglet !", fix: "Ferme-le, le public n'a que deux oreilles." },
  "session-over": { text: "Ce passage est terminé, le rideau est tombé.", fix: "Recommence une nouvelle prise." },
  "unknown-song": { text: "Cette chanson a quitté le répertoire.", fix: "Choisis-en une autre, il en reste." },
  "unknown-session": { text: "La régie ne retrouve pas ton passage.", fix: "Repars des coulisses." },
  busy: { text: "La salle est pleine à craquer.", fix: "On te garde la place : nouvel essai automatique dans un instant." },
  "media-unavailable": { text: "L'ingénieur du son n'est pas à sa table.", fix: "On le rappelle, ne bouge pas." },
  "not-ready": { text: "Le jury n'a pas fini.", fix: "Encore une seconde." },
  "no-take": { text: "Le jury n'a entendu que le silence.", fix: "Vérifie le micro et redonne ta chance à ta voix." },
  "judge-failed": { text: "Le jury s'est emmêlé dans ses notes.", fix: "Recommence : cette fois, ils auront un café." },
  offline: { text: "On ne joint plus le théâtre.", fix: "Vérifie le réseau, on réessaie." },
  unexpected: { text: "Un imprévu en coulisses.", fix: "Recharge la page et on reprend." },
};

export const mic: Record<MicCode, Trouble> = {
  insecure: { text: "Le navigateur ne prête le micro qu'à une adresse sûre.", fix: "Ouvre la page en https:// (ou sur localhost)." },
  unsupported: { text: "Ce navigateur ne sait pas chanter avec nous.", fix: "Essaie un Chrome, Firefox ou Safari récent." },
  refused: { text: "Sans micro, ce sera du mime.", fix: "Touche le cadenas près de l'adresse, autorise le micro, puis réessaie." },
  missing: { text: "Aucun micro à l'horizon.", fix: "Branche un casque ou un micro, puis réessaie." },
  taken: { text: "Une autre application tient déjà le micro.", fix: "Raccroche ou ferme-la, puis réessaie." },
  "unexpected-mic": { text: "Le micro a le trac, il ne répond pas.", fix: "Débranche-le, rebranche-le, puis réessaie." },
};
