"""What a song is called where lyrics lie: pages of videos say "Artist - Title (clip officiel)" on a channel."""

import re

from rapidfuzz import fuzz

from signaling.search.likeness import AFTER_DASH, BRACKETS, FEATURING, fold

AFTER_BAR = re.compile(r"\s*[|｜].*$")
ADVERTISED = re.compile(
    r"\b(clip\s+)?(official|officiel(le)?)\b(\s+(music|lyrics?))?(\s+(video|vidéo|clip|audio))?\s*$", re.I
)
CHANNEL = re.compile(r"(\s+-\s+topic|\s*vevo|\s+(official|officiel|channel|tv))\s*$", re.I)
DASH = re.compile(r"\s+[-–—]\s+")
GUESTS = re.compile(r"\s*[,;].*$|\s+(feat|ft|featuring)\b.*$", re.I)  # lyrics often lie under the first artist alone
SAME_ARTIST = 90.0  # of 100


def namings(title: str, artist: str) -> list[tuple[str, str]]:
    """Title and artist as given, then without what a page adds, where that is something else."""
    given = (title.strip(), artist.strip())
    plain = _plain(*given)
    differs = (fold(plain[0]), fold(plain[1])) != (fold(given[0]), fold(given[1]))
    return [given, plain] if differs and plain[0] else [given]


def askings(title: str, artist: str) -> list[tuple[str, str]]:
    """What to ask for, in order: the namings, then the last of them under its first artist alone."""
    asked = namings(title, artist)
    bare, singers = asked[-1]
    first = GUESTS.sub("", singers).strip()
    return asked if not first or fold(first) == fold(singers) else [*asked, (bare, first)]


def _plain(title: str, artist: str) -> tuple[str, str]:
    singer = CHANNEL.sub("", artist).strip()
    bare = BRACKETS.sub(" ", AFTER_BAR.sub("", title))
    for addition in (AFTER_DASH, ADVERTISED, FEATURING):
        bare = addition.sub("", bare).strip()
    bare = " ".join(bare.split())
    left, *rest = DASH.split(bare, maxsplit=1)
    if not rest or not rest[0].strip():
        return bare, singer
    right = rest[0].strip()
    names_artist = singer and fuzz.token_set_ratio(fold(right), fold(singer)) >= SAME_ARTIST
    return (left.strip(), singer) if names_artist else (right, left.strip())
