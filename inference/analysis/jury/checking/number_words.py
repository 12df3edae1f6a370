"""Numbers as they are said, in French and English: "quatre-vingt-deux", "three and a half", "une dizaine"."""

FRENCH = {
    "zéro": 0, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9, "dix": 10,
    "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "seize": 16, "vingt": 20, "vingts": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "septante": 70, "huitante": 80, "octante": 80,
    "nonante": 90, "cent": 100, "mille": 1000, "million": 1_000_000, "millions": 1_000_000,
}  # fmt: skip
ENGLISH = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "hundreds": 100, "thousand": 1000,
    "thousands": 1000, "million": 1_000_000, "millions": 1_000_000,
}  # fmt: skip
WORDS = {"fr": FRENCH, "en": ENGLISH}
ONES = {"fr": ("un", "une"), "en": ("one", "a", "an")}  # numbers only before a unit
AND = {"fr": "et", "en": "and"}
MULTIPLIERS = (100, 1000, 1_000_000)
# Amounts that no measure is told in: a sentence with one of them has to be wrong, or empty.
AMOUNTS = {
    "fr": [
        "dizaine",
        "dizaines",
        "douzaine",
        "douzaines",
        "quinzaine",
        "vingtaine",
        "trentaine",
        "quarantaine",
        "cinquantaine",
        "centaine",
        "centaines",
        "millier",
        "milliers",
        "moitié",
        "moitiés",
        "tiers",
        "quart",
        "quarts",
        "demi",
        "demie",
        "double",
        "triple",
        "doublement",
    ],
    "en": [
        "dozen",
        "dozens",
        "half",
        "halves",
        "thirds",
        "quarter",
        "quarters",
        "double",
        "triple",
        "twice",
        "thrice",
        "twofold",
    ],
}
ORDINALS = {
    "fr": [
        "premier",
        "deuxième",
        "troisième",
        "quatrième",
        "cinquième",
        "sixième",
        "septième",
        "huitième",
        "neuvième",
        "dixième",
        "onzième",
        "douzième",
        "treizième",
        "quatorzième",
        "quinzième",
        "seizième",
        "dix-septième",
        "dix-huitième",
        "dix-neuvième",
        "vingtième",
    ],
    "en": [
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ],
}


def ordinal(word: str, language: str) -> int | None:
    """What "troisième" or "third" counts; French feminines and plurals too."""
    singular = word.removesuffix("s") if language == "fr" else word
    if language == "fr":
        singular = {"première": "premier", "second": "deuxième", "seconde": "deuxième"}.get(singular, singular)
    known = ORDINALS[language]
    return known.index(singular) + 1 if singular in known else None


def number(tokens: list[str], start: int, language: str) -> tuple[float, int] | None:
    """The number that the tokens say from `start` on, and where it ends; None where they say none."""
    words = WORDS[language]
    total, current, at, said = 0, 0, start, False
    while at < len(tokens):
        token = tokens[at]
        if token == AND[language] and said and at + 1 < len(tokens) and tokens[at + 1] in (*words, "un", "une", "one"):
            at += 1
            continue
        value = _value(tokens, at, language, said)
        if value is None:
            break
        total, current = _added(total, current, value)
        at, said = at + 1, True
    return (float(total + current), at) if said else None


def _value(tokens: list[str], at: int, language: str, said: bool) -> int | None:
    token = tokens[at]
    if said and token in ("un", "une", "onze", "one") and token not in WORDS[language]:
        return 1
    if token in ("cents",) and language == "fr" and said and _goes_on(tokens, at, language):
        return 100
    return WORDS[language].get(token)


def _goes_on(tokens: list[str], at: int, language: str) -> bool:
    """Whether "cents" here are hundreds, because a number or a unit follows; otherwise they are the musical unit."""
    following = tokens[at + 1] if at + 1 < len(tokens) else ""
    return following in WORDS[language] or following.startswith(("seconde", "milliseconde", "point", "hertz", "cents"))


def _added(total: int, current: int, value: int) -> tuple[int, int]:
    if value == 100:
        return total, max(1, current) * 100
    if value in MULTIPLIERS:
        return total + max(1, current) * value, 0
    if value == 20 and current % 100 == 4:  # quatre-vingts
        return total, current + 76
    return total, current + value
