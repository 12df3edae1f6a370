"""Which written word was heard: jiwer aligns; where it finds a difference, other spellings are looked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby

import jiwer

from inference.domain.lyrics_english import AMBIGUOUS
from inference.domain.lyrics_french import ONE, sound
from inference.domain.lyrics_text import ENGLISH, FRENCH, bare
from inference.domain.lyrics_token import Token

# The weights of NIST's sclite: two substitutions must not win over a hit and what surrounds it.
SUBSTITUTION, GAP = 4, 3
NEVER = 1 << 30
LARGEST_REGION = 10_000  # cells; a hundred words without one right between them are left as jiwer has them


class Fate(Enum):
    HIT = "hit"
    SUBSTITUTED = "substituted"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Pair:
    """What became of one written token."""

    fate: Fate
    heard: int = -1  # index of the first heard token that stands for it; -1 when it was deleted


@dataclass(frozen=True, slots=True)
class Alignment:
    pairs: tuple[Pair, ...]  # one per written token
    inserted: tuple[int, ...]  # heard tokens that stand for nothing written, without the optional ones


@dataclass(frozen=True, slots=True)
class _Step:
    """So many written tokens against so many heard ones."""

    written: int
    heard: int
    cost: int
    fate: Fate | None  # None where nothing is written


# Words may be cut otherwise: "peut être", "peutêtre".
HITS = tuple(
    _Step(written, heard, 0, Fate.HIT)
    for written, heard in ((1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (2, 3), (3, 2))
)
SUBSTITUTED = _Step(1, 1, SUBSTITUTION, Fate.SUBSTITUTED)
DELETED, LEFT_OUT = _Step(1, 0, GAP, Fate.DELETED), _Step(1, 0, 0, Fate.DELETED)
INSERTED, IGNORED = _Step(0, 1, GAP, None), _Step(0, 1, 0, None)


def align(written: Sequence[Token], heard: Sequence[Token], language: str) -> Alignment:
    """Pairs written with heard tokens in order; optional ones take only what no other wants, and cost nothing."""
    language = language.lower().partition("-")[0]
    if not written or not heard:
        return Alignment((Pair(Fate.DELETED),) * len(written), _asked(heard, set()))
    pairs: list[Pair] = []
    used: set[int] = set()
    place = 0  # in heard
    for step in _steps(written, heard, language):
        pairs += [Pair(step.fate, place if step.heard else -1)] * step.written if step.fate else []
        used.update(range(place, place + step.heard) if step.fate else ())
        place += step.heard
    return Alignment(_given_to_the_required(pairs, written), _asked(heard, used))


def _asked(heard: Sequence[Token], used: set[int]) -> tuple[int, ...]:
    return tuple(place for place, token in enumerate(heard) if place not in used and not token.optional)


def _steps(written: Sequence[Token], heard: Sequence[Token], language: str) -> Iterator[_Step]:
    found = jiwer.process_words([_keys(written)], [_keys(heard)]).alignments[0]
    for equal, group in groupby(found, key=lambda chunk: chunk.type == "equal"):
        chunks = list(group)
        first, last = chunks[0], chunks[-1]
        region = written[first.ref_start_idx : last.ref_end_idx]
        sound_of_it = heard[first.hyp_start_idx : last.hyp_end_idx]
        if equal:
            yield from [HITS[0]] * len(region)
        elif len(region) * len(sound_of_it) <= LARGEST_REGION:
            yield from _cheapest(region, sound_of_it, language)
        else:
            paired = min(len(region), len(sound_of_it))
            yield from [SUBSTITUTED] * paired
            yield from [DELETED] * (len(region) - paired)
            yield from [INSERTED] * (len(sound_of_it) - paired)


def _keys(tokens: Sequence[Token]) -> str:
    return " ".join(bare(token.text) for token in tokens)


def _cheapest(written: Sequence[Token], heard: Sequence[Token], language: str) -> list[_Step]:
    """The cheapest way through a small region, by dynamic programming from its end."""
    costs = [[0] * (len(heard) + 1) for _ in range(len(written) + 1)]
    best: dict[tuple[int, int], _Step] = {}
    for row in range(len(written), -1, -1):
        for column in range(len(heard), -1, -1):
            whole = NEVER
            for step in _possible(written, heard, row, column, language):
                cost = costs[row + step.written][column + step.heard] + step.cost
                if cost < whole:
                    whole, best[row, column] = cost, step
            costs[row][column] = whole if (row, column) in best else 0
    steps = []
    row, column = 0, 0
    while (row, column) in best:
        steps.append(best[row, column])
        row, column = row + steps[-1].written, column + steps[-1].heard
    return steps


def _possible(
    written: Sequence[Token], heard: Sequence[Token], row: int, column: int, language: str
) -> Iterator[_Step]:
    """What can come next from these places on."""
    if row < len(written) and column < len(heard):
        yield from _matches(written, heard, row, column, language)
        if not written[row].optional and not heard[column].optional:
            yield SUBSTITUTED
    if row < len(written):
        yield LEFT_OUT if written[row].optional else DELETED
    if column < len(heard):
        yield IGNORED if heard[column].optional else INSERTED


def _matches(written: Sequence[Token], heard: Sequence[Token], row: int, column: int, language: str) -> Iterator[_Step]:
    one, other = written[row], heard[column]
    if alike(one, other, language):
        yield HITS[0]
    if bare(one.text)[0] == bare(other.text)[0]:
        for step in HITS[1:]:
            if _joined(written, row, step.written) == _joined(heard, column, step.heard) != "":
                yield step


def alike(one: Token, other: Token, language: str) -> bool:
    """The same letters, two spellings of one sound, or digits and either gender."""
    if bare(one.text) == bare(other.text):
        return True
    if language == ENGLISH:
        return other.text in AMBIGUOUS.get(one.text, ()) or one.text in AMBIGUOUS.get(other.text, ())
    if language != FRENCH:
        return False
    has_no_gender = (one.from_digits or other.from_digits) and one.text in ONE and other.text in ONE
    return has_no_gender or sound(one.text) == sound(other.text)


def _joined(tokens: Sequence[Token], first: int, many: int) -> str:
    """So many tokens as one; empty where there are not so many."""
    joined = tokens[first : first + many]
    return "".join(bare(token.text) for token in joined) if len(joined) == many else ""


def _given_to_the_required(pairs: list[Pair], written: Sequence[Token]) -> tuple[Pair, ...]:
    """What an optional token took goes to the same word beside it where that one is required and went without."""
    for order in (1, -1):
        without: dict[str, int] = {}  # required tokens without a sound since the last sound
        for place in range(len(pairs))[::order]:
            token, pair = written[place], pairs[place]
            taker = without.get(bare(token.text)) if token.optional and pair.fate is Fate.HIT else None
            if taker is not None:
                pairs[taker], pairs[place] = pair, pairs[taker]
                without = {text: other for text, other in without.items() if (other - taker) * order > 0}
            elif pair.fate is not Fate.DELETED:
                without = {}
            elif not token.optional:
                without.setdefault(bare(token.text), place)
    return tuple(pairs)
