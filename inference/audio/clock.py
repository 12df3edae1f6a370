"""Which song second a sample belongs to."""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference.audio.framing import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class Anchor:
    """From this sample on, the song is at song_s and, while playing, advances with the samples."""

    sample: int
    song_s: float
    playing: bool


class SongClock:
    """The anchors of one take: the latest at or before a sample holds; of two on one sample, the one told last."""

    def __init__(self) -> None:
        self._anchors: list[Anchor] = []

    def add(self, anchor: Anchor) -> None:
        place = bisect_right(self._anchors, anchor.sample, key=lambda known: known.sample)
        self._anchors.insert(place, anchor)

    def song_s(self, sample: int) -> float | None:
        """None where the song does not play."""
        place = bisect_right(self._anchors, sample, key=lambda known: known.sample)
        if place == 0:
            return None
        anchor = self._anchors[place - 1]
        return anchor.song_s + (sample - anchor.sample) / SAMPLE_RATE_HZ if anchor.playing else None

    def song_seconds(self, samples: NDArray[np.int64]) -> NDArray[np.float64]:
        """Like song_s for many samples; NaN where the song does not play."""
        seconds = np.full(len(samples), np.nan)
        ends = [*(later.sample for _, later in pairwise(self._anchors)), np.inf]
        for anchor, end in zip(self._anchors, ends, strict=False):
            held = (samples >= anchor.sample) & (samples < end)
            offset_s = (samples[held] - anchor.sample) / SAMPLE_RATE_HZ
            seconds[held] = anchor.song_s + offset_s if anchor.playing else np.nan
        return seconds

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        return tuple(self._anchors)
