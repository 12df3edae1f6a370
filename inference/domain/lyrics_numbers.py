"""Numbers as words, in French and English, in one canonical form for each number."""

LARGEST = 999_999_999  # larger numbers are read digit by digit
DIGIT_BY_DIGIT_FROM = 10  # digits; telephone numbers and the like

FRENCH_TO_16 = [
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
]  # 0..16
FRENCH_TENS = ("", "dix", "vingt", "trente", "quarante", "cinquante", "soixante", "soixante", "quatre vingt")
ENGLISH_TO_19 = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ENGLISH_NUMBERS = frozenset([*ENGLISH_TO_19, *ENGLISH_TENS[2:], "hundred", "thousand", "million"])
FRENCH_ORDINALS = {1: "premier", 9: "neuvième", 5: "cinquième"}
ENGLISH_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
}


def number_words(digits: str, language: str) -> list[str]:
    """The words of a number of ASCII digits; the digits themselves in another language than fr and en."""
    if language not in ("fr", "en"):
        return [digits]
    small = FRENCH_TO_16 if language == "fr" else ENGLISH_TO_19
    if (digits.startswith("0") and len(digits) > 1) or int(digits[:DIGIT_BY_DIGIT_FROM]) > LARGEST:
        return [small[int(digit)] for digit in digits]
    return french(int(digits)) if language == "fr" else english(int(digits))


def ordinal_words(digits: str, language: str) -> list[str]:
    """21 is "vingt et unième", "twenty first"."""
    *first, last = number_words(digits, language)
    if language == "fr":
        if int(digits) in FRENCH_ORDINALS:
            return [FRENCH_ORDINALS[int(digits)]]
        stem = {"cinq": "cinqu", "neuf": "neuv"}.get(last, last.removesuffix("e"))
        return [*first, stem + "ième"]
    if last in ENGLISH_ORDINALS:
        return [*first, ENGLISH_ORDINALS[last]]
    return [*first, last.removesuffix("y") + "ieth" if last.endswith("y") else last + "th"]


def clock_words(hour: str, minute: str) -> list[str]:
    """How French reads 5h30; an hour is feminine."""
    *tens, last = number_words(hour, "fr")
    minutes = number_words(minute, "fr") if minute else []
    return [*tens, "une" if last == "un" else last, "heure" if int(hour) < 2 else "heures", *minutes]


def decade_words(digits: str) -> list[str]:
    """How English reads 80s and 1980s."""
    *first, last = number_words(digits, "en")
    return [*first, last.removesuffix("y") + "ies" if last.endswith("y") else last + "s"]


def french(number: int) -> list[str]:
    """0..999 999 999, without the plural s of vingt and cent; 71 is "soixante et onze", 1984 begins with "mille"."""
    for size, name in ((1_000_000, "million"), (1_000, "mille"), (100, "cent")):
        if number >= size:
            count, rest = divmod(number, size)
            many = [] if count == 1 and name != "million" else french(count)
            return [*many, name, *(french(rest) if rest else [])]
    return _french_to_99(number)


def _french_to_99(number: int) -> list[str]:
    if number <= 16:
        return [FRENCH_TO_16[number]]
    ten, unit = divmod(number, 10)
    if ten in (7, 9):  # soixante-dix and quatre-vingt-dix count on to nineteen
        ten, unit = ten - 1, unit + 10
    tens = FRENCH_TENS[ten].split()
    joined = ["et"] if unit in (1, 11) and ten < 8 else []
    return [*tens, *joined, *(_french_to_99(unit) if unit else [])]


def english(number: int) -> list[str]:
    """0..999 999 999 without "and"; 1984 is "nineteen eighty four", as a year and as a count."""
    if 1100 <= number < 2000 or 2010 <= number < 2100:
        century, rest = divmod(number, 100)
        return [*english(century), *(english(rest) if rest else ["hundred"])]
    for size, name in ((1_000_000, "million"), (1_000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            return [*english(count), name, *(_counted(rest) if rest else [])]
    if number < 20:
        return [ENGLISH_TO_19[number]]
    ten, unit = divmod(number, 10)
    return [ENGLISH_TENS[ten], *([ENGLISH_TO_19[unit]] if unit else [])]


def _counted(number: int) -> list[str]:
    """What follows a million or a thousand is never read as a year."""
    if number >= 1000:
        thousands, rest = divmod(number, 1000)
        return [*english(thousands), "thousand", *(english(rest) if rest else [])]
    return english(number)
