"""What a receiver hands on: decoded frames on the RTP timeline."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RTP_RATE_HZ = 48_000  # RFC 7587: Opus always counts 48 kHz, whatever it carries
SAMPLE_RATE_HZ = 16_000
TICKS_PER_SAMPLE = RTP_RATE_HZ // SAMPLE_RATE_HZ
WRAP = 1 << 32

Pcm = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """Samples in -1..1 whose first one stands at `ticks` of an unwrapped RTP timeline."""

    ticks: int
    pcm: Pcm
    concealed: bool
    arrival_s: float  # monotonic
    new_timeline: bool = False  # the phone began to count anew: another SSRC or a senseless jump
    phone_paused: bool = False  # what is missing before this frame was never sent


FrameSink = Callable[[AudioFrame], None]


class TickUnwrapper:
    """32-bit RTP timestamps to ever-growing ticks."""

    def __init__(self) -> None:
        self._last: int | None = None

    def unwrap(self, timestamp: int) -> int:
        """The tick nearest to the last one that has this timestamp."""
        ticks = self.near(timestamp)
        self._last = ticks
        return ticks

    def near(self, timestamp: int) -> int:
        """Like unwrap, without moving on."""
        if self._last is None:
            return timestamp
        return self._last + (timestamp - self._last + WRAP // 2) % WRAP - WRAP // 2

    def reset(self) -> None:
        self._last = None
