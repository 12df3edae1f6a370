"""The tunes of the random baseline: every song.txt among the test recordings, and what vocadito_1 sings."""

import csv
import math
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from inference.contract import song_melody
from inference.domain.melody import Lyrics, Melody, Note, NoteKind, Phrase, Word
from signaling.songs.ultrastar import SONG_FILE, load_ultrastar
from tests.support.places import RECORDINGS

SINGING_STARTS_S = 0.5  # every excerpt begins at the same time, which is the best that chance can have
SUNG_KINDS = (NoteKind.NORMAL, NoteKind.GOLDEN)


def song_files(recordings: Path = RECORDINGS) -> list[Path]:
    """Every song that is written as one, in a fixed order; the parser's fixtures are none."""
    songs = recordings / "songs"
    return sorted([*songs.glob(f"*/{SONG_FILE}"), *songs.glob(f"text_only/*/{SONG_FILE}")])


@cache
def corpus(seconds: float, recordings: Path = RECORDINGS) -> dict[str, Melody]:
    """The first `seconds` of each tune from its first note on, by name. Raises ValueError where there is none."""
    tunes = {file.parent.name: song_melody(load_ultrastar(file)) for file in song_files(recordings)}
    if not tunes:
        raise ValueError(f"no {SONG_FILE} under {recordings}")
    tunes["vocadito_1"] = annotated_melody(recordings / "pitch/vocadito_1/vocadito_1_notesA1.csv")
    return {name: excerpt(melody, seconds) for name, melody in tunes.items()}


def annotated_melody(file: Path) -> Melody:
    """One line of notes from rows of onset s, Hz, duration s."""
    with file.open(encoding="utf-8") as rows:
        values = [[float(value) for value in row] for row in csv.reader(rows)]
    notes = tuple(
        Note(onset_s, onset_s + length_s, 69 + 12 * math.log2(f0_hz / 440), NoteKind.NORMAL, "", True)
        for onset_s, f0_hz, length_s in values
    )
    return Melody((Phrase(notes[0].onset_s, notes[-1].offset_s, notes, ""),))


def excerpt(melody: Melody, seconds: float) -> Melody:
    """The sung notes of the first `seconds` after the first, which begins at SINGING_STARTS_S."""
    first_s = min(note.onset_s for phrase in melody.phrases for note in phrase.notes if note.kind in SUNG_KINDS)
    earlier_s = first_s - SINGING_STARTS_S
    return Melody(tuple(_lines(melody, earlier_s, SINGING_STARTS_S + seconds)))


def _lines(melody: Melody, earlier_s: float, end_s: float) -> Iterator[Phrase]:
    for phrase in melody.phrases:
        notes = tuple(
            replace(note, onset_s=note.onset_s - earlier_s, offset_s=note.offset_s - earlier_s)
            for note in phrase.notes
            if note.kind in SUNG_KINDS and note.offset_s - earlier_s <= end_s
        )
        if notes:
            yield Phrase(notes[0].onset_s, notes[-1].offset_s, notes, phrase.text)


def words_of(melody: Melody, language: str) -> Lyrics:
    """The words that the syllables of the notes make."""
    words: list[Word] = []
    for line, phrase in enumerate(melody.phrases):
        for number, note in enumerate(phrase.notes):
            syllable = note.syllable.strip().strip("~")
            if note.starts_word or number == 0 or not words:
                words.append(Word(syllable, note.onset_s, note.offset_s, line))
            else:
                words[-1] = replace(words[-1], text=words[-1].text + syllable, offset_s=note.offset_s)
    return Lyrics(language, tuple(word for word in words if word.text))
