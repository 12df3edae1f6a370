"""Words: written and heard, made alike first, then aligned; the score comes from hits."""

import re
import unicodedata
from dataclasses import dataclass
from enum import Enum

import jiwer

from inference.domain.melody import Lyrics
from inference.domain.rules import ScoringRules

APOSTROPHES = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": "'", "´": "'", "œ": "oe", "æ": "ae", "ß": "ss"})
STAGE = re.compile(r"\[[^\]]*\]|\(x\d+\)|\bx\d+\b")
ELISION = re.compile(r"\b(l|d|j|m|t|s|c|n|qu|jusqu|lorsqu|puisqu)'", re.IGNORECASE)
FILLERS = frozenset(
    [
        "oh",
        "ooh",
        "ouh",
        "ah",
        "aah",
        "eh",
        "hey",
        "hé",
        "yeah",
        "yé",
        "la",
        "na",
        "da",
        "hmm",
        "mmh",
        "mm",
        "uh",
        "euh",
        "ouais",
    ]
)
FRENCH = {"y'a": "il y a", "t'as": "tu as", "t'es": "tu es", "chui": "je suis", "ptit": "petit", "p'tit": "petit"}
ENGLISH = {
    "i'm": "i am",
    "can't": "can not",
    "cannot": "can not",
    "won't": "will not",
    "gonna": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "'cause": "because",
    "cause": "because",
    "'til": "until",
    "let's": "let us",
}
ENGLISH_ENDINGS = (
    ("n't", " not"),
    ("'re", " are"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("'d", " would"),
    ("in'", "ing"),
)
NUMBERS = {
    "fr": ["zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
}


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


@dataclass(frozen=True, slots=True)
class LyricsScore:
    points: float  # 0..100
    words: tuple[WordVerdict, ...]
    insertions: int


def tokens(text: str, language: str) -> list[str]:
    """Words as they are compared: lower case, no accents, elisions and contractions taken apart, fillers dropped."""
    text = STAGE.sub(" ", unicodedata.normalize("NFKC", text).translate(APOSTROPHES).lower())
    if language == "fr":
        words = [FRENCH.get(word, word) for word in text.split()]
        text = ELISION.sub(r"\1e ", " ".join(words))
    elif language == "en":
        text = " ".join(_english(word.strip('.,;:!?"')) for word in text.split())
    words = re.findall(r"[^\W_]+", text.replace("'", " " if language == "fr" else ""))
    return [_plain(_number(word, language)) for word in words if word not in FILLERS]


def _english(word: str) -> str:
    if word in ENGLISH:
        return ENGLISH[word]
    for ending, long in ENGLISH_ENDINGS:
        if word.endswith(ending):
            return word.removesuffix(ending) + long
    return word


def _number(word: str, language: str) -> str:
    names = NUMBERS.get(language, [])
    return names[int(word)] if word.isascii() and word.isdigit() and int(word) < len(names) else word


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def score_lyrics(lyrics: Lyrics, heard: str, unmeasured: frozenset[int], rules: ScoringRules) -> LyricsScore | None:
    """None when no word of the lyrics was received; `unmeasured` are indices of words that fell into gaps."""
    written = [
        (index, token)
        for index, word in enumerate(lyrics.words)
        if index not in unmeasured
        for token in tokens(word.text, lyrics.language)
    ]
    if not written:
        return None
    heard_tokens = tokens(heard, lyrics.language)
    fates, insertions = _aligned([token for _, token in written], heard_tokens)
    by_word: dict[int, list[WordFate]] = {}
    for (index, _), fate in zip(written, fates, strict=True):
        by_word.setdefault(index, []).append(fate)
    words = tuple(
        WordVerdict(lyrics.words[i].text, lyrics.words[i].onset_s, lyrics.words[i].phrase, max(f, key=_badness))
        for i, f in by_word.items()
    )
    hits = fates.count(WordFate.SUNG)
    surplus = max(0.0, insertions - rules.free_insertions * len(written))
    share = (hits - rules.insertion_cost * surplus) / len(written)
    return LyricsScore(100.0 * max(0.0, min(1.0, share)), words, insertions)


def _badness(fate: WordFate) -> int:
    return (WordFate.SUNG, WordFate.WRONG, WordFate.MISSING).index(fate)


def _aligned(written: list[str], heard: list[str]) -> tuple[list[WordFate], int]:
    if not heard:
        return [WordFate.MISSING] * len(written), 0
    found = jiwer.process_words([" ".join(written)], [" ".join(heard)])
    fates = [WordFate.MISSING] * len(written)
    for chunk in found.alignments[0]:
        fate = {"equal": WordFate.SUNG, "substitute": WordFate.WRONG}.get(chunk.type)
        if fate:
            for index in range(chunk.ref_start_idx, chunk.ref_end_idx):
                fates[index] = fate
    return fates, found.insertions
