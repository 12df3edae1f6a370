"""Pitch over time, as values."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PitchFrame:
    """One hop of pitch analysis."""

    time_s: float  # of the window's centre
    f0_hz: float  # 0 means unvoiced
    periodicity: float  # 0 = noise, 1 = a perfectly periodic voice


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """A run of frames on an even grid: frame i is centred at first_s + i * hop_s."""

    first_s: float
    hop_s: float
    f0_hz: Floats  # shape (frames,), 0 means unvoiced
    periodicity: Floats  # shape (frames,), 0..1
    measured: Flags  # shape (frames,), False where the audio is a gap or concealed
    estimator: str
    level_db: Floats | None = None  # shape (frames,), dBFS; None where only the contour is known

    @property
    def times_s(self) -> Floats:
        return self.first_s + self.hop_s * np.arange(len(self.f0_hz), dtype=np.float64)
