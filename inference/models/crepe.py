"""What CREPE wants and gives, whichever runtime computes it (Kim et al. 2018, arXiv:1802.06182)."""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.models.estimator import Floats32, Floats64, FramePitches, Windows

BINS = 360
CENTS_PER_BIN = 20.0
FIRST_BIN_CENTS = 1997.3794084376191  # above 10 Hz, of bin 0 (the value in CREPE's code): 31.7 Hz
AVERAGED_BINS = 4  # each side of the peak, as in CREPE's own local average
EVEN_BINS = FIRST_BIN_CENTS + CENTS_PER_BIN * np.arange(BINS, dtype=np.float64)  # what CREPE was trained to answer
MIN_DEVIATION = 1e-8  # a silent window stays silent instead of becoming noise


def normalise(windows: Windows) -> Windows:
    """Each window with mean 0 and deviation 1, as CREPE was trained; shape (windows, samples)."""
    normalised = np.empty(windows.shape, np.float32)
    _normalise(np.ascontiguousarray(windows, np.float32), normalised)
    return normalised


def decode(activation: NDArray[np.float32], bin_cents: Floats64 = EVEN_BINS) -> FramePitches:
    """Each window by itself: the pitch round its highest peak; shape (windows, BINS) in."""
    return decode_round(activation, activation.argmax(axis=1), bin_cents)


def decode_round(
    activation: NDArray[np.float32], peak: NDArray[np.intp], bin_cents: Floats64 = EVEN_BINS
) -> FramePitches:
    """The mean of the bins round `peak`, shape (windows,), weighted by their activation.

    `bin_cents`, shape (BINS,), is the pitch that each bin stands for, above 10 Hz.
    torchcrepe's decoders add random dither (8 cents of median error against 4 for this one).
    """
    f0_hz, periodicity = np.empty(len(activation), np.float32), np.empty(len(activation), np.float32)
    _decode(np.ascontiguousarray(activation, np.float32), peak.astype(np.int64), bin_cents, f0_hz, periodicity)
    return FramePitches(f0_hz, periodicity)


@njit(cache=True, nogil=True, fastmath={"reassoc", "contract"})
def _normalise(windows: Windows, normalised: Windows) -> None:
    count = windows.shape[1]
    for window in range(len(windows)):
        total = 0.0
        for sample in windows[window]:
            total += np.float64(sample)
        mean = total / count
        power = 0.0
        for sample in windows[window]:
            power += (np.float64(sample) - mean) ** 2
        scale = 1.0 / max(math.sqrt(power / count), MIN_DEVIATION)
        for place in range(count):
            normalised[window, place] = np.float32((np.float64(windows[window, place]) - mean) * scale)


@njit(cache=True, nogil=True)
def _decode(
    activation: NDArray[np.float32],
    peaks: NDArray[np.int64],
    bin_cents: Floats64,
    f0_hz: Floats32,
    periodicity: Floats32,
) -> None:
    for window in range(len(activation)):
        peak = peaks[window]
        weight, weighted = 0.0, 0.0
        for place in range(max(0, peak - AVERAGED_BINS), min(BINS, peak + AVERAGED_BINS + 1)):
            weight += np.float64(activation[window, place])
            weighted += np.float64(activation[window, place]) * bin_cents[place]
        cents = weighted / weight if weight > 0.0 else bin_cents[peak]
        f0_hz[window] = 10.0 * 2.0 ** (cents / 1200.0)
        periodicity[window] = activation[window, peak]
