/** What can go wrong, told to whoever sings, and what helps. */

import type { ApiCode } from "../api/problem";
import type { MicCode } from "../live/microphone";
import type { Trouble } from "./kinds";

export const api: Record<ApiCode, Trouble> = {
  "bad-request": { text: "La régie n'a pas compris la demande.", fix: "Recharge la page : ta version date peut-être d'hier soir." },
  "bad-sdp": { text: "Ton navigateur parle une langue que la régie ne comprend pas.", fix: "Mets-le à jour, ou essaie Chrome, Firefox ou Safari." },
  "same-file": { text: "La musique et la voix sont le même fichier : ce duo chante tout seul.", fix: "Remplace l'un des deux : la musique seule d'un côté, la voix seule de l'autre. Ou n'envoie qu'un fichier." },
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
  "no-take": { text: "Le jury n'a entendu que le silence.", fix: "Vérifie le micro et redonne sa chance à ta voix." },
  "take-deleted": { text: "Ta prise n'est plus là : la maison ne garde les prises qu'un moment.", fix: "Rechante la chanson : le jury t'écoute aussitôt." },
  "take-damaged": { text: "L'enregistrement de cette prise est abîmé : le jury ne peut pas l'écouter.", fix: "Rechante la chanson : ta prochaine prise aura son verdict." },
  "judge-failed": { text: "Le jury s'est emmêlé dans ses notes.", fix: "Recommence : cette fois, ils auront un café." },
  "no-source": { text: "Aucun enregistrement de cette chanson en vue.", fix: "Colle l'adresse d'une vidéo, ou apporte le fichier." },
  "source-refused": { text: "Le videur ne laisse pas entrer cette adresse.", fix: "Prends un lien YouTube, ou apporte le fichier." },
  "video-unavailable": { text: "Cette vidéo est privée, ou elle a disparu.", fix: "Choisis une autre source, il en reste sûrement une bonne." },
  "video-blocked": { text: "YouTube demande ses papiers à cette vidéo.", fix: "Choisis une autre source, ou apporte le fichier." },
  "too-long": { text: "Ça, c'est un concert entier, pas une chanson.", fix: "Choisis une version plus courte." },
  "not-audio": { text: "On a beau tendre l'oreille : ce fichier n'est pas du son.", fix: "Essaie un MP3, un M4A, un FLAC ou un WAV." },
  silent: { text: "Cet enregistrement est aussi muet qu'un décor.", fix: "Choisis une autre source, une qui s'entend." },
  "no-voice": { text: "Belle musique, mais personne ne chante dessus.", fix: "Choisis une version chantée : le jury a besoin d'un modèle." },
  "no-network": { text: "Le théâtre n'a plus de fil vers l'extérieur.", fix: "Réessaie dans un instant, ou apporte le fichier." },
  "service-failed": { text: "Notre fournisseur de chansons a eu une panne.", fix: "Réessaie, ou choisis une autre source." },
  "disk-full": { text: "Les coulisses débordent : plus de place pour cette chanson.", fix: "Préviens celui qui reçoit, ou chante une chanson de la maison." },
  "separation-missing": { text: "Ici, personne ne sait séparer la voix de l'orchestre.", fix: "Apporte une paire karaoké, ou chante une chanson de la maison." },
  "no-lyrics": { text: "Personne n'a noté les paroles de cette chanson.", fix: "Tu peux la chanter quand même, ou apporter un fichier LRC." },
  "no-word-times": { text: "Les mots de cette chanson n'ont pas encore d'heure.", fix: "Ils s'affichent ligne par ligne." },
  "no-track": { text: "Cette chanson a filé entre deux recherches.", fix: "Cherche-la encore une fois." },
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
