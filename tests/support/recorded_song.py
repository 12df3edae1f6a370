"""A real solo recording as a song: vocadito_1 with a song.txt from the notes of annotator A1."""

import csv
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

BEAT_S = 0.01  # BPM 1500 in the file, which is implicitly times four: a finer grid than annotators have
BPM = 1500
TITLE = "Vocadito 1"


def _notes(file: Path) -> list[tuple[float, float, float]]:
    """(onset s, f0 Hz, duration s) of each note."""
    with file.open(newline="") as rows:
        return [(float(row[0]), float(row[1]), float(row[2])) for row in csv.reader(rows) if row]


def _line_ends(notes: list[tuple[float, float, float]], line_count: int) -> set[int]:
    """The notes before the longest rests."""
    rests = [later[0] - (onset_s + length_s) for (onset_s, _, length_s), later in pairwise(notes)]
    return set(np.argsort(rests)[-(line_count - 1) :].tolist())


def _rows(notes: list[tuple[float, float, float]], lines: list[list[str]]) -> list[str]:
    rows, ends = [], _line_ends(notes, len(lines))
    line = 0
    words = list(lines[0])
    for index, (onset_s, f0_hz, length_s) in enumerate(notes):
        pitch = round(69 + 12 * math.log2(f0_hz / 440)) - 60
        word = words.pop(0) + " " if words else "~"
        rows.append(f": {round(onset_s / BEAT_S)} {max(1, round(length_s / BEAT_S))} {pitch} {word}")
        if index in ends:
            line += 1
            words = list(lines[line])
            rows.append(f"- {round((onset_s + length_s) / BEAT_S)}")
    return rows


def write_recorded_song(recordings: Path, folder: Path) -> Path:
    """An UltraStar folder whose backing is silence as long as the recording; returns the folder."""
    source = recordings / "pitch" / "vocadito_1"
    notes = _notes(source / "vocadito_1_notesA1.csv")
    lines = [line.split() for line in (source / "vocadito_1_lyrics.txt").read_text().splitlines() if line.strip()]
    assert len(notes) > 20
    assert len(lines) == 10
    header = [f"#TITLE:{TITLE}", "#ARTIST:vocadito", "#MP3:silence.wav", f"#BPM:{BPM}", "#GAP:0"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "song.txt").write_text("\n".join([*header, *_rows(notes, lines), "E", ""]), encoding="utf-8")
    voice = soundfile.info(source / "vocadito_1.wav")
    soundfile.write(folder / "silence.wav", np.zeros(voice.frames), voice.samplerate)
    return folder
