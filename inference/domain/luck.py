"""The credit in pitch that luck earns on one song: other tunes on its rhythm, and talk in it."""

import itertools
from functools import lru_cache

import numpy as np

from inference.domain.chance import other_tunes, talk
from inference.domain.contour import SungContour, WrittenContour, runs, shifted, transposed
from inference.domain.note_credit import notes_by_pitch
from inference.domain.pitch_score import AlignedPitch, aligned, raw_credit, regraded
from inference.domain.placement import placed
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats


def chance_credits(written: WrittenContour, levels: tuple[ScoringRules, ...]) -> tuple[float, ...]:
    """What luck earns on average by each of the rules, each singer with its best key and latency.

    The rules differ in their tolerances only. It is the song's: kept for the next take.
    """
    return _chance_credits(written.midi.tobytes(), written.weight.tobytes(), written.free.tobytes(), levels)


@lru_cache(maxsize=64)
def _chance_credits(midi: bytes, weight: bytes, free: bytes, levels: tuple[ScoringRules, ...]) -> tuple[float, ...]:
    written = WrittenContour(
        np.frombuffer(midi).copy(),
        np.frombuffer(weight).copy(),
        np.frombuffer(free, np.bool_).copy(),
        np.zeros(len(free), dtype=np.bool_),  # their pitches are as smooth as can be
        notes_by_pitch(np.frombuffer(midi)),
    )
    rules = levels[0]
    notes = _written_notes(written.midi)
    if not notes:
        return (0.0,) * len(levels)
    tunes = [_on_notes(written.midi, notes, tune) for tune in other_tunes(len(notes), rules)]
    centre = float(np.nanmedian(written.midi))
    talks = [
        np.where(np.isnan(written.midi), np.nan, talk(len(written.midi), centre, number, rules))
        for number in range(rules.chance_talkers)
    ]
    kinds = [np.mean([_earned(written, midi, levels) for midi in singers], axis=0) for singers in (tunes, talks)]
    return tuple(min(rules.most_pitch_luck, float(luck)) for luck in np.mean(kinds, axis=0))


def _earned(written: WrittenContour, midi: Floats, levels: tuple[ScoringRules, ...]) -> list[float]:
    pitch = _laid(written, midi, levels[0])
    return [raw_credit(regraded(written, pitch, rules), rules) for rules in levels]


def _laid(written: WrittenContour, midi: Floats, rules: ScoringRules) -> AlignedPitch:
    other = SungContour(midi, np.ones(len(midi), dtype=np.bool_), midi, midi, midi)
    place = placed(written, other, rules)
    moved = shifted(other, round(place.latency_s / rules.hop_s))
    return aligned(written, transposed(moved, -place.key_semitones), place, rules)


def _on_notes(midi: Floats, notes: list[tuple[int, int]], tune: Floats) -> Floats:
    other = np.full(len(midi), np.nan)
    for (start, end), pitch in zip(notes, tune, strict=True):
        other[start:end] = pitch
    return other


def _written_notes(midi: Floats) -> list[tuple[int, int]]:
    """[start, end) of each written pitch: voiced runs, cut where the pitch leaps."""
    notes: list[tuple[int, int]] = []
    for start, end in runs(~np.isnan(midi)):
        cuts = np.flatnonzero(np.abs(np.diff(np.round(midi[start:end]))) >= 1) + 1 + start
        edges = [start, *cuts.tolist(), end]
        notes.extend(itertools.pairwise(edges))
    return notes
