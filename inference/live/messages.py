"""What goes into a live judge for one singer, and what comes out. Positions count the take's samples at 16 kHz."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import Anchor
from inference.domain.live_score import Hit, LineDone, NoteDone, RunningScore


@dataclass(frozen=True, slots=True)
class Sound:
    """A run of samples."""

    first_sample: int
    pcm_s16: NDArray[np.int16]
    concealed: bool  # made up by the decoder: drawn, never scored
    arrived_s: float  # monotonic clock

    @property
    def end_sample(self) -> int:
        return self.first_sample + len(self.pcm_s16)


@dataclass(frozen=True, slots=True)
class Silence:
    """A span that was not received and never will be."""

    end_sample: int


@dataclass(frozen=True, slots=True)
class End:
    """Nothing follows."""


Input = Sound | Silence | Anchor | End


@dataclass(frozen=True, slots=True)
class Point:
    """One hop of live pitch analysis."""

    seq: int
    sample: int  # of the window's centre
    song_s: float | None  # None before the song plays
    f0_hz: float  # 0 = unvoiced
    periodicity: float  # 0..1
    level_db: float  # dBFS
    concealed: bool
    hit: Hit
    cents_off: float


@dataclass(frozen=True, slots=True)
class Score:
    song_s: float
    running: RunningScore


@dataclass(frozen=True, slots=True)
class Ended:
    """Everything that was fed has been judged."""

    sample_count: int
    score: Score


@dataclass(frozen=True, slots=True)
class Failed:
    """This singer can be judged no longer; the others can."""

    text: str


Output = Point | NoteDone | LineDone | Score | Ended | Failed
