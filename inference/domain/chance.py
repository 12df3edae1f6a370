"""What luck earns: other tunes on the same rhythm, the same ones on every machine."""

import numpy as np

from inference.domain.track import Floats

MAJOR_SCALE = np.array([0.0, 2.0, 4.0, 5.0, 7.0, 9.0, 11.0])  # semitones above the tonic
STEPS = np.array([-4, -3, -2, -1, 0, 1, 2, 3, 4])  # in scale degrees
STEP_SHARE = np.array([0.03, 0.05, 0.10, 0.21, 0.22, 0.21, 0.10, 0.05, 0.03])  # steps prevail in sung tunes
TONIC_MIDI = 60.0
RANGE_DEGREES = 5  # a tune wanders this far to either side of its tonic
SEED = 20_260_101
TALK_NODE_S = 0.15  # a syllable
TALK_SEMITONES = 2.0  # sd of a speaking voice


def other_tunes(notes: int, tunes: int) -> Floats:
    """Pitch numbers of `tunes` random walks on a major scale, shape (tunes, notes)."""
    pitches = np.empty((tunes, notes))
    for tune in range(tunes):
        steps = np.random.default_rng(SEED + tune).choice(STEPS, size=notes, p=STEP_SHARE)
        degrees = _reflected(np.cumsum(steps))
        pitches[tune] = TONIC_MIDI + 12.0 * (degrees // 7) + MAJOR_SCALE[degrees % 7]
    return pitches


def talk(frames: int, centre_midi: float, hop_s: float, number: int) -> Floats:
    """A contour that wanders like speech around one pitch."""
    spacing = round(TALK_NODE_S / hop_s)
    nodes = np.arange(0, frames + spacing, spacing)
    drawn = np.random.default_rng(SEED + 1000 + number).normal(0.0, TALK_SEMITONES, len(nodes))
    return centre_midi + np.interp(np.arange(frames), nodes, drawn)


def _reflected(degrees: np.ndarray[tuple[int], np.dtype[np.int64]]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Folds a walk back into +-RANGE_DEGREES as between two mirrors."""
    width = 2 * RANGE_DEGREES
    folded = np.mod(degrees + RANGE_DEGREES, 2 * width)
    reflected: np.ndarray[tuple[int], np.dtype[np.int64]] = (
        np.where(folded > width, 2 * width - folded, folded) - RANGE_DEGREES
    )
    return reflected
