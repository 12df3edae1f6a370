"""Written and heard words made alike before they are compared: case, typography, spelling, marks, fillers.

What stays is a list of tokens, each with the written word it comes from. Spoken and written French and English have
their own rules (lyrics_french, lyrics_english); every other language is cut at what is no letter, and scripts without
spaces between words are cut into characters.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import accumulate, groupby

from inference.domain import lyrics_english, lyrics_french
from inference.domain.lyrics_numbers import clock_words, decade_words, number_words, ordinal_words
from inference.domain.lyrics_token import Token

SPELT = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "‛": "'", "`": "'", "´": "'", "′": "'", "œ": "oe", "æ": "ae"})
TIMES = r"(?:[x×]\s?([2-9])|([2-9])\s?[x×]|(bis)|(ter)|([2-9])\s?fois)"
REPEAT = re.compile(rf"[\[(]\s*{TIMES}\s*[\])]|(?<!\w)[x×]\s?([2-9])(?!\w)")
STAGE = re.compile(r"\[[^\[\]]*\]")
ASIDE = re.compile(r"\(([^()]*)\)")
HEADING = re.compile(
    r"(refrain|couplet|chorus|verse|pont|bridge|intro|outro)(\s+\d+)?\s*:|(refrain|couplet|chorus)(\s+\d+)?"
)
GROUPED = re.compile(r"(?<![\d.,])\d{1,3}(?:(?: 000)+|([.,])\d{3}(?:\1\d{3})*)(?!\d)")  # 10 000, 12,500, 12.500
ORDINAL = re.compile(r"(\d{1,9})(er|re|ère|ere|e|ème|eme|nde?|st|rd|th)")
DIGITS = re.compile(r"[0-9]+")
PERCENT = re.compile(r"([0-9]+)%")
CLOCK = re.compile(r"([0-9]{1,2})h([0-9]{2})?")
DECADE = re.compile(r"'?([0-9]{1,3}0)'?s")
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)  # Thai, Lao, Burmese, Khmer, Japanese, Chinese: one character is one token
COMBINING = re.compile("[\u0300-\u036f]")  # accents; the marks of other scripts are letters
FILLER = re.compile(
    r"o+u*h+|o{2,}|a+h+|e+u+h+|u+h+|h+u+h+|h?m{2,}h*|h+m+|y+e+a+h+|y+e+h+|yé|w+h?o+a+h*|h+e+y+|hé|ouais|"
    r"(?:la){2,}h?|(?:na){3,}|(?:da){3,}|(?:doo){2,}|(?:ba){3,}"
)
SYLLABLES = frozenset(
    ["la", "na", "da", "ba", "pa", "eh", "doo", "dum", "pom", "tra"]
)  # fillers in a row, words alone: "la lune"
FRENCH, ENGLISH = "fr", "en"
LONGEST_WORD = 64  # characters; what is longer is no word of a song


def normalise(text: str, language: str) -> str:
    """The text as it is compared, without what is optional. Doing it twice changes nothing more."""
    return " ".join(token.text for token in text_tokens(text, language) if not token.optional)


def tokens(text: str, language: str) -> list[str]:
    """The words that are compared, without accents."""
    return [bare(token.text) for token in text_tokens(text, language) if not token.optional]


def text_tokens(text: str, language: str) -> list[Token]:
    """Of a text with lines; a token's source counts the text's words, which stand between spaces."""
    words = [(word, number) for number, line in enumerate(text.splitlines()) for word in line.split()]
    return word_tokens([word for word, _ in words], [line for _, line in words], language)


def word_tokens(words: Sequence[str], lines: Sequence[int], language: str) -> list[Token]:
    """The tokens of written words, each word with its line: headings and marked repeats belong to lines."""
    language = language.lower().partition("-")[0]
    cleaned = _without_headings([_cleaned(word) for word in words], lines)
    starts = list(accumulate((len(word) + 1 for word in cleaned), initial=0))
    text = " ".join(cleaned)
    repeats = [(bisect_right(starts, mark.start()) - 1, _times(mark)) for mark in REPEAT.finditer(text)]
    text = STAGE.sub(_blank, REPEAT.sub(_blank, text))
    asides = [aside.span() for aside in ASIDE.finditer(text)]
    found = [
        Token(word, bisect_right(starts, chunk.start()) - 1, _inside(chunk.start(), asides), has_digits)
        for chunk in re.finditer(r"\S+", _spaced(text, language))
        for has_digits in [DIGITS.search(chunk[0]) is not None]
        for word in _expanded(chunk[0], language)
        if bare(word)
    ]
    return _with_repeats(_settled(found, language), repeats, lines)


@lru_cache(maxsize=1 << 14)
def bare(word: str) -> str:
    """Without accents and apostrophes."""
    apart = unicodedata.normalize("NFD", word.replace("'", ""))
    return unicodedata.normalize("NFC", COMBINING.sub("", apart))


def _cleaned(word: str) -> str:
    """One case, one apostrophe, no ligature, nothing invisible."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word.translate(SPELT)).casefold())
    return "".join(c for c in folded.translate(SPELT) if unicodedata.category(c) != "Cf").replace(" ", "")


def _blank(found: re.Match[str]) -> str:
    """Spaces, so that places in the text stay."""
    return " " * len(found[0])


def _inside(place: int, spans: list[tuple[int, int]]) -> bool:
    number = bisect_right(spans, (place, place)) - 1
    return number >= 0 and place < spans[number][1]


def _without_headings(cleaned: list[str], lines: Sequence[int]) -> list[str]:
    """Empties lines that only name a part of the song ("Refrain", "Couplet 2 :"), and marks "bis" as a repeat."""
    groups = [list(places) for _, places in groupby(range(len(cleaned)), key=lambda place: lines[place])]
    if len(groups) < 2:
        return cleaned
    out = list(cleaned)
    for number, line in enumerate(groups):
        if HEADING.fullmatch(" ".join(cleaned[place] for place in line)):
            for place in line:
                out[place] = ""
        elif cleaned[line[-1]].strip(".,;:!") == "bis" and (number > 0 or len(line) > 1):
            out[line[-1]] = "(bis)"
    return out


def _times(mark: re.Match[str]) -> int:
    counts = [group for group in mark.groups() if group]
    return {"bis": 2, "ter": 3}.get(counts[0]) or int(counts[0])


def _spaced(text: str, language: str) -> str:
    """Letters, digits and apostrophes stay; what else is written becomes a space, as long as it was."""
    joined = GROUPED.sub(lambda found: re.sub(r"\D", "", found[0]).ljust(len(found[0])), text)
    letters = "".join(c if _is_letter(c) or (c in "&%" and language in (FRENCH, ENGLISH)) else " " for c in joined)
    return letters if language in (FRENCH, ENGLISH) else letters.replace("'", " ")


@cache
def _is_letter(char: str) -> bool:
    return char.isalnum() or char == "'" or unicodedata.category(char).startswith("M")


def _expanded(chunk: str, language: str) -> list[str]:
    if len(chunk) > LONGEST_WORD:
        words = chunk.split("'")
    elif language == FRENCH:
        words = lyrics_french.expand(chunk)
    elif language == ENGLISH:
        words = lyrics_english.expand(DECADE.sub(r"\1s", chunk))
    else:
        words = SPACELESS.sub(lambda found: f" {found[0]} ", chunk).split()
    return [spelt for word in words for spelt in _spelt_out(word, language)]


def _spelt_out(word: str, language: str) -> list[str]:
    """Numbers as words, with what is written on to them."""
    if DIGITS.fullmatch(word):
        return number_words(word, language)
    if language == FRENCH and (clock := CLOCK.fullmatch(word)):
        return clock_words(clock[1], clock[2])
    if language == ENGLISH and (decade := DECADE.fullmatch(word)):
        return decade_words(decade[1])
    if language not in (FRENCH, ENGLISH):
        return [word]
    if ordinal := ORDINAL.fullmatch(word):
        return _ordinal(ordinal[1], ordinal[2], language)
    if share := PERCENT.fullmatch(word):
        return [*number_words(share[1], language), *_expanded("%", language)]
    return [word]


def _ordinal(digits: str, ending: str, language: str) -> list[str]:
    if language == FRENCH and digits == "1":
        return ["premier" if ending == "er" else "première"]
    if language == FRENCH and ending in ("nd", "nde"):
        return ["second" if ending == "nd" else "seconde"]
    return ordinal_words(digits, language)


def _settled(found: list[Token], language: str) -> list[Token]:
    """Without fillers, and with what needs its neighbours; again while one change makes room for another."""
    settled = [token for token in found if not FILLER.fullmatch(token.text)]
    if language == FRENCH:
        settled = lyrics_french.settle(settled)
    elif language == ENGLISH:
        settled = lyrics_english.settle(settled)
    settled = _with_optional_rows(settled)
    return settled if settled == found else _settled(settled, language)


def _with_optional_rows(found: list[Token]) -> list[Token]:
    """Makes "la la" optional; a "la" alone is a word."""
    required = [place for place, token in enumerate(found) if not token.optional]
    rows = [list(row) for _, row in groupby(required, key=lambda place: found[place].text)]
    filling = {place for row in rows if len(row) > 1 and found[row[0]].text in SYLLABLES for place in row}
    return [replace(token, optional=True) if place in filling else token for place, token in enumerate(found)]


def _with_repeats(found: list[Token], repeats: list[tuple[int, int]], lines: Sequence[int]) -> list[Token]:
    """A marked repeat may be sung: copies of its line so far, or of the line before where the mark stands alone."""
    out: list[Token] = []
    done = 0
    for word, times in repeats:
        end = bisect_right(found, word, key=lambda token: token.source)
        fresh = found[done:end]
        line = lines[fresh[-1].source] if fresh else -1
        copies = [replace(token, optional=True) for token in fresh if lines[token.source] == line]
        out += fresh + copies * (times - 1)
        done = max(done, end)
    return out + found[done:]
