"""What was heard while one line was due, held against that line and its two neighbours.

A line's sound is cut a little before and after the line, so that words of the neighbours stray in; and singers are
late. Such words are no ad-libs of this line.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache

from inference.domain.lyrics_align import Fate, Pair, align
from inference.domain.lyrics_inventions import without_inventions
from inference.domain.lyrics_text import bare, text_tokens, word_tokens
from inference.domain.lyrics_token import Token
from inference.domain.melody import Lyrics

ALIKE = 0.6  # of the letters: while the song is sung, a word that is heard so much alike is taken for it
TELLING = 1 / 3  # of a line's words: while the song is sung, fewer may be luck, and none is said to be heard


class WordState(Enum):
    HEARD = "heard"
    LATE = "late"  # heard only while the next line was due
    WRONG = "wrong"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Place:
    """A written word: its line, and its number in it."""

    phrase: int
    word: int


@dataclass(frozen=True, slots=True)
class LineHeard:
    """One line, and what was heard while it was due."""

    phrase: int
    heard: tuple[str, ...]  # as the recogniser wrote it, cut at spaces
    states: tuple[WordState | None, ...]  # of each written word; None where there is nothing to compare, as of "la la"
    strays: Mapping[int, Place] = field(default_factory=dict)  # heard words that belong to a neighbour, by number


def hear_line(lyrics: Lyrics, phrase: int, text: str, is_generous: bool) -> LineHeard:
    """The line's own words are looked for first; only what lies before and after them may be a neighbour's."""
    language = lyrics.language
    mine, before, after = (_written(lyrics, number) for number in (phrase, phrase - 1, phrase + 1))
    spoken = without_inventions(text_tokens(text, language), [*before, *mine, *after], language)
    found = align(mine, spoken, language)
    right = [pair.heard for pair in found.pairs if pair.fate is Fate.HIT]
    first, last = (min(right), max(right)) if right else (len(spoken), len(spoken) - 1)
    strays = _found_in(before, spoken[:first], phrase - 1, language)
    rest = spoken[last + 1 :] if right else [token for token in spoken if token.source not in strays]
    strays |= _found_in(after, rest, phrase + 1, language)
    own = [token for token in spoken if token.source not in strays]
    pairs = align(mine, own, language).pairs
    count = sum(word.phrase == phrase for word in lyrics.words)
    states = [word_state(mine, own, pairs, word, is_generous) for word in range(count)]
    return LineHeard(phrase, tuple(text.split()), tuple(without_luck(states) if is_generous else states), strays)


def late_words(line: LineHeard, following: LineHeard) -> frozenset[int]:
    """Numbers of the line's words that were heard while the next line was due, and not before."""
    return frozenset(
        place.word
        for place in following.strays.values()
        if place.phrase == line.phrase and line.states[place.word] in (WordState.MISSING, WordState.WRONG)
    )


def transcript(lines: Sequence[LineHeard]) -> str:
    """What was heard of all lines, in order; a word that was heard with two lines is told once."""
    states = {line.phrase: line.states for line in lines}
    return "\n".join(
        " ".join(word for number, word in enumerate(line.heard) if not _told_elsewhere(line, number, states))
        for line in lines
    )


def _told_elsewhere(line: LineHeard, number: int, states: Mapping[int, Sequence[WordState | None]]) -> bool:
    place = line.strays.get(number)
    if place is None or place.phrase not in states:
        return False
    return states[place.phrase][place.word] is WordState.HEARD


def _written(lyrics: Lyrics, phrase: int) -> list[Token]:
    texts = [word.text for word in lyrics.words if word.phrase == phrase]
    return word_tokens(texts, [phrase] * len(texts), lyrics.language)


def _found_in(written: list[Token], spoken: list[Token], phrase: int, language: str) -> dict[int, Place]:
    """Of the spoken words, by number: those that the line has."""
    pairs = align(written, spoken, language).pairs
    return {
        spoken[pair.heard].source: Place(phrase, token.source)
        for token, pair in zip(written, pairs, strict=True)
        if pair.fate is Fate.HIT
    }


def word_state(
    mine: Sequence[Token], own: Sequence[Token], pairs: Sequence[Pair], word: int, is_generous: bool
) -> WordState | None:
    """Of one written word of the line; None where there is nothing to compare."""
    required = [
        (token, pair) for token, pair in zip(mine, pairs, strict=True) if token.source == word and not token.optional
    ]
    if not required:
        return None
    hits = sum(pair.fate is Fate.HIT or (is_generous and _is_like(token, own, pair)) for token, pair in required)
    if hits == len(required) or (is_generous and 2 * hits >= len(required)):
        return WordState.HEARD
    if all(pair.fate is Fate.DELETED for _, pair in required):
        return WordState.MISSING
    return WordState.WRONG


def without_luck(states: list[WordState | None]) -> list[WordState | None]:
    """Nothing is heard where so little is that it may be luck."""
    if states.count(WordState.HEARD) >= TELLING * (len(states) - states.count(None)):
        return states
    return [WordState.WRONG if state is WordState.HEARD else state for state in states]


def _is_like(token: Token, own: Sequence[Token], pair: Pair) -> bool:
    return pair.fate is Fate.SUBSTITUTED and likeness(token, own[pair.heard]) >= ALIKE


def likeness(one: Token, other: Token) -> float:
    """0..1, of their letters."""
    return _likeness(bare(one.text), bare(other.text))


@lru_cache(maxsize=1 << 14)
def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
