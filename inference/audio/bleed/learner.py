"""Finds the backing in a take, block by block, and knows for each of its segments how the microphone hears it then."""

from collections import deque
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from inference.audio.bleed.delay_search import (
    EARLIEST,
    FRAME_SAMPLES,
    HOP_SAMPLES,
    LATEST,
    DelaySearch,
    Peak,
)
from inference.audio.bleed.echo_filter import BLOCK_SAMPLES, TAPS, Block, EchoFilter, spectrum_of
from inference.audio.bleed.song_place import SongPlace

SEGMENT_BLOCKS = HOP_SAMPLES // BLOCK_SAMPLES
SEGMENT_SAMPLES = HOP_SAMPLES
HISTORY_BLOCKS = 10 * SEGMENT_BLOCKS  # 5.1 s that are learned from as soon as the delay is known
EARLY_SAMPLES = 160  # before the loudest way from the loudspeaker there may be a shorter one
LATE_SAMPLES = 2_400  # behind it half of the response must have its place
QUIET_SHARE = 0.05  # of the blocks are those in which the backing is heard alone, at best


@dataclass(frozen=True)
class Response:
    """How the microphone hears the backing: `taps` from `delay` samples on."""

    delay: int
    taps: NDArray[np.float64]

    @cached_property
    def spectrum(self) -> NDArray[np.complex128]:
        """Of as many samples as a segment with its surroundings takes."""
        return np.asarray(scipy.fft.rfft(self.taps, 2 * SEGMENT_SAMPLES))


@dataclass(frozen=True, slots=True)
class _Heard:
    block: Block
    measured: bool


class Learner:
    """`hear` each block, then `learn`; both depend on the blocks alone."""

    def __init__(self, place: SongPlace, first_block: int = 0) -> None:
        """`first_block` of the take is the first that it hears."""
        self._place = place
        self._search = DelaySearch()
        self._recent = deque[_Heard](maxlen=HISTORY_BLOCKS)
        self._waiting = deque[_Heard]()
        self._filter: EchoFilter | None = None
        self._delay = 0
        self._heard = first_block  # blocks of the take
        self.responses: list[Response | None] = []  # at the end of each segment; the oldest are forgotten by `forget`
        self._first_response = first_block // SEGMENT_BLOCKS

    @property
    def learned(self) -> int:
        """Blocks that the filter has learned from, or that it will never learn from."""
        return self._heard - len(self._waiting)

    @property
    def is_found(self) -> bool:
        return self._filter is not None

    @property
    def delay(self) -> int | None:
        """Samples, by the shortest way."""
        return self._delay + EARLY_SAMPLES if self._filter is not None else None

    def hear(self, block: Block, measured: bool) -> None:
        heard = _Heard(block, measured)
        self._recent.append(heard)
        self._heard += 1
        if self._filter is not None:
            self._waiting.append(heard)
        if self._heard % SEGMENT_BLOCKS == 0 and len(self._recent) * BLOCK_SAMPLES >= FRAME_SAMPLES:
            self._look()
        if self._filter is None and self._heard % SEGMENT_BLOCKS == 0:
            self.responses.append(None)

    def learn(self, most_blocks: int | None = None) -> None:
        """From what was heard and not learned from yet."""
        while self._waiting and most_blocks != 0:
            self._learn_from(self._waiting.popleft())
            most_blocks = None if most_blocks is None else most_blocks - 1

    def response(self, segment: int) -> Response | None:
        """As it was known at the end of that segment, or of the nearest one that is kept."""
        if not self.responses:
            return None
        return self.responses[min(max(segment - self._first_response, 0), len(self.responses) - 1)]

    def forget(self, segment: int) -> None:
        """The responses before that segment."""
        while self._first_response < segment and len(self.responses) > 1:
            self.responses.pop(0)
            self._first_response += 1

    def predict(self) -> Block:
        """What will be heard of the backing in the block after the last one; zeros where it is not known how."""
        response = self.responses[-1] if self.responses else None
        if response is None:
            return np.zeros(BLOCK_SAMPLES)
        first = self._heard * BLOCK_SAMPLES
        song = self._place.cut(first - TAPS, TAPS + BLOCK_SAMPLES, response.delay)
        return np.asarray(scipy.fft.irfft(scipy.fft.rfft(song) * scipy.fft.rfft(response.taps, len(song)))[TAPS:])

    def _look(self) -> None:
        first = self._heard * BLOCK_SAMPLES - FRAME_SAMPLES
        blocks = list(self._recent)[-FRAME_SAMPLES // BLOCK_SAMPLES :]
        heard = np.concatenate([heard.block for heard in blocks])
        peak = self._search.hear(heard, self._place.cut(first - LATEST, FRAME_SAMPLES + LATEST - EARLIEST))
        if peak is not None and (self._filter is None or not self._reaches(peak)):
            self._begin(peak)

    def _reaches(self, peak: Peak) -> bool:
        return self._delay <= peak.delay <= self._delay + EARLY_SAMPLES + LATE_SAMPLES

    def _begin(self, peak: Peak) -> None:
        self._delay = peak.delay - EARLY_SAMPLES
        self._filter = EchoFilter(self._likely_gain())
        self._waiting = deque(self._recent)
        del self.responses[max(0, self.learned // SEGMENT_BLOCKS - self._first_response) :]

    def _likely_gain(self) -> float:
        """At most what the quietest blocks let through, the rests of the singer among them."""
        first = self._heard * BLOCK_SAMPLES - len(self._recent) * BLOCK_SAMPLES
        song = self._place.cut(first, len(self._recent) * BLOCK_SAMPLES, self._delay + EARLY_SAMPLES)
        sounding = np.mean(song.reshape(-1, BLOCK_SAMPLES) ** 2, axis=1)
        heard = np.array([np.mean(heard.block**2) for heard in self._recent])
        measured = np.array([heard.measured for heard in self._recent])
        told = measured & (sounding > 0.1 * np.mean(sounding))
        return float(np.quantile(heard[told] / sounding[told], QUIET_SHARE)) if told.any() else 1.0

    def _learn_from(self, heard: _Heard) -> None:
        assert self._filter is not None
        number = self.learned - 1  # of the block, which waits no more
        song = self._place.cut((number - 1) * BLOCK_SAMPLES, 2 * BLOCK_SAMPLES, self._delay)
        predicted = self._filter.hear_backing(spectrum_of(song))
        if heard.measured:
            self._filter.learn(heard.block, predicted)
        if (number + 1) % SEGMENT_BLOCKS == 0:
            self.responses.append(Response(self._delay, self._filter.response))
