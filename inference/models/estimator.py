"""What a pitch network is to the rest of the house."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
WINDOW_SAMPLES = 1_024

Windows = NDArray[np.float32]
Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FramePitches:
    """One value per window."""

    f0_hz: Floats32  # shape (windows,), never 0: whether the window is voiced is decided later
    periodicity: Floats32  # shape (windows,), 0..1


class PitchEstimator(Protocol):
    """Windows are independent of each other: the batch they come in changes nothing."""

    @property
    def name(self) -> str: ...

    def estimate(self, windows: Windows) -> FramePitches:
        """`windows`: shape (windows, WINDOW_SAMPLES), 16 kHz, -1..1."""
        ...
