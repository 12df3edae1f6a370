"""What a network that splits a song is to the rest of the house."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inference.models.estimator import OnProgress

SEPARATION_RATE_HZ = 44_100
Stereo = NDArray[np.float32]  # shape (2, samples)


@dataclass(frozen=True, slots=True)
class Split:
    """A song in two; together they are the mix, sample for sample."""

    vocals: Stereo
    instrumental: Stereo


class Separator(Protocol):
    """Slow and large: one song at a time."""

    @property
    def name(self) -> str: ...

    def split(self, mix: Stereo, on_progress: OnProgress) -> Split:
        """`mix` at SEPARATION_RATE_HZ becomes the instrumental in place. `on_progress` gets 0..1, and may raise.

        Raises ModelMissingError where the network or its weights are not installed.
        """
        ...

    def missing(self) -> str:
        """What is not installed and the remedy; empty where a song can be split. Loads nothing."""
        ...
