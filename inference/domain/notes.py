"""Notes and onsets found in a contour, the same way for what is written and for what is sung."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.domain.alignment import settled_borders, steady_pitches
from inference.domain.contour import GRID_FIRST_S, SungContour, runs
from inference.domain.medians import median_of
from inference.domain.melody import Melody, Note, NoteKind, Phrase
from inference.domain.rhythm_score import SungOnsets
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats


@dataclass(frozen=True, slots=True)
class FoundNote:
    start: int  # frame
    end: int  # frame after the last
    midi: float
    restruck: bool  # the same pitch again after a consonant: an onset that may be none


def found_notes(contour: SungContour, rules: ScoringRules) -> list[FoundNote]:
    """Piecewise constant pitches of every voiced run; a consonant inside a run may strike the note again."""
    notes: list[FoundNote] = []
    for start, end in runs(~np.isnan(contour.midi)):
        notes.extend(_notes_of_run(contour, start, end, rules))
    return notes


def _notes_of_run(contour: SungContour, start: int, end: int, rules: ScoringRules) -> list[FoundNote]:
    run = contour.midi[start:end]
    levels = np.arange(np.floor(run.min()) - 0.5, np.ceil(run.max()) + 0.5, rules.note_level_semitones)
    cost = rules.new_note_cost_s / rules.hop_s
    path = steady_pitches(run, levels, cost, rules.note_cost_cap_semitones)
    rough = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), len(run)]
    reach, least = round(rules.border_reach_s / rules.hop_s), round(rules.min_note_s / rules.hop_s)
    borders = settled_borders(contour.stepped_midi[start:end], np.array(rough, dtype=np.int64), reach, least).tolist()
    strikes = _strikes(contour.raw_midi[start:end], rules)
    edges = sorted({*borders, *(s for s in strikes if min(abs(s - b) for b in borders) > rules.strike_apart_frames)})
    notes: list[FoundNote] = []
    for a, b in itertools.pairwise(edges):
        if (b - a) * rules.hop_s < rules.min_note_s and len(edges) > 2:
            continue
        pitch = median_of(run[a:b])
        restruck = bool(notes) and abs(pitch - notes[-1].midi) < rules.restruck_semitones
        notes.append(FoundNote(start + a, start + b, pitch, restruck))
    return notes


def _strikes(raw: Floats, rules: ScoringRules) -> list[int]:
    """Frames at which the voice comes back after a consonant."""
    inside = [(start, end) for start, end in runs(np.isnan(raw)) if start > 0 and end < len(raw)]
    return [end for start, end in inside if end - start >= rules.strike_frames]


def sung_onsets(notes: Sequence[FoundNote], contour: SungContour, rules: ScoringRules) -> SungOnsets:
    """The onset of every note found in the contour; unsure where it was struck again or what was before is not known.

    Of no notes, three empty arrays.
    """
    times_s = np.array([GRID_FIRST_S + rules.hop_s * note.start for note in notes])
    sure = [not note.restruck and _received_before(contour.measured, note.start, rules) for note in notes]
    return SungOnsets(times_s, np.array([note.midi for note in notes]), np.array(sure, dtype=np.bool_))


def _received_before(measured: Flags, frame: int, rules: ScoringRules) -> bool:
    return bool(measured[max(0, frame - rules.strike_frames) : frame + 1].all())


def melody_of(contour: SungContour, rules: ScoringRules) -> Melody:
    """The notes of a solo voice, in lines where it rests."""
    notes = [
        Note(
            GRID_FIRST_S + rules.hop_s * found.start,
            GRID_FIRST_S + rules.hop_s * found.end,
            found.midi,
            NoteKind.NORMAL,
            "",
            True,
        )
        for found in found_notes(contour, rules)
    ]
    lines: list[list[Note]] = []
    for note in notes:
        if not lines or note.onset_s - lines[-1][-1].offset_s > rules.line_rest_s:
            lines.append([])
        lines[-1].append(note)
    return Melody(tuple(Phrase(line[0].onset_s, line[-1].offset_s, tuple(line), "") for line in lines))
