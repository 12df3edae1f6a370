"""The sound of one take, and how a stage of the judging tells where it is."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import Anchor, SongClock
from inference.audio.take import Take
from inference.domain.track import Flags, Floats

SAMPLE_RATE_HZ = 16_000
OnProgress = Callable[[int, float], None]  # a JudgeStage, and 0..1 of the whole
Samples = NDArray[np.float32]


def no_progress(_stage: int, _fraction: float) -> None:
    """For who does not ask."""


@dataclass(frozen=True, slots=True)
class Sung:
    """The sound of one take and where in the song it stands."""

    samples: Samples  # 16 kHz, -1..1
    measured: Flags  # per sample
    song_seconds: Callable[[NDArray[np.int64]], Floats]
    session_id: str = ""
    live_pitch: float | None = None  # 0..100
    filled_s: float = 0.0  # of it came from the phone's own recording
    clock: SongClock | None = None  # None: it is not known when the song was played

    @property
    def digest(self) -> bytes:
        """Tells two takes apart, however alike they are."""
        return hashlib.sha256(np.ascontiguousarray(self.samples).data).digest()


def sung_take(take: Take) -> Sung:
    return Sung(
        take.samples, take.measured, take.song_seconds, take.session_id, take.live_pitch, take.filled_s, take.clock
    )


def sung_file(samples: Samples) -> Sung:
    """A file that begins with the song."""
    clock = SongClock()
    clock.add(Anchor(0, 0.0, playing=True))
    return Sung(samples, np.ones(len(samples), dtype=np.bool_), clock.song_seconds, clock=clock)
