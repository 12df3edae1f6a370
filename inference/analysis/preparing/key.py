"""The key of a melody: how long each pitch class sounds, beside the profiles that listeners gave."""

import numpy as np

from inference.domain.contour import PITCHED
from inference.domain.melody import Melody
from inference.domain.track import Floats

# Krumhansl and Kessler 1982, table 1: how well each pitch class fits a key, from its tonic upwards.
MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])
NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
STRAY_SHARE = 0.01  # of the time: a tracker's octave error is no part of a singer's range
LEAST_CLASSES = 3  # fewer pitch classes are in many keys


def key_of(melody: Melody) -> str:
    """A name like "C" or "C#m"; empty where the melody does not tell."""
    lengths_s = class_lengths_s(melody)
    if np.count_nonzero(lengths_s) < LEAST_CLASSES:
        return ""
    fits = [
        (float(np.corrcoef(lengths_s, np.roll(profile, tonic))[0, 1]), NAMES[tonic] + suffix)
        for profile, suffix in ((MAJOR, ""), (MINOR, "m"))
        for tonic in range(12)
    ]
    return max(fits)[1]


def class_lengths_s(melody: Melody) -> Floats:
    """Seconds of singing on each pitch class from C, shape (12,)."""
    lengths_s = np.zeros(12)
    for note in (note for phrase in melody.phrases for note in phrase.notes):
        if note.kind in PITCHED:
            lengths_s[round(note.midi) % 12] += note.offset_s - note.onset_s
    return lengths_s


def span_of(melody: Melody) -> tuple[float, float] | None:
    """The lowest and the highest pitch that counts: those beyond which the voice spends a hundredth of its time."""
    notes = [note for phrase in melody.phrases for note in phrase.notes if note.kind in PITCHED]
    if not notes:
        return None
    midi = np.array([note.midi for note in notes])
    lengths_s = np.array([note.offset_s - note.onset_s for note in notes])
    order = np.argsort(midi)
    share = np.cumsum(lengths_s[order]) / max(float(lengths_s.sum()), 1e-9)
    low, high = np.searchsorted(share, (STRAY_SHARE, 1 - STRAY_SHARE))
    return float(midi[order][low]), float(midi[order][min(int(high), len(midi) - 1)])
