"""Which song second a sample belongs to."""

from bisect import bisect_right
from dataclasses import dataclass

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
        if not self._anchors:
            return np.full(len(samples), np.nan)
        places = np.searchsorted([anchor.sample for anchor in self._anchors], samples, side="right") - 1
        held = [anchor.song_s if anchor.playing else np.nan for anchor in self._anchors]
        since = np.array([anchor.sample for anchor in self._anchors], np.int64)[places]
        return np.where(places >= 0, np.array(held)[places] + (samples - since) / SAMPLE_RATE_HZ, np.nan)

    @property
    def anchors(self) -> tuple[Anchor, ...]:
        return tuple(self._anchors)
