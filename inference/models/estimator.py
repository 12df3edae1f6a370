"""What a pitch network is to the rest of the house."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
WINDOW_SAMPLES = 1_024

Windows = NDArray[np.float32]
Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]
Floats32 = NDArray[np.float32]
Floats64 = NDArray[np.float64]
OnProgress = Callable[[float], None]


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


@runtime_checkable
class ActivationEstimator(Protocol):
    """A PitchEstimator that also tells how likely each pitch is: a whole take can be decoded as one path."""

    @property
    def bin_cents(self) -> Floats64:
        """The pitch that each bin stands for, above 10 Hz; shape (BINS,), rising."""
        ...

    def activations(self, windows: Windows) -> Floats32:
        """Shape (windows, BINS), 0..1; `windows` as for `estimate`."""
        ...


@runtime_checkable
class ContextEstimator(Protocol):
    """A PitchEstimator that, live, hears more than a window: its windows begin `past_samples` earlier."""

    @property
    def past_samples(self) -> int: ...


def past_samples(estimator: PitchEstimator) -> int:
    """How much sound before a window goes with it to `estimate`."""
    return estimator.past_samples if isinstance(estimator, ContextEstimator) else 0
