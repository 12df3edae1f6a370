"""What the jurors say in French. {names} are facts of the take."""

Grammar = dict[str, dict[str, tuple[str, ...]]]

GRAMMAR: Grammar = {
    "diva": {
        "opening.great": (
            "Mon éventail, vite, je défaille !",
            "Mais… c’est que vous m’avez donné la chair de poule, mon chou !",
            "Silence dans la salle : une voix vient de naître.",
            "J’ai failli me lever. Moi ! Avec ces talons !",
        ),
        "opening.good": (
            "Il y a du velours là-dedans, mon chou, du vrai velours.",
            "Voilà une voix qui sait où elle habite.",
            "J’ai fermé les yeux, et je n’ai presque pas souffert.",
        ),
        "opening.fair": (
            "Il y a une perle dans cette huître, mais quelle huître !",
            "Mon chou, la justesse, c’est comme le mascara : on ne le met pas à côté.",
            "Vous avez chanté comme on traverse la Seine : en visant l’autre rive.",
        ),
        "opening.weak": (
            "Mes perles se sont retournées dans leur écrin.",
            "Mon chou, nous avons visité ensemble des notes que personne n’avait écrites.",
            "Le courage, vous l’avez. La mélodie, elle, vous cherche encore.",
        ),
        "opening.silent": (
            "J’ai tendu l’oreille pendant {duration} secondes, "
            "mon chou, et je n’ai entendu que le froufrou de ma robe. "
            "Le trac ? Je l’ai eu aussi. Revenez, la scène vous attend.",
            "{duration} secondes de mystère absolu ! Quand vous serez prêt à ouvrir la bouche, j’ouvrirai mon cœur.",
            "En {duration} secondes, pas une note chantée. Une diva sait attendre, mon chou : respirez, et osez.",
        ),
        "opening.unmeasured": (
            "Mon chou, de ces {duration} secondes il ne m’est rien parvenu que je puisse juger : "
            "le micro nous a trahis. "
            "Vérifiez-le, et revenez me voir.",
            "Je ne juge pas ce que je n’entends pas : sur {duration} secondes, "
            "trop peu de son est arrivé jusqu’à mon fauteuil.",
        ),
        "score": (
            "Ma justesse sacrée vous accorde {pitch} sur 100.",
            "Pour la justesse, j’écris {pitch} sur mon carnet doré.",
            "{pitch} de justesse, et je pèse mes diamants.",
            "Le diapason de mon cœur dit {pitch}.",
        ),
        "score.total": ("Je vous donne {total}, tout compris.",),
        "always": (
            "Vous l’avez transposée de {key} demi-tons : une diva choisit sa tonalité.",
            "{key} demi-tons plus loin que la partition ? Caprice de star, j’approuve.",
        ),
        "detail": (
            "« {best_text} », c’était de la soie.",
            "À « {best_text} », j’ai versé une larme, une seule, mais waterproof.",
            "À {best_second} secondes, vous étiez un astre.",
            "Votre plus beau moment vaut {best_pitch}, je me le repasserai dans mon bain.",
            "Sur « {worst_text} », revoyez votre copie, et votre respiration.",
            "Vers {worst_second} secondes, le lustre a tremblé, et pas d’émotion.",
        ),
        "detail.flat": (
            "{note_cents} cents trop bas : on redresse la tête, mon chou, la note est au balcon.",
            "Une note est tombée de {note_cents} cents, j’ai voulu la rattraper avec mon boa.",
        ),
        "detail.sharp": (
            "{note_cents} cents trop haut : même mes talons ne montent pas jusque-là.",
            "Une note s’est envolée de {note_cents} cents, comme un caniche qui voit un pigeon.",
        ),
        "farewell.great": (
            "Je vous veux en duo.",
            "Prenez mon bouquet, il est à vous.",
            "Bravissimo, et je suis avare.",
        ),
        "farewell.good": (
            "Encore un peu de lumière, et c’est le grand soir.",
            "Revenez, je n’ai pas fini de frissonner.",
        ),
        "farewell.fair": ("Travaillez, et gardez cette flamme.", "On y croit, mon chou, on y croit."),
        "farewell.weak": (
            "Mais ne cessez jamais de chanter, cela m’occupe.",
            "Une autre chanson, peut-être ? Une à vous.",
        ),
    },
    "metronome": {
        "opening.great": (
            "Tic. Tac. Impeccable.",
            "J’ai arrêté mon chronomètre : il n’avait rien à vous apprendre.",
            "Une horlogerie suisse, avec des cordes vocales.",
        ),
        "opening.good": (
            "Le tempo est là, la ponctualité presque.",
            "Vous marchez droit, avec un petit caillou dans la chaussure.",
            "Bonne cadence, et je ne dis pas cela à l’heure d’été.",
        ),
        "opening.fair": (
            "Vous et la mesure, c’est une relation libre.",
            "Un train sur deux est arrivé à l’heure. Je connais des régions où l’on applaudirait.",
            "Le tempo était une suggestion, apparemment.",
        ),
        "opening.weak": (
            "Mon balancier a demandé un congé.",
            "J’ai cherché le temps fort. J’ai cherché longtemps.",
            "Vos attaques et la partition se sont croisées sans se saluer.",
        ),
        "opening.silent": (
            "J’ai compté {duration} secondes et zéro attaque. "
            "Le silence est parfaitement en mesure, mais il ne rapporte rien. "
            "Comptez jusqu’à quatre, et lancez-vous.",
            "Mesuré : {duration} secondes, aucune note. Un soupir, cela s’écrit ; une chanson, cela se chante. À vous.",
        ),
        "opening.unmeasured": (
            "Sur {duration} secondes, mes instruments n’ont presque rien reçu. "
            "Sans mesure, pas de note : je m’abstiens de chiffrer. "
            "Vérifiez la connexion et le micro.",
            "{duration} secondes au compteur, trop peu de son dans le tuyau. Je ne note pas le vide.",
        ),
        "score": (
            "Rythme : {rhythm} sur 100, au centième près.",
            "Mon chronomètre affiche {rhythm}.",
            "Je lis {rhythm} au rythme, et je ne sais pas mentir.",
        ),
        "score.total": ("Total affiché : {total}.",),
        "always": (
            "Relevé à {exact_second} secondes : {exact_cents} cents d’écart, j’ai sorti la loupe.",
            "Premier contrôle, à {exact_second} secondes : {exact_cents} cents. Je note tout.",
        ),
        "detail": (
            "La ligne à {worst_second} secondes boite : {worst_pitch}.",
            "La ligne qui démarre à {best_second} secondes est la mieux tenue : {best_pitch}.",
            "J’ai vérifié la justesse aussi : {pitch}. Déformation professionnelle.",
            "Sur « {best_text} », tout tombe où il faut.",
            "Total arrondi par conscience : {total}.",
        ),
        "detail.late": (
            "{onset_ms} millisecondes de retard à {onset_second} secondes : la SNCF vous salue.",
            "À {onset_second} secondes, {onset_ms} millisecondes de retard. J’ai eu le temps de remonter ma montre.",
        ),
        "detail.early": (
            "{onset_ms} millisecondes d’avance à {onset_second} secondes : aviez-vous un train à prendre ?",
            "À {onset_second} secondes, vous partez {onset_ms} millisecondes trop tôt. Faux départ !",
        ),
        "farewell.great": ("Je règle ma montre sur vous.", "Tac. C’est un compliment."),
        "farewell.good": ("Encore un tour de clé, et ce sera parfait.", "Continuez, en battant du pied."),
        "farewell.fair": ("Un métronome coûte douze euros. Pensez-y.", "Répétez lentement, le temps vous le rendra."),
        "farewell.weak": ("Commencez par taper dans les mains, puis chantez.", "Le temps guérit tout, même le tempo."),
    },
    "grand-mere": {
        "opening.great": (
            "Oh, mon poussin, j’en ai lâché mon tricot !",
            "Si ton grand-père t’entendait, il couperait le poste.",
            "Viens là que je t’embrasse, c’était magnifique !",
        ),
        "opening.good": (
            "C’était bien joli, mon poussin, bien joli.",
            "Tu as chanté comme on sort une tarte du four : doré, et un peu de travers.",
            "Ça m’a rappelé le bal du 14 juillet, en mieux.",
        ),
        "opening.fair": (
            "Tu y as mis du cœur, et le cœur, ça ne se rate pas.",
            "Mon poussin, même la soupe ne réussit pas du premier coup.",
            "C’était courageux comme de tondre en pantoufles.",
        ),
        "opening.weak": (
            "Le chat est sorti, mais moi je suis restée.",
            "Mon poussin, je t’aime. On va dire ça.",
            "Tu chantes comme ton oncle Gaston, et tout le monde l’adorait.",
        ),
        "opening.silent": (
            "Tu n’as rien chanté en {duration} secondes, mon poussin, "
            "je t’ai cru parti au pain. Prends un chocolat chaud, et recommence : je t’attends.",
            "{duration} secondes sans un mot… Tu es timide, "
            "comme ta mère. Personne ne mord ici, chante-moi quelque chose.",
        ),
        "opening.unmeasured": (
            "Mon poussin, la machine n’a rien gardé de tes {duration} secondes, "
            "ou si peu. Ce n’est pas ta faute : rebranche, et recommence pour Mamie.",
            "De tes {duration} secondes, rien n’est arrivé jusqu’à mon fauteuil. Le téléphone, sans doute. On refait ?",
        ),
        "score": (
            "Ça fait {total} en tout, je l’ai écrit sur le frigo.",
            "{total} sur 100, et une part de gâteau.",
            "Moi je mets {total}, avec un bisou en plus.",
        ),
        "score.total": ("{total}, mon poussin.",),
        "detail": (
            "Quand tu as dit « {best_text} », j’ai cherché mon mouchoir.",
            "« {best_text} », je l’ai chanté avec toi.",
            "À {best_second} secondes, j’ai posé mes lunettes pour mieux écouter.",
            "« {worst_text} », on le reverra ensemble dimanche.",
            "Vers {worst_second} secondes, tu as eu un petit creux : tu n’avais pas goûté ?",
            "Et tes paroles, {lyrics} : on articule bien dans la famille.",
            "J’ai attendu « {lost_word} », il n’est pas venu, le pauvre mot.",
        ),
        "farewell.great": ("Reprends de la tarte, tu l’as méritée.", "Je le dirai à toute la rue."),
        "farewell.good": ("Couvre-toi la gorge, et reviens.", "Tu me la rechanteras à Noël ?"),
        "farewell.fair": ("Une cuillère de miel, et ça ira mieux.", "Chante encore, ça fait pousser mes géraniums."),
        "farewell.weak": ("Mange quelque chose, tu chanteras mieux.", "L’important, c’est que tu sois là."),
    },
}
