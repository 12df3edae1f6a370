"""What CREPE wants and gives, whichever runtime computes it (Kim et al. 2018, arXiv:1802.06182)."""

import numpy as np
from numpy.typing import NDArray

from inference.models.estimator import FramePitches, Windows

BINS = 360
CENTS_PER_BIN = 20.0
FIRST_BIN_CENTS = 1997.3794084376191  # above 10 Hz, of bin 0 (the value in CREPE's code): 31.7 Hz
AVERAGED_BINS = 4  # each side of the peak, as in CREPE's own local average
MIN_DEVIATION = 1e-8  # a silent window stays silent instead of becoming noise

_BIN_CENTS = FIRST_BIN_CENTS + CENTS_PER_BIN * np.arange(BINS)
_NEIGHBOURS = np.arange(-AVERAGED_BINS, AVERAGED_BINS + 1)


def normalise(windows: Windows) -> Windows:
    """Each window with mean 0 and deviation 1, as CREPE was trained."""
    centred = windows - windows.mean(axis=1, keepdims=True, dtype=np.float32)
    deviation = centred.std(axis=1, keepdims=True, dtype=np.float32)
    normalised: Windows = centred / np.maximum(deviation, MIN_DEVIATION)
    return normalised


def decode(activation: NDArray[np.float32]) -> FramePitches:
    """Each window by itself: the pitch round its highest peak; shape (windows, BINS) in."""
    return decode_round(activation, activation.argmax(axis=1))


def decode_round(activation: NDArray[np.float32], peak: NDArray[np.intp]) -> FramePitches:
    """The mean of the bins round `peak`, shape (windows,), weighted by their activation.

    torchcrepe's decoders add random dither (8 cents of median error against 4 for this one).
    """
    bins = peak[:, None] + _NEIGHBOURS
    inside = (bins >= 0) & (bins < BINS)
    bins = bins.clip(0, BINS - 1)
    weights = np.where(inside, np.take_along_axis(activation, bins, axis=1), 0).astype(np.float64)
    total = np.maximum(weights.sum(axis=1), np.finfo(np.float64).tiny)
    cents = (weights * _BIN_CENTS[bins]).sum(axis=1) / total
    f0_hz = 10.0 * 2.0 ** (cents / 1200.0)
    periodicity = np.take_along_axis(activation, peak[:, None], axis=1)[:, 0]
    return FramePitches(f0_hz.astype(np.float32), periodicity.astype(np.float32))
