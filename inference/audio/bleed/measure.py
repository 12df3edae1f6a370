"""How loud the backing is beside the voice, and how much of it is left: levels of blocks, counted by the decibel."""

import numpy as np
from numpy.typing import NDArray

from inference.audio.bleed.echo_filter import BLOCK_SAMPLES, Block

LOWEST_DB, HIGHEST_DB = -120, 60
LOUD_QUANTILE = 0.95
VOICE_RANGE_DB = 20  # under the loud blocks: what is softer is a rest


class Levels:
    """A histogram; `fade` is how much of it each `forget` leaves."""

    def __init__(self, fade: float = 1.0) -> None:
        self._fade = fade
        self._counts: NDArray[np.float64] = np.zeros(HIGHEST_DB - LOWEST_DB + 1)

    def add(self, level_db: float, count: float = 1.0) -> None:
        self._counts[min(max(round(level_db), LOWEST_DB), HIGHEST_DB) - LOWEST_DB] += count

    def forget(self) -> None:
        self._counts *= self._fade

    def quantile(self, share: float) -> float:
        """In dB; the lowest where nothing was counted."""
        total = float(self._counts.sum())
        place = int(np.searchsorted(np.cumsum(self._counts), share * total)) if total else 0
        return float(LOWEST_DB + min(place, len(self._counts) - 1))

    def loud_db(self) -> float:
        """Mean power of the blocks within VOICE_RANGE_DB of the loud ones: where there is a voice, its level."""
        levels_db = np.arange(LOWEST_DB, HIGHEST_DB + 1)
        counts = np.where(levels_db >= self.quantile(LOUD_QUANTILE) - VOICE_RANGE_DB, self._counts, 0.0)
        total = float(counts.sum())
        return decibels(float(counts @ 10.0 ** (levels_db / 10)) / total) if total else float(LOWEST_DB)


def decibels(power: float) -> float:
    return float(10 * np.log10(max(power, 10.0 ** (LOWEST_DB / 10))))


def block_db(block: Block) -> float:
    return decibels(float(block @ block) / BLOCK_SAMPLES)
