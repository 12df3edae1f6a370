"""Which version of a song fits best: by title, artist and length, and by what its name gives away."""

import math
import re
import unicodedata

from rapidfuzz import fuzz

from signaling.sources.model import Wanted

MAX_CHARACTERS = 300
WHOLE_TITLE_WEIGHT = 0.6  # the rest asks only whether the wanted words are among the hit's
TITLE_WEIGHT = 0.65  # beside the artist
LENGTH_SCALE_S = 20.0  # a version that is this much longer keeps half of what length may cost
LENGTH_COST = 0.65
UNKNOWN_LENGTH = 0.8
CHANCE_RATIO = 40.0  # per cent of letters that two unrelated names share
UNOFFICIAL = 0.93
NEUTRAL = re.compile(
    r"\b(official|officiel(le)?|music|video|videoclip|clip|audio|lyrics?|paroles|visuali[sz]er|hd|hq|4k|mv|m v"
    r"|remaster(ed|ise)?|\d{4} remaster|topic|with|avec|version|album|full song)\b"
)
CHANNEL_MARKS = re.compile(r"( - topic|vevo|official|officiel)$")
OFFICIAL = re.compile(r"\b(official|officiel|officielle)\b")
SAME_LENGTH_S, OTHER_LENGTH_S = 3.0, 15.0
OTHER_ARTIST = 0.4  # below this the recording does not name the artist
# What a singer did not ask for, unless the wanted song is named so: its code, its pattern, what is left of the match.
OTHER_VERSIONS = tuple(
    (code, re.compile(rf"\b({words})\b"), left)
    for code, words, left in (
        ("live", "live|en concert|en public|unplugged|tour", 0.6),
        ("cover", "cover|covered|reprise|tribute|hommage|performed by", 0.5),
        ("no-voice", "karaoke|instrumental|backing track|playback|sing along|minus one|piano version", 0.4),
        ("remix", "remix|mashup|mash up|medley|bootleg|extended|club mix", 0.5),
        ("altered", "sped up|slowed|nightcore|reverb|daycore|speed up|accelere", 0.3),
        ("altered", "8d|16d|bass boosted", 0.4),
        ("acoustic", "acoustic|acoustique|demo|rehearsal", 0.7),
        ("no-song", "reaction|tutorial|tuto|lesson|how to play|trailer|teaser|interview|making of", 0.2),
        ("many-songs", "full album|album complet|1 hour|1h|10 hours|loop|compilation|playlist", 0.2),
    )
)
REMARKS = (
    *dict.fromkeys(code for code, _, _ in OTHER_VERSIONS),
    "other-artist",
    "longer",
    "shorter",
    "same-length",
    "official",
)


def fold(text: str) -> str:
    """Letters and digits of any script in lower case, without accents; one space between words."""
    plain = unicodedata.normalize("NFKD", text[:MAX_CHARACTERS].casefold())
    kept = "".join(letter if letter.isalnum() else " " for letter in plain if not unicodedata.combining(letter))
    return " ".join(kept.split())


def match_of(wanted: Wanted, title: str, artist: str, duration_s: float | None) -> float:
    """0..1: how well a recording of this name and length fits the wanted track."""
    names = TITLE_WEIGHT * _title_score(wanted, title) + (1 - TITLE_WEIGHT) * _artist_score(wanted, title, artist)
    return names * _length_factor(wanted.duration_s, duration_s) * _version_factor(wanted, title, artist)


def _title_score(wanted: Wanted, title: str) -> float:
    """Titles on such sites often begin with the artist, so its words are taken out where the wanted has them not."""
    sought = _essence(wanted.title)
    spare = set(fold(wanted.artist).split()) - set(sought.split())
    found = " ".join(word for word in _essence(title).split() if word not in spare)
    if not sought or not found:
        return 0.0
    whole, words = fuzz.token_sort_ratio(sought, found), fuzz.token_set_ratio(sought, found)
    return _beyond_chance(WHOLE_TITLE_WEIGHT * whole + (1 - WHOLE_TITLE_WEIGHT) * words)


def _artist_score(wanted: Wanted, title: str, artist: str) -> float:
    sought = fold(wanted.artist)
    if not sought:
        return 1.0
    channel = fold(CHANNEL_MARKS.sub("", artist.casefold()))
    joined = fuzz.ratio(sought.replace(" ", ""), channel.replace(" ", ""))  # channels write QueenVEVO
    named = max(fuzz.token_set_ratio(sought, channel), fuzz.token_set_ratio(sought, fold(title)))
    return _beyond_chance(max(joined, named))


def _beyond_chance(ratio: float) -> float:
    return max(0.0, ratio - CHANCE_RATIO) / (100.0 - CHANCE_RATIO)


def _length_factor(wanted_s: float | None, found_s: float | None) -> float:
    if not wanted_s or not found_s:
        return UNKNOWN_LENGTH
    apart = abs(wanted_s - found_s) / LENGTH_SCALE_S
    return 1.0 - LENGTH_COST * (1.0 - 1.0 / (1.0 + apart * apart))


def remarks_of(wanted: Wanted, title: str, artist: str, duration_s: float | None) -> list[str]:
    """Codes of REMARKS: what may be wrong with a recording of this name and length, then what speaks for it."""
    found = {code for code, _ in _other_versions(wanted, title)}
    if _artist_score(wanted, title, artist) < OTHER_ARTIST:
        found.add("other-artist")
    elif _is_official(title, artist):
        found.add("official")
    if wanted.duration_s and duration_s:
        apart_s = duration_s - wanted.duration_s
        if abs(apart_s) > OTHER_LENGTH_S:
            found.add("longer" if apart_s > 0 else "shorter")
        elif abs(apart_s) <= SAME_LENGTH_S:
            found.add("same-length")
    return [code for code in REMARKS if code in found]


def _other_versions(wanted: Wanted, title: str) -> list[tuple[str, float]]:
    """Code and what is left of the match, for each mark that the wanted song's own name does not bear."""
    sought, found = fold(f"{wanted.title} {wanted.artist}"), fold(title)
    return [(code, left) for code, mark, left in OTHER_VERSIONS if mark.search(found) and not mark.search(sought)]


def _is_official(title: str, artist: str) -> bool:
    return bool(CHANNEL_MARKS.search(artist.casefold()) or OFFICIAL.search(fold(title)))


def _version_factor(wanted: Wanted, title: str, artist: str) -> float:
    factor = math.prod(left for _, left in _other_versions(wanted, title))
    return factor if _is_official(title, artist) else factor * UNOFFICIAL


def _essence(title: str) -> str:
    """Without the words that say nothing of the song; a title made of nothing else keeps them."""
    folded = fold(title)
    return " ".join(NEUTRAL.sub(" ", folded).split()) or folded
