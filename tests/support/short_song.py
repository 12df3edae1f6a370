"""Songs of a dozen seconds, written as UltraStar folders and sung by the demo song's voice."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from deploy.demo_song.score import SungNote, Syllable
from deploy.demo_song.voice import render_guide
from tests.support.microphone_file import SAMPLE_RATE_HZ

BEAT_S = 0.05  # BPM 300 in the file, which is implicitly times four
NOTE_S = 0.6
FIRST_NOTE_S = 1.0
LINE_GAP_S = 0.4
TAIL_S = 1.0
SOUNDS = (("la", "l a"), ("mi", "m i"), ("do", "d o"), ("né", "n e"))
Samples = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ShortSong:
    title: str
    lines: tuple[tuple[SungNote, ...], ...]

    @property
    def duration_s(self) -> float:
        return self.lines[-1][-1].offset_s + TAIL_S

    def folder(self, parent: Path) -> Path:
        """Writes song.txt and a quiet backing."""
        folder = parent / self.title
        folder.mkdir(parents=True)
        soundfile.write(folder / "backing.flac", self._backing(), SAMPLE_RATE_HZ, subtype="PCM_16")
        (folder / "song.txt").write_text(self._text(), encoding="utf-8")
        return folder

    def voice(self, cents: float = 0.0) -> Samples:
        """The voice that sings it, detuned by so many cents."""
        lines = [[replace(note, midi=note.midi + cents / 100) for note in line] for line in self.lines]
        return render_guide(lines, self.duration_s, SAMPLE_RATE_HZ, np.random.default_rng(5))

    def _backing(self) -> Samples:
        at_s = np.arange(int(self.duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
        return np.asarray(0.05 * np.sin(2 * np.pi * 220 * at_s) * np.exp(-4 * (at_s % NOTE_S)))

    def _text(self) -> str:
        rows = [
            f"#TITLE:{self.title}",
            "#ARTIST:Voicejury",
            "#MP3:backing.flac",
            "#BPM:300",
            "#GAP:0",
            "#LANGUAGE:French",
        ]
        for index, line in enumerate(self.lines):
            if index:
                rows.append(f"- {round(line[0].onset_s / BEAT_S) - 2}")
            rows.extend(_row(note) for note in line)
        return "\n".join([*rows, "E", ""])


def _row(note: SungNote) -> str:
    start = round(note.onset_s / BEAT_S)
    length = round((note.offset_s - note.onset_s) / BEAT_S)
    return f": {start} {length} {round(note.midi - 60)} {note.syllable.text} "


def write_song(title: str, melody: tuple[tuple[int, ...], ...]) -> ShortSong:
    """One tuple of MIDI numbers for each line; every note lasts 0.6 s and starts a word."""
    onset_s = FIRST_NOTE_S
    lines = []
    for pitches in melody:
        line = []
        for place, midi in enumerate(pitches):
            text, sounds = SOUNDS[place % len(SOUNDS)]
            end_s = onset_s + NOTE_S - (0.1 if place == len(pitches) - 1 else 0.0)
            line.append(SungNote(onset_s, end_s, float(midi), Syllable(text, sounds, "", 1.0, True)))
            onset_s += NOTE_S
        lines.append(tuple(line))
        onset_s += LINE_GAP_S
    return ShortSong(title, tuple(lines))


# Neighbouring notes differ by a third or more, so that a late note cannot be taken for the next one.
TEN_SECONDS = write_song("Dix secondes", ((60, 64, 67, 62), (65, 69, 64, 60), (67, 62, 65, 60)))
SEVENTEEN_SECONDS = write_song(
    "Dix sept secondes",
    ((60, 64, 67, 62), (65, 69, 64, 60), (67, 62, 65, 69), (64, 60, 67, 62), (65, 69, 62, 60), (64, 67, 60, 65)),
)
