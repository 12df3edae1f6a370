"""Every rule that a model's sentence has to meet, in the order in which they are asked."""

import re
import unicodedata
from collections.abc import Callable, Sequence

from inference.analysis.jury.checking import claims, figures, forbidden
from inference.analysis.jury.checking.languages import is_in
from inference.analysis.jury.checking.scene import Scene, words_of
from inference.analysis.jury.checking.sentence import QUOTE_SIGNS, Said, read
from inference.analysis.jury.checking.vocabulary import is_common

MAX_CHARACTERS = 240
MAX_FACTS = 8
LEAST_WORDS = 3
LEAKED_RUN = 6  # words in a row of the request
CAPITAL = re.compile(r"(?<![\w])[A-ZÀ-ÖØ-ÞŒ][^\W\d_]*")
SHOUTED = re.compile(r"(?<!\w)[A-ZÀ-Þ]{2,}")
Rule = Callable[[Said, Scene], bool]


def _is_short_text(said: Said, _scene: Scene) -> bool:
    return len(said.text) <= MAX_CHARACTERS and len(words_of(said.text)) >= LEAST_WORDS


def _cites_facts(said: Said, _scene: Scene) -> bool:
    return bool(said.cited) and not said.unknown and len(said.cited) <= MAX_FACTS


def _is_plain(said: Said, _scene: Scene) -> bool:
    """Latin letters, digits and the signs of a sentence; no code, no address, no lone quote."""
    plain = bool(forbidden.ALLOWED.fullmatch(said.bare)) and not forbidden.MARKUP.search(said.bare)
    return plain and not QUOTE_SIGNS.search(said.bare) and not _has_odd_digits(said.text)


def _has_odd_digits(text: str) -> bool:
    return any(unicodedata.category(sign).startswith("N") and sign not in "0123456789" for sign in text)


def _is_in_language(said: Said, scene: Scene) -> bool:
    return is_in(scene.language, words_of(said.bare))


def _leaks_nothing(said: Said, scene: Scene) -> bool:
    if forbidden.LEAK.search(said.plain) or re.search(r"\b[a-z]+[._]\d|\w_\w", said.bare):
        return False
    spoken = " ".join(words_of(said.bare))
    return not any(" ".join(row) in spoken for secret in scene.secrets for row in _rows(secret))


def _rows(text: str) -> list[tuple[str, ...]]:
    words = words_of(text)
    return [words[at : at + LEAKED_RUN] for at in range(max(0, len(words) - LEAKED_RUN + 1))]


def _is_kind(said: Said, scene: Scene) -> bool:
    unkind = forbidden.UNKIND.search(said.plain)
    return not unkind and not (scene.for_children and forbidden.FOR_ADULTS.search(said.plain))


def _names_nobody(said: Said, scene: Scene) -> bool:
    """No capital letter but at the beginning of a sentence, there only a word that jurors use, and nobody known."""
    if forbidden.PEOPLE.search(said.plain) or SHOUTED.search(said.bare):
        return False
    for match in CAPITAL.finditer(said.bare):
        word = match[0].lower()
        if word not in scene.names and not (_begins(said.bare, match.start()) and is_common(word, scene.language)):
            return False
    return True


def _begins(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \u00a0\u202f")
    return not before or before[-1] in ".!?…:"


def _keeps_to_the_take(said: Said, _scene: Scene) -> bool:
    return not any(pattern.search(said.plain) for pattern in forbidden.BESIDE_THE_TAKE)


def _claims_no_more(said: Said, _scene: Scene) -> bool:
    """Not all notes, no word at all, from the first to the last: one fact does not hold that."""
    return not forbidden.UNIVERSAL.search(said.plain) and not forbidden.EVERYWHERE.search(said.plain)


RULES: tuple[tuple[str, Rule], ...] = (
    ("length", _is_short_text),
    ("no-fact", _cites_facts),
    ("markup", _is_plain),
    ("quote", claims.quotes_are_held),
    ("language", _is_in_language),
    ("leak", _leaks_nothing),
    ("unkind", _is_kind),
    ("person", _names_nobody),
    ("not-measured", _keeps_to_the_take),
    ("too-much", _claims_no_more),
    ("line", claims.lines_are_held),
    ("swapped", lambda said, _scene: claims.one_subject(said)),
    ("number", figures.figures_are_held),
    ("part", lambda said, _scene: figures.scores_are_bound(said)),
    ("term", claims.terms_are_held),
    ("quality", lambda said, _scene: claims.qualities_are_held(said)),
    ("generalised", lambda said, _scene: claims.places_are_told(said)),
    ("direction", lambda said, _scene: claims.directions_are_held(said)),
    ("praise", claims.praise_is_earned),
    ("extreme", claims.extremes_are_held),
    ("place", claims.places_are_held),
    ("nothing", claims.says_something),
)


def why_refused(text: str, ids: Sequence[str], scene: Scene) -> str | None:
    """The first rule that a sentence breaks; None where every fact that it claims is held by one that it cites."""
    said = read(text, ids, scene)
    return next((name for name, holds in RULES if not holds(said, scene)), None)
