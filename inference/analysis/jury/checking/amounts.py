"""What a sentence counts: every number in it with the unit it is said in, whether digits or words say it."""

import re
from dataclasses import dataclass

from inference.analysis.jury.checking.number_words import AMOUNTS, ONES, number, ordinal

TOKEN = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,:]\d+)*|[^\W\d_]+|[^\w\s]")
ORDINAL_DIGITS = re.compile(r"(?<![\d.,])(\d{1,3})(?:e|è|è?me|ème|ere|ère|er|st|nd|rd|th)(?![^\W\d_])")
CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")
JOINED = (  # units of several words, as one
    (re.compile(r"\b(?:demi|half|semi)[- ]+(?:tons?|tones?|steps?)\b"), "semitones"),
    (re.compile(r"\bquarts? de tons?\b|\bquarter[- ]tones?\b"), "quartertones"),
    (re.compile(r"\bpour[ -]cents?\b|\bper ?cents?\b|%"), " percent "),
    (re.compile(r"\bfois par seconde\b|\btimes (?:a|per) second\b|\bcycles? per second\b"), "hertz"),
    (re.compile(r"\bwhole[- ](?:tones?|steps?)\b"), "tons"),
    (re.compile(r"(?:sur|out of|/) ?(?:100|cent\b|a hundred\b|one hundred\b)(?!,\d|\.\d| ?percent)"), " outof "),
)  # fmt: skip
UNITS = {
    "second": ["s", "sec", "secs", "seconde", "secondes", "second", "seconds"],
    "ms": ["ms", "msec", "milliseconde", "millisecondes", "millisecond", "milliseconds"],
    "cents": ["cents"],
    "semitones": ["semitones", "semitone"],
    "tones": ["ton", "tons", "tone", "tones"],
    "hz": ["hertz", "hz"],
    "db": ["db", "décibel", "décibels", "decibel", "decibels"],
    "score": ["point", "points", "pt", "pts", "outof"],
    "percent": ["percent"],
    "minute": ["min", "minute", "minutes"],
    "count": [
        "fois",
        "times",
        "glissade",
        "glissades",
        "glissando",
        "slides",
        "slide",
        "scoops",
        "scoop",
        "respirations",
        "respiration",
        "breaths",
        "breath",
        "souffles",
        "souffle",
        "notes",
        "note",
        "attaques",
        "attaque",
        "entrées",
        "entries",
    ],
}
UNIT_OF = {word: unit for unit, words in UNITS.items() for word in words}
HALVES = {"fr": (("et", "demi"), ("et", "demie")), "en": (("and", "a", "half"),)}
POINTS = {"fr": "virgule", "en": "point"}
TO_PLACE = {"fr": ["à", "vers", "dès", "autour", "depuis"], "en": ["at", "around", "near", "from", "about"]}
PLACED_WITHIN = 2  # tokens before the number


@dataclass(frozen=True, slots=True)
class Amount:
    value: float
    decimals: int
    unit: str  # of UNITS, or clock, ordinal, amount (of no measure), or empty
    at: int  # index of its first token
    placed: bool  # said of a moment: "à 12 secondes", "around 12 seconds"


def tokens_of(text: str, language: str) -> list[str]:
    """Lower-case words, numbers and signs. French hyphens part words, so that numbers and verbs are alike."""
    text = text.lower()
    for pattern, unit in JOINED:
        text = pattern.sub(unit, text)
    text = ORDINAL_DIGITS.sub(r" ordinal \1 ", text)
    return TOKEN.findall(re.sub(r"(?<=\w)[-‐‑](?=\w)", " ", text))


def amounts(tokens: list[str], language: str) -> list[Amount]:
    found: list[Amount] = []
    at = 0
    while at < len(tokens):
        amount, after = _amount(tokens, at, language)
        if amount is not None:
            found.append(amount)
        at = max(after, at + 1)
    return found


def _amount(tokens: list[str], at: int, language: str) -> tuple[Amount | None, int]:
    token = tokens[at]
    placed = any(before in TO_PLACE[language] for before in tokens[max(0, at - PLACED_WITHIN) : at])
    if clock := CLOCK.fullmatch(token):
        return Amount(60.0 * int(clock[1]) + int(clock[2]), 0, "clock", at, placed), at + 1
    if token == "ordinal" and at + 1 < len(tokens) and tokens[at + 1].isdigit():
        return Amount(float(tokens[at + 1]), 0, "ordinal", at, placed), at + 2
    counted = ordinal(token, language)
    if counted is not None:
        return Amount(float(counted), 0, "ordinal", at, placed), at + 1
    if token in AMOUNTS[language] and not _is_half_more(tokens, at, language):
        return Amount(0.5, 1, "amount", at, placed), at + 1
    said = _said(tokens, at, language)
    if said is None:
        return None, at + 1
    value, decimals, after = said
    return _with_unit(tokens, at, language, value, decimals, after, placed)


def _said(tokens: list[str], at: int, language: str) -> tuple[float, int, int] | None:
    """Value, decimals and the token behind it, of digits or of words."""
    token = tokens[at]
    if token[0].isdigit():
        written = re.sub(r"[ \u00a0\u202f]", "", token).replace(",", ".")
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", written):
            return -1.0, 0, at + 1  # no number that a fact could be
        return float(written), len(written.partition(".")[2]), at + 1
    if token in ONES[language] and at + 1 < len(tokens) and UNIT_OF.get(tokens[at + 1], "count") != "count":
        return 1.0, 0, at + 1
    found = number(tokens, at, language)
    if found is None:
        return None
    value, after = found
    if tokens[after : after + 1] == [POINTS[language]] and (rest := number(tokens, after + 1, language)):
        return float(f"{value:.0f}.{rest[0]:.0f}"), len(f"{rest[0]:.0f}"), rest[1]
    return value, 0, after


def _with_unit(
    tokens: list[str], at: int, language: str, value: float, decimals: int, after: int, placed: bool
) -> tuple[Amount, int]:
    if half := _half(tokens, after, language):
        value, decimals, after = value + 0.5, 1, after + half
    unit = UNIT_OF.get(tokens[after], "") if after < len(tokens) else ""
    after += bool(unit)
    if unit and unit != "score" and (half := _half(tokens, after, language)):
        value, decimals, after = value + 0.5, 1, after + half
    return Amount(value, decimals, unit, at, placed), after


def _half(tokens: list[str], at: int, language: str) -> int:
    """How many tokens say "and a half" here."""
    return next((len(half) for half in HALVES[language] if tuple(tokens[at : at + len(half)]) == half), 0)


def _is_half_more(tokens: list[str], at: int, language: str) -> bool:
    return any(tuple(tokens[at - len(half) + 1 : at + 1]) == half for half in HALVES[language])
