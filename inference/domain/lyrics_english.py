"""English words made alike: contractions, dropped g, and the "and" of numbers."""

import re
from collections.abc import Sequence
from dataclasses import replace

from inference.domain.lyrics_numbers import ENGLISH_NUMBERS, ENGLISH_TO_19
from inference.domain.lyrics_token import Token

NEGATED = ["do", "does", "did", "is", "was", "are", "were", "could", "would", "should", "have", "has", "had"]
CONTRACTED = {
    "i'm": "i am",
    "im": "i am",
    "ima": "i am going to",
    "i'ma": "i am going to",
    "can't": "can not",
    "cant": "can not",
    "cannot": "can not",
    "won't": "will not",
    "wont": "will not",
    "shan't": "shall not",
    "gonna": "going to",
    "gon'": "going to",
    "wanna": "want to",
    "gotta": "got to",
    "gimme": "give me",
    "lemme": "let me",
    "dunno": "do not know",
    "kinda": "kind of",
    "sorta": "sort of",
    "outta": "out of",
    "tryna": "trying to",
    "coulda": "could have",
    "shoulda": "should have",
    "woulda": "would have",
    "'cause": "because",
    "cause": "because",
    "cuz": "because",
    "coz": "because",
    "'til": "until",
    "til": "until",
    "till": "until",
    "let's": "let us",
    "lets": "let us",
    "y'all": "you all",
    "yall": "you all",
    "ya": "you",
    "'em": "them",
    "'bout": "about",
    "'round": "around",
    "o'er": "over",
    "ol'": "old",
    "'n'": "and",
    "'n": "and",
    "n'": "and",
    "n": "and",
    "rocknroll": "rock and roll",
    "&": "and",
    "%": "percent",
    "o'": "of",
    "o'clock": "o'clock",
    "'tis": "it is",
    "'twas": "it was",
    "thats": "that 's",
    "whats": "what 's",
    "'s": "'s",
    "'d": "'d",
    "ok": "okay",
    **{f"{verb}nt": f"{verb} not" for verb in NEGATED},
    **{f"{pronoun}re": f"{pronoun} are" for pronoun in ("you", "they")},
    **{f"{pronoun}ve": f"{pronoun} have" for pronoun in ("i", "you", "they")},
}
ENDINGS = (
    ("n't", "not"),
    ("'re", "are"),
    ("'ll", "will"),
    ("'ve", "have"),
    ("'m", "am"),
    ("'d", "'d"),
    ("'s", "'s"),
    ("'n", "and"),
)
AMBIGUOUS = {"'s": frozenset(["is", "has", "us"]), "'d": frozenset(["would", "had", "did"])}
JOINED = re.compile(r"(.+?)'n'(.+)")  # rock'n'roll
BIG = frozenset(["hundred", "thousand", "million"])


def expand(chunk: str) -> list[str]:
    """The words of one written chunk, which is lower case. "'s" and "'d" stay: what they stand for is not written."""
    if chunk in CONTRACTED:
        return CONTRACTED[chunk].split()
    if joined := JOINED.fullmatch(chunk):
        return [*expand(joined[1]), "and", *expand(joined[2])]
    for ending, long in ENDINGS:
        if chunk.endswith(ending) and len(chunk) > len(ending):
            return [*expand(chunk.removesuffix(ending)), long]
    if chunk.endswith("in'") and len(chunk) > 4:
        return [chunk.replace("'", "") + "g"]
    plain = chunk.replace("'", "")
    if plain == chunk:
        return [chunk]
    return expand(plain) if plain else []


def settle(tokens: Sequence[Token]) -> list[Token]:
    """What needs its neighbours: "a hundred and one" is "one hundred one", "one thousand nine hundred" "nineteen"."""
    return _years(_counts(tokens))


def _counts(tokens: Sequence[Token]) -> list[Token]:
    following = [*(token.text for token in tokens[1:]), ""]
    counted = [
        replace(token, text="one") if token.text == "a" and after in BIG else token
        for token, after in zip(tokens, following, strict=False)
    ]
    return [
        token
        for place, token in enumerate(counted)
        if not (
            token.text == "and"
            and 0 < place < len(counted) - 1
            and counted[place - 1].text in BIG
            and counted[place + 1].text in ENGLISH_NUMBERS
        )
    ]


def _years(tokens: list[Token]) -> list[Token]:
    """Four figures in one form: "one thousand five hundred" is "fifteen hundred", "two thousand ten" "twenty ten"."""
    out: list[Token] = []
    place = 0
    while place < len(tokens):
        taken, texts = _year([token.text for token in tokens[place : place + 5]])
        out += [replace(tokens[place], text=text) for text in texts]
        place += taken
    return out


def _year(words: list[str]) -> tuple[int, list[str]]:
    """How many words to take, and what stands for them."""
    match words:
        case ["one", "thousand", digit, "hundred", *rest] if digit in ENGLISH_TO_19[1:10]:
            century = ENGLISH_TO_19[10 + ENGLISH_TO_19.index(digit)]
            return 4, [century] if rest and _under_hundred(rest[0]) else [century, "hundred"]
        case [century, "hundred", rest, *_] if century in ENGLISH_TO_19[11:] and _under_hundred(rest):
            return 2, [century]
        case ["two", "thousand", rest, *_] if rest in ENGLISH_NUMBERS - BIG and rest not in ENGLISH_TO_19[:10]:
            return 2, ["twenty"]
        case [word, *_]:
            return 1, [word]
    return 0, []


def _under_hundred(word: str) -> bool:
    return word in ENGLISH_NUMBERS and word not in BIG and word != "zero"
