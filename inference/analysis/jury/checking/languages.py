"""Which language a sentence is in, by the small words that no sentence does without."""

SMALL_WORDS = {
    "fr": "le la les un une des du de au aux et est c ce cette ces ça je j tu vous nous il elle on me m te t se"
    " s mon ma mes ton ta"
    " tes votre vos son sa ses notre nos leur que qu qui quoi dont où pas ne n plus très trop bien mais ou donc"
    " car pour par sur sous"
    " dans avec sans chez vers depuis comme quand si y en d l été était avez avais as ai a sont êtes es suis"
    " fait encore là voilà même"
    " entre après avant jusqu lui ils elles déjà toute tout presque moi toi"
    " secondes millisecondes retard ligne justesse rythme paroles mot mots chanté chanson voix"
    " secondes millisecondes retard ligne justesse rythme paroles mot mots chanté chanson voix",
    "en": "the a an and is it its this that these those i you we he she they my your our his her their me us him"
    " them of to in on at"
    " by for with from as but or so not no was were are am be been has have had do does did s t d ll ve re m"
    " what who which when where"
    " how there here very too just than then into over under about like more most one up out down off still even"
    " if almost around seconds milliseconds late early line rhythm tuning lyrics word words sang sing voice breaths",
    "es": "el los las una unos unas y es son está estaba muy pero por para con sin su sus mi tu nos que como"
    " cuando fue ha has he lo del"
    " al esta este eso más voz canción usted señor señora tan también",
    "de": "der die das ein eine einen und ist war du sie ich wir nicht mit von zu im am auf für sehr aber wie"
    " dein deine ihre ihr mein"
    " meine es so noch nur schon bei aus dem den sind hast haben stimme auch",
    "it": "il lo gli uno una e è sono era molto ma per con senza tuo tua suo sua mio mia che come quando hai ha"
    " ho del della dei delle"
    " al alla nel nella più voce canzone sei questo questa non di",
    "pt": "o os as um uma e é são estava muito mas por para com sem seu sua meu minha que como quando foi você"
    " tem do da dos das no na"
    " ao mais voz canção não de",
}  # fmt: skip
WORDS = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}
LEAST_SHARE = 0.18  # of a sentence's words; prose has a third and more
NOISE = 2  # words of another language that a sentence may seem to hold


def is_in(language: str, words: tuple[str, ...]) -> bool:
    """Whether the words, in lower case, are of that language and of no other."""
    own = sum(word in WORDS[language] for word in words)
    others = [
        sum(word in known and word not in WORDS[language] for word in words)
        for name, known in WORDS.items()
        if name != language
    ]
    letters = [word for word in words if not word.isdigit()]
    return own > 0 and own >= LEAST_SHARE * len(letters) and max(others) <= min(NOISE, own - 1)
