"""The reference of one song: what is written, its notes in order, its onsets."""

from dataclasses import dataclass

import numpy as np

from inference.domain.contour import GOLDEN, PITCHED, grid_frames, grid_index, sung_contour
from inference.domain.melody import Lyrics, Melody, Note, NoteKind
from inference.domain.notes import melody_of
from inference.domain.rhythm_score import WrittenOnsets
from inference.domain.rules import ScoringRules
from inference.domain.track import PitchTrack


@dataclass(frozen=True, slots=True)
class Written:
    """The reference of one song."""

    melody: Melody
    lyrics: Lyrics
    contour: PitchTrack | None  # a solo voice, measured


@dataclass(frozen=True, slots=True)
class NoteSlot:
    """A written note, where it stands, and its frames on the grid."""

    phrase: int
    index: int
    note: Note

    def frames(self, rules: ScoringRules) -> slice:
        start = max(0, grid_index(self.note.onset_s, rules))
        return slice(start, max(start, grid_index(self.note.offset_s, rules)))


def with_notes(written: Written, rules: ScoringRules) -> Written:
    """Finds the notes of a solo voice where none are written."""
    if written.contour is None or any(phrase.notes for phrase in written.melody.phrases):
        return written
    track = written.contour
    frames = grid_frames(float(track.times_s[-1]) if len(track.f0_hz) else 0.0, rules)
    solo = sung_contour(track, track.times_s, frames, rules)
    return Written(melody_of(solo, rules), written.lyrics, track)


def end_s(song: Written) -> float:
    """The last second that anything is written at."""
    ends = [phrase.offset_s for phrase in song.melody.phrases]
    ends += [note.offset_s for phrase in song.melody.phrases for note in phrase.notes]
    if song.contour is not None and len(song.contour.f0_hz):
        ends.append(float(song.contour.times_s[-1]))
    return max(ends, default=0.0)


def note_slots(melody: Melody) -> tuple[NoteSlot, ...]:
    """Every note but freestyle, in time order."""
    slots = [
        NoteSlot(phrase, index, note)
        for phrase, line in enumerate(melody.phrases)
        for index, note in enumerate(line.notes)
        if note.kind is not NoteKind.FREESTYLE
    ]
    return tuple(sorted(slots, key=lambda slot: slot.note.onset_s))


def written_onsets(slots: tuple[NoteSlot, ...], rules: ScoringRules) -> WrittenOnsets:
    """The onset of every note that is scored; a repetition without a rest is not sure to be heard."""
    times = np.array([slot.note.onset_s for slot in slots])
    weight = np.array([rules.golden_weight if slot.note.kind in GOLDEN else 1.0 for slot in slots])
    notes = [slot.note for slot in slots]
    sure = np.array([n == 0 or not _repeats(notes[n - 1], note, rules) for n, note in enumerate(notes)], dtype=bool)
    midi = np.array([slot.note.midi if slot.note.kind in PITCHED else np.nan for slot in slots])
    return WrittenOnsets(times, midi, weight, sure)


def _repeats(before: Note, note: Note, rules: ScoringRules) -> bool:
    same = before.kind in PITCHED and note.kind in PITCHED and abs(before.midi - note.midi) < rules.repeated_semitones
    return same and note.onset_s - before.offset_s < rules.contiguous_s
