"""The body of a song.txt: notes, line ends and voices, still in beats."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from signaling.errors import SongFormatError

MAX_NOTES = 20_000
MAX_LINE_CHARACTERS = 2_048
MAX_BEAT = 10_000_000  # keeps song seconds finite and small
MAX_PITCH_SEMITONES = 120
NOTE = re.compile(r"([:*FRG])\s*(-?\d{1,12})\s+(-?\d{1,12})\s+(-?\d{1,12})(?:\s(.*))?$", re.IGNORECASE | re.DOTALL)
LINE_END = re.compile(r"-\s*(?:(-?\d{1,12})(?:\s+(-?\d{1,12}))?)?$")
VOICE = re.compile(r"P\s*([1-9])\s*$", re.IGNORECASE)
FIRST_VOICE = 1


@dataclass(frozen=True, slots=True)
class BeatNote:
    kind: str  # one of ":*FRG"
    beat: int
    beats: int
    pitch_semitones: int  # from C4
    text: str  # with the spaces that mark words
    line: int


@dataclass(slots=True)
class BeatVoice:
    """The lines of one singer, as they are read."""

    lines: list[list[BeatNote]] = field(default_factory=lambda: [[]])
    relative_beat: int = 0

    def end_line(self) -> None:
        if self.lines[-1]:
            self.lines.append([])


def read_body(path: Path, numbered: Iterable[tuple[int, str]], relative: bool) -> dict[int, BeatVoice]:
    """Voices by number, from the first line after the header up to `E` or the end of the file."""
    voices: dict[int, BeatVoice] = {}
    current = FIRST_VOICE
    count = 0
    for number, line in numbered:
        mark = line.strip()
        if mark in ("E", "e"):
            break
        if not mark or mark.startswith("#"):
            continue
        if voice := VOICE.match(mark):
            current = int(voice.group(1))
            continue
        if len(line) > MAX_LINE_CHARACTERS:
            raise SongFormatError(path, number, f"a line of more than {MAX_LINE_CHARACTERS} characters")
        count += 1
        if count > MAX_NOTES:
            raise SongFormatError(path, number, f"more than {MAX_NOTES} notes")
        _read_line(path, number, line.lstrip(), voices.setdefault(current, BeatVoice()), relative)
    return voices


def _read_line(path: Path, number: int, line: str, voice: BeatVoice, relative: bool) -> None:
    if end := LINE_END.match(line.rstrip()):
        voice.end_line()
        if relative:
            voice.relative_beat += int(end.group(2) or end.group(1) or 0)
            _check_beat(path, number, voice.relative_beat)
        return
    voice.lines[-1].append(_read_note(path, number, line, voice.relative_beat))


def _read_note(path: Path, number: int, line: str, relative_beat: int) -> BeatNote:
    match = NOTE.match(line)
    if match is None:
        raise SongFormatError(path, number, f"neither a note nor a line end: {line.strip()[:40]!r}")
    kind, beat, beats, pitch, text = match.groups()
    note = BeatNote(kind.upper(), int(beat) + relative_beat, int(beats), int(pitch), text or "", number)
    _check_beat(path, number, note.beat)
    if not 0 <= note.beats <= MAX_BEAT:
        raise SongFormatError(path, number, f"a note cannot last {note.beats} beats")
    if abs(note.pitch_semitones) > MAX_PITCH_SEMITONES:
        raise SongFormatError(path, number, f"pitch {note.pitch_semitones} is beyond any voice")
    return note


def _check_beat(path: Path, number: int, beat: int) -> None:
    if abs(beat) > MAX_BEAT:
        raise SongFormatError(path, number, f"beat {beat} is out of range")
