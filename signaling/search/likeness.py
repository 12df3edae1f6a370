"""How alike two names of a song are, whatever their accents, case and additions."""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

# "(Remastered 2011)", "[Official Video]", "- Live at ...", "feat. Somebody": the song is the same one
BRACKETS = re.compile(r"[(\[][^()\[\]]*[)\]]")
AFTER_DASH = re.compile(r"\s[-–—]\s.*\b(remaster\w*|version|edit|mix|live|mono|stereo|radio|single|deluxe)\b.*$", re.I)
FEATURING = re.compile(r"\b(feat|ft|featuring)\b\.?.*$", re.I)
NOT_A_WORD = re.compile(r"[\W_]+")
TITLE_WEIGHT = 0.6  # the title tells more than the artist, whose name is written in more ways
SPECIAL_LETTERS = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


@lru_cache(maxsize=16_384)
def fold(text: str) -> str:
    """Lower case without accents or punctuation, single spaces. Letters of every script stay."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(SPECIAL_LETTERS))
    plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(NOT_A_WORD.sub(" ", plain.replace("'", " ").replace("’", " ")).split())


@lru_cache(maxsize=16_384)
def bare_title(title: str) -> str:
    """The folded title without what tells one release from another; never empty where the title is not."""
    bare = FEATURING.sub("", AFTER_DASH.sub("", BRACKETS.sub(" ", title)))
    return fold(bare) or fold(title)


def likeness(title: str, artist: str, other_title: str, other_artist: str) -> float:
    """0..1: 1 is the same title by the same artist."""
    titles = fuzz.ratio(bare_title(title), bare_title(other_title))
    artists = fuzz.token_set_ratio(fold(artist), fold(other_artist))
    return (TITLE_WEIGHT * titles + (1 - TITLE_WEIGHT) * artists) / 100
