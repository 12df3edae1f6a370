/** Any song: looking for it, bringing it, waiting for it, laying its words right. */

import type { AbilityName, FileFault, PrepareStage, Remark, Trouble } from "./kinds";

const number = new Intl.NumberFormat("fr-FR", { maximumFractionDigits: 2, minimumFractionDigits: 2, signDisplay: "exceptZero" });

const stages: Record<PrepareStage, string> = {
  queued: "Ta chanson attend son tour en cuisine…",
  download: "On va chercher la chanson…",
  decode: "On déballe le son…",
  separate: "On sépare la voix de l'orchestre…",
  pitch: "On écoute l'original note à note…",
  words: "On pose chaque mot à sa place…",
  store: "On range tout : la prochaine fois, ce sera immédiat.",
};

const steps: Record<Exclude<PrepareStage, "queued">, string> = {
  download: "Chercher",
  decode: "Déballer",
  separate: "Séparer",
  pitch: "Écouter",
  words: "Placer les mots",
  store: "Ranger",
};

const remarks: Record<Remark, string> = {
  bleed: "un peu d'orchestre traîne encore dans la voix",
  harmonies: "des chœurs se mêlent à la mélodie",
  "few-notes": "peu de notes bien nettes",
  "no-lyrics": "pas de paroles trouvées",
  "notes-differ": "les notes écrites et la voix ne disent pas tout à fait pareil",
  "quiet-voice": "la voix est bien timide",
};

const faults: Record<FileFault, Trouble> = {
  empty: { text: "Ce fichier est vide comme une salle un lundi soir.", fix: "Choisis-en un autre." },
  "too-large": { text: "Ce fichier est trop lourd pour nos bras (200 Mo au plus).", fix: "Un MP3 ou un M4A de la chanson fera très bien l'affaire." },
  "too-long": { text: "Plus de vingt minutes : ça, c'est un concert entier.", fix: "Choisis un fichier avec une seule chanson." },
  unknown: { text: "Ce fichier n'a pas l'air d'être du son.", fix: "Il nous faut un MP3, M4A, FLAC, OGG, WAV… ou des paroles en LRC ou TXT." },
  "too-many": { text: "Doucement, une chanson à la fois !", fix: "Un fichier, ou deux pour un karaoké (musique et voix), plus les paroles." },
  "half-pair": { text: "Il manque la moitié du duo.", fix: "Un karaoké, c'est deux fichiers : la musique seule et la voix seule." },
};

const abilities: Record<AbilityName, Trouble & { command: string }> = {
  search: { text: "La recherche fonctionne sans Spotify.", fix: "Avec des clés Spotify, elle trouve plus vite et montre les pochettes :", command: "SPOTIFY_CLIENT_ID=… SPOTIFY_CLIENT_SECRET=…" },
  youtube: { text: "YouTube n'est pas joignable d'ici.", fix: "Les fichiers et les chansons de la maison marchent ; pour le reste :", command: "make setup" },
  lyrics: { text: "Les paroles ne peuvent pas être cherchées.", fix: "Apporte un LRC avec ton fichier, ou vérifie l'adresse :", command: "LRCLIB_URL=https://lrclib.net" },
  separation: { text: "Rien ne sépare encore la voix de l'orchestre.", fix: "Une paire karaoké marche déjà ; pour toutes les autres chansons :", command: "voicejury models fetch htdemucs" },
  "word-times": { text: "Les mots des chansons ne se calent pas pour l'instant.", fix: "Le service qui prépare les chansons ne répond pas :", command: "voicejury serve" },
  whisper: { text: "Sans modèle de parole, les mots se calent sur les syllabes et le jury n'entend pas les paroles.", fix: "Avec Whisper, tout tombe plus juste :", command: "voicejury models fetch whisper-small" },
};

export const songs = {
  search: {
    label: "Cherche n'importe quelle chanson",
    placeholder: "Titre, artiste, refrain…",
    clear: "Effacer",
    results: "Chansons trouvées",
    count: (count: number) => (count === 0 ? "Aucune chanson trouvée" : count === 1 ? "Une chanson trouvée" : `${count} chansons trouvées`),
    asking: "On fouille les bacs à disques…",
    now: "Chantable tout de suite",
    prepared: "Environ deux minutes de préparation",
    recent: "Cherché récemment",
    sources: { spotify: "Spotify", youtube: "YouTube", catalogue: "Maison" } as Record<string, string>,
    failed: (names: string) => `${names} ne répond pas ce soir : la liste est peut-être plus courte.`,
    houseOnly: "Ici, seul le répertoire de la maison répond. Mais tu peux apporter ta chanson.",
    nothing: (query: string) => `Rien qui ressemble à « ${query} ». Même le souffleur sèche.`,
    nothingFix: "Essaie le titre sans faute de frappe, ou apporte le fichier.",
    again: (wait: string) => `Tu cherches plus vite que ton ombre : on reprend dans ${wait}.`,
    album: (album: string) => `sur « ${album} »`,
  },
  bring: {
    open: "Apporter ma chanson",
    hint: "un fichier audio, ou une paire karaoké",
    drop: "Lâche tout, on s'en occupe !",
    title: "Ta chanson",
    choose: "Choisir un fichier",
    chooseMore: "Ajouter un fichier",
    intro: "Un fichier audio, ou deux pour un karaoké (musique et voix). Avec les paroles en LRC ou TXT, c'est encore mieux.",
    kinds: { audio: "Chanson entière", instrumental: "Musique seule", vocals: "Voix seule", lyrics: "Paroles" },
    swap: "Inverser musique et voix",
    remove: (name: string) => `Retirer ${name}`,
    songTitle: "Titre",
    artist: "Artiste",
    language: "Langue chantée",
    languages: { "": "Je ne sais pas", fr: "Français", en: "Anglais", es: "Espagnol", it: "Italien", de: "Allemand", pt: "Portugais" },
    missingTitle: "Donne-lui au moins un titre.",
    send: "Envoyer en coulisses",
    sending: (percent: string) => `Envoi : ${percent} %`,
    reading: "Les coulisses écoutent ton fichier…",
    cancel: "Annuler",
    private: "Ton fichier reste dans cette maison.",
    size: (megabytes: number) => `${megabytes < 10 ? megabytes.toFixed(1).replace(".", ",") : Math.round(megabytes)} Mo`,
    faults,
    tooLarge: { text: "La maison n'a pas voulu d'un fichier aussi lourd.", fix: "Un MP3 ou un M4A de la chanson fera très bien l'affaire." },
    refused: { text: "La maison n'a pas compris ce fichier.", fix: "Vérifie que musique et voix sont bien deux fichiers différents, puis renvoie." },
  },
  preparing: {
    title: "Ta chanson arrive",
    asking: "On passe commande…",
    label: "Préparation de la chanson",
    stages,
    steps,
    left: (minutes: number, seconds: number) => (minutes > 0 ? `encore ${minutes} min environ` : `encore ${seconds} s environ`),
    leftUnknown: "le temps restant se précise",
    slow: "C'est plus long que d'habitude, mais ça travaille.",
    lost: "Le fil est coupé ; la préparation continue sans toi, on te rattrape.",
    meanwhile: "En attendant, règle ton micro.",
    ready: "Ta chanson est prête.",
    waiting: "La chanson se prépare…",
    missing: "Il manque encore la chanson.",
    other: "Choisir une autre source",
    retry: "Réessayer",
    search: "Chercher autre chose",
    leave: "Tu peux recharger la page ou fermer le téléphone : rien n'est perdu.",
  },
  sources: {
    title: "Une autre source",
    asking: "On cherche d'autres enregistrements…",
    list: "Enregistrements trouvés",
    none: "Aucun autre enregistrement en vue.",
    noneFix: "Colle une adresse, ou apporte le fichier.",
    match: { same: "C'est bien elle", close: "Très proche", other: "Peut-être une autre version" },
    ready: "Déjà prête",
    unknown: "Référence encore inconnue",
    address: "Adresse d'une vidéo",
    addressHint: "https://youtu.be/…",
    addressBad: "Il faut une adresse complète, qui commence par https://",
    take: "Prendre celle-ci",
    kinds: { youtube: "YouTube", upload: "Fichier", folder: "Maison" } as Record<string, string>,
  },
  confidence: {
    title: "Référence",
    label: (stars: number, words: string) => `Référence : ${stars} étoiles sur 5, ${words}`,
    words: {
      superb: "limpide, le jury saura exactement quoi entendre",
      good: "bonne, tu peux y aller les yeux fermés",
      fair: "correcte, avec quelques zones d'ombre",
      weak: "fragile : une autre source vaudrait peut-être mieux",
    },
    but: (list: string) => `À savoir : ${list}.`,
    remarks,
  },
  words: {
    open: "Caler les paroles",
    title: "Caler les paroles",
    hint: "Les mots arrivent trop tôt ? Pousse-les. Tu peux aussi faire glisser la ligne.",
    earlier: "Mots plus tôt",
    later: "Mots plus tard",
    line: "Décalage des paroles",
    value: (seconds: number) => `${number.format(seconds)} s`,
    reset: "Remettre à zéro",
    kept: "Gardé pour la prochaine fois",
    keeping: "On note…",
    lost: "Appliqué, mais pas gardé : la régie ne répond pas",
    listen: "Écouter ce passage",
  },
  abilities: {
    title: "Pour celui qui reçoit",
    intro: (count: number) => (count === 1 ? "Tout marche déjà. Une chose pourrait aller mieux." : `Tout marche déjà. ${count} choses pourraient aller mieux.`),
    more: "Voir comment",
    dismiss: "Compris",
    copy: "Copier",
    copied: "Copié",
    known: abilities,
  },
};

export type SongTexts = typeof songs;
