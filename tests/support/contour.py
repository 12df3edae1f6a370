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
    places = np.rint((song_s - lag_s) / HOP_S).astype(int)
    inside = (places >= 0) & (places < len(contour))
    written = np.where(inside, contour[np.clip(places, 0, len(contour) - 1)], 0.0)
    both = (written > 0) & (f0_hz > 0)
    off = np.full(len(song_s), np.nan)
    off[both] = 1200 * np.log2(f0_hz[both] / written[both])
    return off


def drawn_lag_s(song_s: Floats, f0_hz: Floats, contour: Floats) -> float:
    """How much later the points stand than the voice: the shift with the least distance."""
    costs = []
    for lag_s in LAGS_S:
        off = np.abs(cents_off(song_s, f0_hz, contour, float(lag_s)))
        costs.append(np.mean(np.where(np.isnan(off), FAR_CENTS, np.minimum(off, FAR_CENTS))))
    best = np.flatnonzero(np.isclose(costs, np.min(costs), atol=0.5))
    return float(np.mean(LAGS_S[best]))
