"""Which language lyrics are in, by their commonest small words."""

import re
from collections.abc import Iterable

SMALL_WORDS = {
    "fr": "le la les un une des du et je tu il elle nous vous ils on ne pas que qui dans pour sur mon ma mes ton ta "
    "tes est c'est j'ai suis à au aux avec plus tout toi moi où sans comme mais quand était",
    "en": "the a an and i you he she we they it is are was not of to in on for with my your me this that be do don't "
    "i'm it's all so when what but can will just like from have no",
    "es": "el la los las un una y yo tú él ella no que en con por para mi tu su es está soy me te se lo del al como "
    "más pero cuando si todo nada sin ya muy porque",
    "de": "der die das ein eine und ich du er sie wir ihr nicht ist bin bist sind in im auf mit für mein dein zu dem "
    "den von was wenn wie so auch nur noch mich dich mir dir kein",
    "it": "il lo la i gli le un una e io tu lui lei noi non che di in con per mi ti si è sono sei mio tuo del della "
    "come ma più quando tutto cosa perché se al nel",
}  # fmt: skip
WORDS_OF = {language: frozenset(words.split()) for language, words in SMALL_WORDS.items()}
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
MIN_WORDS = 8
MIN_SHARE = 0.15  # of all words, that are small words of the language
MIN_LEAD = 1.15  # before the second


def guess_language(texts: Iterable[str]) -> str:
    """ISO 639-1, or "" where it is not clear; only French, English, Spanish, German and Italian are known."""
    words = [word for text in texts for word in WORD.findall(text.casefold().replace("’", "'"))]
    if len(words) < MIN_WORDS:
        return ""
    counts = {language: sum(word in known for word in words) for language, known in WORDS_OF.items()}
    (best, most), (_, second) = sorted(counts.items(), key=lambda pair: -pair[1])[:2]
    return best if most >= MIN_SHARE * len(words) and most >= MIN_LEAD * second else ""
