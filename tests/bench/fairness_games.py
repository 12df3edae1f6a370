"""What a random other song earns by the rules of karaoke games, as their public code states them.

UltraStar Deluxe: a sung tone, rounded to a semitone and folded over octaves, hits within 2 (easy), 1 (medium) or 0
(hard) semitones of the note. Performous: full within half a semitone, nothing from one and a half, a straight line
between. Each written 10 ms counts the same; bonuses for whole lines are left out.
"""

import itertools

import numpy as np

from inference.domain.cents import fold, midi_contour
from inference.domain.contour import PITCHED
from inference.domain.melody import Melody
from inference.domain.track import Floats, PitchTrack

ULTRASTAR_SEMITONES = {"easy": 2.0, "medium": 1.0, "hard": 0.0}
FULL_SEMITONES, NO_SEMITONES = 0.5, 1.5


def game_points(written: Melody, sung: PitchTrack) -> dict[str, float]:
    """Points of 100 by each rule."""
    off = _distances(written, sung)
    if not len(off):
        return {}
    rounded = np.abs(np.round(off))
    points = {
        f"UltraStar Deluxe, {level}": float(100 * np.mean(rounded <= tolerance))  # NaN, unvoiced, is no hit
        for level, tolerance in ULTRASTAR_SEMITONES.items()
    }
    credit = np.clip((NO_SEMITONES - np.abs(off)) / (NO_SEMITONES - FULL_SEMITONES), 0.0, 1.0)
    return points | {"Performous": float(100 * np.mean(np.nan_to_num(credit)))}


def _distances(written: Melody, sung: PitchTrack) -> Floats:
    """Folded semitones from the note, for each 10 ms of the notes with a pitch; NaN where nobody sings."""
    midi = np.append(midi_contour(sung.f0_hz), np.nan)
    found = []
    for note in itertools.chain.from_iterable(phrase.notes for phrase in written.phrases):
        if note.kind in PITCHED:
            times_s = np.arange(note.onset_s, note.offset_s, sung.hop_s)
            frames = np.round((times_s - sung.first_s) / sung.hop_s).astype(int)
            found.append(fold(midi[np.clip(frames, 0, len(midi) - 1)] - note.midi))
    return np.concatenate(found) if found else np.zeros(0)


def games_on_other_songs(melodies: dict[str, Melody], takes: dict[str, PitchTrack]) -> dict[str, list[float]]:
    """Points by each rule over all pairs of songs."""
    out: dict[str, list[float]] = {}
    for written, sung in itertools.permutations(melodies, 2):
        for rule, points in game_points(melodies[written], takes[sung]).items():
            out.setdefault(rule, []).append(points)
    return out
