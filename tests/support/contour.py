"""Compares what was drawn with what the voice really sang."""

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch

Floats = NDArray[np.float64]
HOP_S = 0.01
LAGS_S = np.arange(-0.6, 0.601, 0.005)
FAR_CENTS = 200.0  # the cost of a frame does not grow beyond this


def sung_contour(samples: Floats, sample_rate_hz: int) -> Floats:
    """f0 in Hz every 10 ms from the first sample, 0 = unvoiced, by the estimator that judges."""
    mono = np.asarray(soxr.resample(samples, sample_rate_hz, 16_000), dtype=np.float32)
    return track_pitch(mono, np.ones(len(mono), dtype=bool), build_estimator("tiny"), HOP_S).f0_hz


def contour_of_file(path: str) -> Floats:
    samples, sample_rate_hz = soundfile.read(path)
    return sung_contour(samples, sample_rate_hz)


def cents_off(song_s: Floats, f0_hz: Floats, contour: Floats, lag_s: float) -> Floats:
    """Distance of each drawn point to the contour `lag_s` earlier; NaN where either is unvoiced."""
    places = (song_s - lag_s) / HOP_S
    inside = (places >= 0) & (places < len(contour) - 1)
    before = np.where(inside, places, 0).astype(int)
    voiced = inside & (contour[before] > 0) & (contour[before + 1] > 0) & (f0_hz > 0)
    midi = np.log2(np.maximum(contour, 1.0))
    written = midi[before] + (places - before) * (midi[before + 1] - midi[before])
    off = np.full(len(song_s), np.nan)
    off[voiced] = 1200 * (np.log2(f0_hz[voiced]) - written[voiced])
    return off


def _cost(song_s: Floats, f0_hz: Floats, contour: Floats, lag_s: float) -> float:
    off = np.abs(cents_off(song_s, f0_hz, contour, lag_s))
    return float(np.mean(np.where(np.isnan(off), FAR_CENTS, np.minimum(off, FAR_CENTS))))


def drawn_lag_s(song_s: Floats, f0_hz: Floats, contour: Floats) -> float:
    """How much later the points stand than the voice: the shift with the least distance, to a millisecond."""
    rough = LAGS_S[int(np.argmin([_cost(song_s, f0_hz, contour, float(lag_s)) for lag_s in LAGS_S]))]
    fine = rough + np.arange(-0.015, 0.0151, 0.001)
    return float(fine[int(np.argmin([_cost(song_s, f0_hz, contour, float(lag_s)) for lag_s in fine]))])
