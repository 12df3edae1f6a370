"""Lines of lyrics with the times that are known of them, in song seconds."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from voicejury.v1 import song_pb2

SOURCES = ("user", "lrclib", "genius", "file")


@dataclass(frozen=True, slots=True)
class LyricWord:
    text: str
    onset_s: float
    offset_s: float | None = None


@dataclass(frozen=True, slots=True)
class LyricLine:
    """Without times in plain lyrics; `words` only where each one is timed."""

    text: str
    onset_s: float | None = None
    offset_s: float | None = None  # at the latest: the next line begins here
    words: tuple[LyricWord, ...] = ()

    def moved(self, by_s: float, tempo: float = 1.0) -> "LyricLine":
        """Later by `by_s`, then played at `tempo`; nothing begins before the song."""

        def at(time_s: float | None) -> float | None:
            return max((time_s + by_s) / tempo, 0.0) if time_s is not None else None

        words = tuple(LyricWord(word.text, at(word.onset_s) or 0.0, at(word.offset_s)) for word in self.words)
        return replace(self, onset_s=at(self.onset_s), offset_s=at(self.offset_s), words=words)


@dataclass(frozen=True, slots=True)
class Lyrics:
    """What one text says; `tags` of LRC by their lower-case names."""

    lines: tuple[LyricLine, ...]
    is_synced: bool
    tags: tuple[tuple[str, str], ...] = ()
    language: str = ""  # ISO 639-1, empty when unknown


INSTRUMENTAL = Lyrics(lines=(), is_synced=True)  # nobody sings, as the source says


@dataclass(frozen=True, slots=True)
class FoundLyrics:
    """Lyrics of a track from one source. Times are as the source gives them; `lines_at_offset` adds the offset."""

    track_id: str
    source: str  # "user", "lrclib", "genius", "file", "notes"
    language: str
    is_synced: bool
    lines: tuple[LyricLine, ...]
    fetched_at: datetime | None = None  # None for what is the song's own
    expires_at: datetime | None = None
    offset_s: float = 0.0  # as the singers set it; positive: the words come later

    def lines_at_offset(self, tempo: float = 1.0) -> tuple[LyricLine, ...]:
        return tuple(line.moved(self.offset_s, tempo) for line in self.lines)


def lines_as_json(lines: Iterable[LyricLine]) -> list[dict[str, Any]]:
    """Times to the millisecond; what is not known is left out."""
    return [_line_as_json(line) for line in lines]


def lines_from_json(kept: Iterable[dict[str, Any]]) -> tuple[LyricLine, ...]:
    return tuple(
        LyricLine(
            one["text"],
            one.get("onset_s"),
            one.get("offset_s"),
            tuple(LyricWord(word["text"], word["onset_s"], word.get("offset_s")) for word in one.get("words", ())),
        )
        for one in kept
    )


def lyrics_of_song(song: song_pb2.Song) -> Lyrics | None:
    """The words that a song's first voice sings, line by line; None where it has none."""
    if not song.voices or not song.voices[0].reference.lyrics.words:
        return None
    reference = song.voices[0].reference
    sung: dict[int, list[LyricWord]] = defaultdict(list)
    for word in reference.lyrics.words:
        sung[word.phrase].append(LyricWord(word.text, word.onset_s, word.offset_s))
    lines = []
    for index, phrase in enumerate(reference.melody.phrases):
        text = phrase.text or " ".join(word.text for word in sung[index])
        if text:
            lines.append(LyricLine(text, phrase.onset_s, phrase.offset_s, tuple(sung[index])))
    language = reference.lyrics.language or song.language
    return Lyrics(tuple(lines), is_synced=True, language=language) if lines else None


def _line_as_json(line: LyricLine) -> dict[str, Any]:
    words = [_timed(word.text, word.onset_s, word.offset_s) for word in line.words]
    return _timed(line.text, line.onset_s, line.offset_s) | ({"words": words} if words else {})


def _timed(text: str, onset_s: float | None, offset_s: float | None) -> dict[str, Any]:
    times = {"onset_s": onset_s, "offset_s": offset_s}
    return {"text": text} | {name: round(time_s, 3) for name, time_s in times.items() if time_s is not None}
