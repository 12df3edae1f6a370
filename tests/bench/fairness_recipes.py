"""The two usual recipes, as the measured ones were: fastdtw over contours of 10 ms, 0 Hz where unvoiced."""

import numpy as np
from fastdtw import fastdtw

from inference.domain.track import Floats

CENTS_AT_ZERO = 200.0  # a mean distance that is worth nothing
A4_HZ = 440.0


def by_hz(written_hz: Floats, sung_hz: Floats) -> float:
    """100 less the mean distance in Hz along fastdtw's path, unvoiced frames as 0 Hz; 0..100."""
    return _points(100.0 - _mean_distance(written_hz, sung_hz))


def by_centred_cents(written_hz: Floats, sung_hz: Floats) -> float:
    """Voiced frames only, each side about its own mean, so that a constant transposition vanishes; 0..100."""
    written, sung = _centred(written_hz), _centred(sung_hz)
    if not len(written) or not len(sung):
        return 0.0
    return _points(100.0 * (1.0 - _mean_distance(written, sung) / CENTS_AT_ZERO))


def _mean_distance(written: Floats, sung: Floats) -> float:
    distance, path = fastdtw(written, sung, radius=1)
    return float(distance) / len(path)


def _centred(f0_hz: Floats) -> Floats:
    voiced = f0_hz[f0_hz > 0]
    cents = 1200.0 * np.log2(voiced / A4_HZ)
    return np.asarray(cents - cents.mean() if len(cents) else cents)


def _points(value: float) -> float:
    return min(100.0, max(0.0, value))
