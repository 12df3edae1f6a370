"""The words that jurors use: with a capital letter at the beginning of a sentence only they are no names."""

from functools import cache

from inference.analysis.jury.checking.languages import WORDS
from inference.analysis.jury.checking.number_words import ENGLISH, FRENCH
from inference.analysis.jury.checking.scene import words_of
from inference.analysis.jury.grammars import FOR_CHILDREN, LANGUAGES, OTHER_TONES
from inference.analysis.jury.rendering import RENDERINGS

NUMBERS = {"fr": FRENCH, "en": ENGLISH}


def is_common(word: str, language: str) -> bool:
    """`word` in lower case."""
    return word in _vocabulary(language)


@cache
def _vocabulary(language: str) -> frozenset[str]:
    """All that the grammar says, the small words and the numbers."""
    grammars = [LANGUAGES[language], FOR_CHILDREN[language]]
    grammars += [tones for (spoken, _level), tones in OTHER_TONES.items() if spoken == language]
    sentences = [s for grammar in grammars for slots in grammar.values() for row in slots.values() for s in row]
    used = {word for text in (*sentences, *RENDERINGS[language].values()) for word in words_of(text)}
    return frozenset(used | WORDS[language] | NUMBERS[language].keys())
