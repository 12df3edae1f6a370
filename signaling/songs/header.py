"""The header of a song.txt: #KEY:VALUE lines of every version of the format."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SongFormatError
from signaling.songs.languages import language_code

MAX_TAG_CHARACTERS = 2048  # the specification's own advice
BPM_RANGE = (1.0, 100_000.0)
MAX_GAP_MS = 30 * 60 * 1000.0
NEWEST_MAJOR_VERSION = 2


@dataclass(frozen=True, slots=True)
class Tag:
    value: str
    line: int  # counted from 1


@dataclass(frozen=True, slots=True)
class Header:
    title: str
    artist: str
    language: str  # ISO 639-1, empty when unknown
    beat_s: float
    gap_s: float
    relative: bool
    audio: str  # file name as written, empty when there is none
    audio_line: int
    cover: str
    instrumental: str  # with `vocals` a karaoke pair of the audio
    vocals: str


def read_header(path: Path, tags: Mapping[str, Tag], body_line: int) -> Header:
    """Checks the tags that time and name the song; `body_line` is where a missing tag is reported."""
    _check_version(path, tags)
    audio = tags.get("AUDIO") or tags.get("MP3") or Tag("", body_line)
    return Header(
        title=_required(path, tags, "TITLE", body_line).value,
        artist=_value(tags, "ARTIST"),
        language=language_code(_value(tags, "LANGUAGE")),
        beat_s=15.0 / _bpm(path, _required(path, tags, "BPM", body_line)),
        gap_s=_gap_ms(path, tags.get("GAP")) / 1000,
        relative=_value(tags, "RELATIVE").lower() == "yes",
        audio=audio.value,
        audio_line=audio.line,
        cover=_value(tags, "COVER"),
        instrumental=_value(tags, "INSTRUMENTAL"),
        vocals=_value(tags, "VOCALS"),
    )


def read_tag(path: Path, number: int, line: str) -> tuple[str, Tag] | None:
    """One header line; None for a tag without a name or without a value, which counts as absent."""
    if len(line) > MAX_TAG_CHARACTERS:
        raise SongFormatError(path, number, f"a header line of more than {MAX_TAG_CHARACTERS} characters")
    key, colon, value = line.strip().removeprefix("#").partition(":")
    if not colon:
        raise SongFormatError(path, number, "a header line needs a colon: #KEY:VALUE")
    name = key.strip().upper()
    return (name, Tag(value.strip(), number)) if name and value.strip() else None


def _value(tags: Mapping[str, Tag], key: str) -> str:
    return tags[key].value if key in tags else ""


def _required(path: Path, tags: Mapping[str, Tag], key: str, body_line: int) -> Tag:
    if key not in tags:
        raise SongFormatError(path, body_line, f"the header ends here without #{key}")
    return tags[key]


def _number(path: Path, tag: Tag, key: str) -> float:
    try:
        value = float(tag.value.replace(",", "."))
    except ValueError as error:
        raise SongFormatError(path, tag.line, f"#{key} is not a number: {tag.value[:40]!r}") from error
    if not math.isfinite(value):
        raise SongFormatError(path, tag.line, f"#{key} is not a finite number")
    return value


def _bpm(path: Path, tag: Tag) -> float:
    bpm = _number(path, tag, "BPM")
    if not BPM_RANGE[0] <= bpm <= BPM_RANGE[1]:
        raise SongFormatError(path, tag.line, f"#BPM is {bpm:g}, outside {BPM_RANGE[0]:g} to {BPM_RANGE[1]:g}")
    return bpm


def _gap_ms(path: Path, tag: Tag | None) -> float:
    if tag is None:
        return 0.0
    gap_ms = _number(path, tag, "GAP")
    if abs(gap_ms) > MAX_GAP_MS:
        raise SongFormatError(path, tag.line, f"#GAP is {gap_ms:g} ms, more than half an hour")
    return gap_ms


def _check_version(path: Path, tags: Mapping[str, Tag]) -> None:
    """A version that is no number is taken as unversioned; a newer major version is refused."""
    if (tag := tags.get("VERSION")) is None:
        return
    major = tag.value.removeprefix("v").partition(".")[0]
    if major.isdecimal() and int(major[:9]) > NEWEST_MAJOR_VERSION:
        raise SongFormatError(path, tag.line, f"#VERSION {tag.value[:20]!r} is newer than this reader knows")
