"""Words: written and heard, made alike first, then aligned; the score comes from hits."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import groupby

from inference.domain.lyrics_align import Alignment, Fate, Pair, align
from inference.domain.lyrics_inventions import without_inventions
from inference.domain.lyrics_text import bare, text_tokens, word_tokens
from inference.domain.lyrics_token import Token
from inference.domain.melody import Lyrics, word_numbers
from inference.domain.rules import ScoringRules


class WordFate(Enum):
    SUNG = "sung"
    WRONG = "wrong"  # another word was heard
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class WordVerdict:
    text: str
    onset_s: float
    phrase: int
    fate: WordFate
    heard: str = ""  # instead, where the word is wrong
    number: int = 0  # of the word in its line


@dataclass(frozen=True, slots=True)
class ExtraWord:
    """A heard word that nobody wrote."""

    text: str
    phrase: int  # the line in which it fell
    after_s: float  # onset of the written word before it


@dataclass(frozen=True, slots=True)
class LyricsScore:
    """Counts are of compared words: "l'été" is two, a filler none. hits + substitutions + deletions = expected."""

    points: float  # 0..100
    words: tuple[WordVerdict, ...]
    insertions: int
    hits: int = 0
    substitutions: int = 0
    deletions: int = 0
    extra: tuple[ExtraWord, ...] = ()
    reference: float | None = None  # 0..1, what was heard of the original voice's words; points are relative to it

    @property
    def expected(self) -> int:
        return self.hits + self.substitutions + self.deletions

    @property
    def wer(self) -> float:
        """Word error rate; it can exceed 1."""
        return (self.substitutions + self.deletions + self.insertions) / self.expected

    def ad_libs(self, rules: ScoringRules) -> float:
        """Inserted words beyond what is free."""
        return max(0.0, self.insertions - rules.free_insertions * self.expected)

    def insertion_loss(self, rules: ScoringRules) -> float:
        """Words lost by each inserted word."""
        return rules.insertion_cost * self.ad_libs(rules) / self.insertions if self.insertions else 0.0


def score_lyrics(
    lyrics: Lyrics,
    heard: str,
    unmeasured: frozenset[int],
    rules: ScoringRules,
    reference_heard: str | None = None,
) -> LyricsScore | None:
    """None when no word is left to judge, see why_unscored; `unmeasured` are indices of words that fell into gaps.

    Such a word costs nothing: heard all the same it is no ad-lib.

    `reference_heard` is what the same recogniser heard in the original voice: its share of the words is worth 100.
    """
    written = _written(lyrics, unmeasured)
    if all(token.optional for token in written):
        return None
    score = _scored(lyrics, written, heard, rules)
    if reference_heard is None:
        return score
    original = _scored(lyrics, written, reference_heard, rules).points / 100.0
    return replace(score, points=min(100.0, score.points / max(rules.least_heard, original)), reference=original)


def why_unscored(lyrics: Lyrics, unmeasured: frozenset[int]) -> str:
    """The reason for which score_lyrics has no score; empty when it has one."""
    if not lyrics.words:
        return "the song has no lyrics"
    if all(token.optional for token in _written(lyrics, frozenset())):
        return "the lyrics are only fillers like la la and oh, or backing words in brackets"
    if all(token.optional for token in _written(lyrics, unmeasured)):
        return "too little sound arrived to hear the words"
    return ""


def _written(lyrics: Lyrics, unmeasured: frozenset[int]) -> list[Token]:
    found = word_tokens([word.text for word in lyrics.words], [word.phrase for word in lyrics.words], lyrics.language)
    return [replace(token, optional=True) if token.source in unmeasured else token for token in found]


def _scored(lyrics: Lyrics, written: list[Token], heard: str, rules: ScoringRules) -> LyricsScore:
    spoken = without_inventions(text_tokens(heard, lyrics.language), written, lyrics.language)
    found = _without_luck(align(written, spoken, lyrics.language), written, rules)
    required = [pair for token, pair in zip(written, found.pairs, strict=True) if not token.optional]
    fates = [pair.fate for pair in required]
    score = LyricsScore(
        points=0.0,
        words=_verdicts(lyrics, written, spoken, found),
        insertions=len(found.inserted),
        hits=fates.count(Fate.HIT),
        substitutions=fates.count(Fate.SUBSTITUTED),
        deletions=fates.count(Fate.DELETED),
        extra=_extra(lyrics, written, spoken, found),
    )
    misspelt = sum(_misspelt(token, spoken, pair) for token, pair in zip(written, found.pairs, strict=True))
    return replace(score, points=_points(score, misspelt, rules))


def _points(score: LyricsScore, misspelt: int, rules: ScoringRules) -> float:
    """Right words, less ad-libs beyond what is free, less what fits by luck where most of it fits nowhere."""
    right = score.hits - misspelt * (1.0 - rules.accent_credit)
    strays = max(0, score.substitutions + score.insertions - score.hits)
    left = right - rules.insertion_cost * score.ad_libs(rules) - rules.stray_cost * strays
    return 100.0 * min(1.0, max(0.0, left / score.expected))


def _misspelt(token: Token, spoken: Sequence[Token], pair: Pair) -> bool:
    """Was the word heard with other accents than written?"""
    if token.optional or pair.fate is not Fate.HIT:
        return False
    other = spoken[pair.heard].text
    return other != token.text and bare(other) == bare(token.text)


def _without_luck(found: Alignment, written: Sequence[Token], rules: ScoringRules) -> Alignment:
    """Where few words are right, a short one is worth nothing but in a row that tells the song."""
    places = [place for place, token in enumerate(written) if not token.optional]
    rows = [list(row) for _, row in groupby(places, key=lambda place: found.pairs[place].fate)]
    right = [row for row in rows if found.pairs[row[0]].fate is Fate.HIT]
    if sum(map(len, right)) >= rules.few_hits * len(places):
        return found
    lucky = {
        place
        for row in right
        for place in row
        if len(row) < rules.telling_row and len(bare(written[place].text)) <= rules.short_word_letters
    }
    return replace(found, pairs=tuple(Pair(Fate.DELETED) if n in lucky else pair for n, pair in enumerate(found.pairs)))


def _verdicts(
    lyrics: Lyrics, written: Sequence[Token], spoken: Sequence[Token], found: Alignment
) -> tuple[WordVerdict, ...]:
    """One for each written word that has something to compare."""
    by_word: dict[int, list[Pair]] = {}
    for token, pair in zip(written, found.pairs, strict=True):
        if not token.optional:
            by_word.setdefault(token.source, []).append(pair)
    out = []
    numbers = word_numbers(lyrics)
    for source, pairs in by_word.items():
        word = lyrics.words[source]
        fate = _fate(pairs)
        heard = [spoken[pair.heard].text for pair in pairs if pair.heard >= 0] if fate is WordFate.WRONG else []
        out.append(WordVerdict(word.text, word.onset_s, word.phrase, fate, " ".join(heard), numbers[source]))
    return tuple(out)


def _fate(pairs: Sequence[Pair]) -> WordFate:
    """Of a word of one or more tokens."""
    fates = {pair.fate for pair in pairs}
    if fates == {Fate.HIT}:
        return WordFate.SUNG
    return WordFate.MISSING if fates == {Fate.DELETED} else WordFate.WRONG


def _extra(
    lyrics: Lyrics, written: Sequence[Token], spoken: Sequence[Token], found: Alignment
) -> tuple[ExtraWord, ...]:
    """Each inserted word with the line of the written word before it, or of the first."""
    anchors = sorted(
        (pair.heard, token.source) for token, pair in zip(written, found.pairs, strict=True) if pair.heard >= 0
    )
    out, number = [], -1
    for place in found.inserted:
        while number + 1 < len(anchors) and anchors[number + 1][0] < place:
            number += 1
        before = lyrics.words[anchors[max(0, number)][1] if anchors else written[0].source]
        out.append(ExtraWord(spoken[place].text, before.phrase, before.onset_s))
    return tuple(out)
