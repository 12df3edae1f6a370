"""Words that are heard as they are sung, where nobody knows when a line is due.

Two rules: what a recogniser wrote of sound that still goes on counts only as far as it listened to sound that is well
behind it (AlignAtt: Papi et al. 2023); and what counts is held against the song's lines in order, from where the singer
is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.domain.line_words import ALIKE, TELLING, LineHeard, WordState, likeness, without_luck, word_state
from inference.domain.lyrics_align import align, alike
from inference.domain.lyrics_inventions import without_inventions
from inference.domain.lyrics_text import bare, text_tokens, word_tokens
from inference.domain.lyrics_token import Token
from inference.domain.melody import Lyrics

LOOKED_AT = 16  # lines from where the singer is: two verses
MOST_HEARD = 60  # words that are not settled yet
HIT, LIKE = 1.0, 0.5
SUBSTITUTED, DELETED, INSERTED = -0.6, -0.5, -0.5
JUMP = -2.5  # from anywhere to the beginning of a later line
SAME_S, AGAIN = 0.1, 3  # a word that begins so soon after the agreed ones may be one of the last of them
SURE_HITS = 2  # heard words of a line after which the lines before it are over


@dataclass(frozen=True, slots=True)
class AttendedWord:
    """A word, and which sound the recogniser listened to when it wrote it."""

    text: str
    onset_s: float
    offset_s: float


def settled(words: Sequence[AttendedWord], heard_s: float, guard_s: float) -> int:
    """How many of the words, from the first, would be written of more sound too: AlignAtt."""
    for number, word in enumerate(words):
        if word.offset_s > heard_s - guard_s:
            return number
    return len(words)


def fresh(words: Sequence[AttendedWord], agreed: Sequence[str], agreed_s: float) -> Sequence[AttendedWord]:
    """Of a whole decode, the words after those that were agreed up to `agreed_s`.

    The next decode may place an agreed word a little later: it is not told twice.
    """
    rest = [word for word in words if (word.onset_s + word.offset_s) / 2 > agreed_s]
    if not rest or rest[0].onset_s >= agreed_s + SAME_S:
        return rest
    for count in range(min(AGAIN, len(agreed), len(rest)), 0, -1):
        if [bare(word.text) for word in rest[:count]] == [bare(text) for text in agreed[-count:]]:
            return rest[count:]
    return rest


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where in the song a singer is."""

    open_lines: tuple[int, ...]  # numbers of the lines that are not over, in order
    heard: tuple[str, ...] = ()  # since the first of them began
    has_missed: bool = False  # sound was lost since then


@dataclass(frozen=True, slots=True)
class _Reach:
    """How far in the written tokens the spoken ones came."""

    written: int  # tokens that are sung or left out
    lines: tuple[int, ...]  # of each spoken token: the line (its place in the open lines) that it belongs to


def hear_on(
    lyrics: Lyrics, before: Whereabouts, words: Sequence[str], has_missed: bool = False
) -> tuple[Whereabouts, tuple[LineHeard, ...]]:
    """Where the singer is after more words, and the lines of which there is something to tell; no word is late.

    A word that is not reached yet has no state.
    """
    heard = (*before.heard, *(part for word in words for part in word.split()))[-MOST_HEARD:]
    has_missed = has_missed or before.has_missed
    looked_at = before.open_lines[:LOOKED_AT]
    written, owners = _written(lyrics, looked_at)
    spoken = without_inventions(text_tokens(" ".join(heard), lyrics.language), written, lyrics.language)
    reach = _reach(written, owners, spoken, lyrics.language)
    if not reach.written:
        return Whereabouts(before.open_lines, heard, has_missed), ()
    last = owners[reach.written - 1]
    lines = [
        _line(lyrics, looked_at[place], _tokens_of(written, owners, place, reach.written), reach, spoken, heard, place)
        for place in range(last + 1)
    ]
    if has_missed:
        lines = [_without_missing(line) for line in lines]
    over = last if lines[last].states.count(WordState.HEARD) >= SURE_HITS else 0
    told = [line for place, line in enumerate(lines) if place < over or _is_telling(line)]
    first = next((token.source for token, line in zip(spoken, reach.lines, strict=True) if line >= over), len(heard))
    after = Whereabouts(before.open_lines[over:], heard[first:] if over else heard, has_missed and not over)
    return after, tuple(_settled_line(line) if line.phrase in looked_at[:over] else line for line in told)


def _written(lyrics: Lyrics, phrases: Sequence[int]) -> tuple[list[Token], list[int]]:
    """The tokens of lines, each with the number of its word in its line; and the place of each token's line."""
    tokens: list[Token] = []
    owners: list[int] = []
    for place, phrase in enumerate(phrases):
        texts = [word.text for word in lyrics.words if word.phrase == phrase]
        found = word_tokens(texts, [phrase] * len(texts), lyrics.language)
        tokens += found
        owners += [place] * len(found)
    return tokens, owners


def _tokens_of(written: Sequence[Token], owners: Sequence[int], place: int, until: int) -> list[Token]:
    """Of one line, as far as it was reached; a word of which only a part was is left out."""
    line = [number for number, owner in enumerate(owners) if owner == place]
    unreached = {written[number].source for number in line if number >= until}
    return [written[number] for number in line if written[number].source not in unreached]


def _reach(written: Sequence[Token], owners: Sequence[int], spoken: Sequence[Token], language: str) -> _Reach:
    """The best way through both, in order; it may end anywhere in what is written."""
    starts = {number for number, owner in enumerate(owners) if number and owner != owners[number - 1]}
    scores = [_left_out([0.0, *[float("-inf")] * len(written)], written, starts)]
    came = [scores[0][1]]
    row = scores[0][0]
    for token in spoken:
        row, steps = _row(row, written, starts, token, language)
        came.append(steps)
    best = max(range(len(row)), key=lambda number: (row[number], -number)) if spoken else 0
    return _Reach(best, _traced(came, best, owners))


Steps = list[tuple[int, int]]  # of each place: (spoken tokens back, place before)


def _row(
    above: Sequence[float], written: Sequence[Token], starts: set[int], token: Token, language: str
) -> tuple[list[float], Steps]:
    """The best scores after one more spoken token."""
    inserted = 0.0 if token.optional else INSERTED
    row, steps = [above[0] + inserted], [(1, 0)]
    for number, word in enumerate(written):
        paired, alone = above[number] + _credit(word, token, language), above[number + 1] + inserted
        row.append(max(paired, alone))
        steps.append((1, number) if paired > alone else (1, number + 1))
    better, skipped = _left_out(row, written, starts)
    return better, [skip if skip[1] >= 0 else step for skip, step in zip(skipped, steps, strict=True)]


def _left_out(row: Sequence[float], written: Sequence[Token], starts: set[int]) -> tuple[list[float], Steps]:
    """Better ways by leaving words out, singly or up to a line's beginning; the place before is -1 where none is."""
    out, steps = [row[0]], [(0, -1)]
    best, best_place = row[0], 0
    for number, word in enumerate(written):
        place = number + 1
        ways = [(row[place], -1), (out[number] + (0.0 if word.optional else DELETED), number)]
        if place in starts:
            ways.append((best + JUMP, best_place))
        score, origin = max(ways, key=lambda way: way[0])
        out.append(score)
        steps.append((0, origin))
        if score > best:
            best, best_place = score, place
    return out, steps


def _credit(written: Token, spoken: Token, language: str) -> float:
    if alike(written, spoken, language):
        return 0.0 if written.optional or spoken.optional else HIT
    return LIKE if likeness(written, spoken) >= ALIKE else SUBSTITUTED


def _traced(came: Sequence[Steps], end: int, owners: Sequence[int]) -> tuple[int, ...]:
    """The line of each spoken token: that of the written token up to which the singer had come."""
    lines: list[int] = []
    place, spoken = end, len(came) - 1
    while spoken > 0:
        back, origin = came[spoken][place]
        if back:
            lines.append(owners[max(0, place - 1)])
        place, spoken = origin, spoken - back
    return tuple(reversed(lines))


def _line(
    lyrics: Lyrics,
    phrase: int,
    mine: list[Token],
    reach: _Reach,
    spoken: list[Token],
    heard: tuple[str, ...],
    place: int,
) -> LineHeard:
    own = [token for token, line in zip(spoken, reach.lines, strict=True) if line == place]
    pairs = align(mine, own, lyrics.language).pairs
    count = sum(word.phrase == phrase for word in lyrics.words)
    states = [word_state(mine, own, pairs, word, True) for word in range(count)]
    texts = tuple(heard[source] for source in dict.fromkeys(token.source for token in own))
    return LineHeard(phrase, texts, tuple(states))


def _is_telling(line: LineHeard) -> bool:
    return line.states.count(WordState.HEARD) >= TELLING * max(1, len(line.states) - line.states.count(None))


def _settled_line(line: LineHeard) -> LineHeard:
    return LineHeard(line.phrase, line.heard, tuple(without_luck(list(line.states))))


def _without_missing(line: LineHeard) -> LineHeard:
    """Where sound was lost a word that was not heard may have been sung."""
    states = tuple(None if state is WordState.MISSING else state for state in line.states)
    return LineHeard(line.phrase, line.heard, states)
