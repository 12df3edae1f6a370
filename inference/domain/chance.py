"""What luck earns: other tunes on the same rhythm, the same ones on every machine."""

import numpy as np

from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

MAJOR_SCALE = np.array([0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0])  # semitones above the tonic
STEPS = np.array([-4, -3, -2, -1, 0, 1, 2, 3, 4])  # in scale degrees
STEP_SHARE = np.array([0.03, 0.05, 0.10, 0.21, 0.22, 0.21, 0.10, 0.05, 0.03])  # steps prevail in sung tunes
TONIC_MIDI = 60.0
SEED = 20_260_101


def other_tunes(notes: int, rules: ScoringRules) -> Floats:
    """Pitch numbers of random walks on a major scale, shape (chance_melodies, notes)."""
    pitches = np.empty((rules.chance_melodies, notes))
    for tune in range(rules.chance_melodies):
        steps = np.random.default_rng(SEED + tune).choice(STEPS, size=notes, p=STEP_SHARE)
        degrees = _reflected(np.cumsum(steps), rules.chance_range_degrees)
        pitches[tune] = TONIC_MIDI + 12.0 * (degrees // 7) + MAJOR_SCALE[degrees % 7]
    return pitches


def talk(frames: int, centre_midi: float, number: int, rules: ScoringRules) -> Floats:
    """A contour that wanders like speech around one pitch."""
    spacing = round(rules.chance_syllable_s / rules.hop_s)
    nodes = np.arange(0, frames + spacing, spacing)
    drawn = np.random.default_rng(SEED + 1000 + number).normal(0.0, rules.chance_talk_semitones, len(nodes))
    return centre_midi + np.interp(np.arange(frames), nodes, drawn)


def _reflected(
    degrees: np.ndarray[tuple[int], np.dtype[np.int64]], reach: int
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Folds a walk back into +-reach as between two mirrors."""
    width = 2 * reach
    folded = np.mod(degrees + reach, 2 * width)
    reflected: np.ndarray[tuple[int], np.dtype[np.int64]] = np.where(folded > width, 2 * width - folded, folded) - reach
    return reflected
