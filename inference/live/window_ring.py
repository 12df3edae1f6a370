"""The last samples of one singer, and the windows that are complete in them."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import SongClock
from inference.audio.framing import Samples, level_db
from inference.audio.pcm import FULL_SCALE
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES

HOP_SAMPLES = 320  # 20 ms: a vibrato of 6 Hz still has 8 points a cycle
HOP_S = HOP_SAMPLES / SAMPLE_RATE_HZ
HALF_WINDOW = WINDOW_SAMPLES // 2


class Origin(IntEnum):
    """Where a sample comes from; a window is as good as its worst sample."""

    RECEIVED = 0
    CONCEALED = 1
    MISSING = 2


@dataclass(frozen=True, slots=True)
class Window:
    centre_sample: int
    song_s: float | None  # of the centre, by the anchors that came before the window was complete
    samples: Samples  # shape (WINDOW_SAMPLES,)
    origin: Origin

    @property
    def level_db(self) -> float:
        """RMS in dBFS."""
        return float(level_db(self.samples[None])[0])


class WindowRing:
    """Cuts sound into windows centred at 0, HOP_SAMPLES, ...: however it arrives, the windows are the same."""

    def __init__(self, clock: SongClock) -> None:
        self._clock = clock
        self._first = -HALF_WINDOW  # position of the oldest sample kept
        self._samples = np.zeros(HALF_WINDOW, np.float32)
        self._origins = np.zeros(HALF_WINDOW, np.uint8)
        self._next_centre = 0
        self._end: int | None = None

    @property
    def position(self) -> int:
        """Of the sample expected next."""
        return self._first + len(self._samples)

    @property
    def has_window(self) -> bool:
        is_complete = self._next_centre + HALF_WINDOW <= self.position
        return is_complete and (self._end is None or self._next_centre < self._end)

    def add_sound(self, first_sample: int, pcm_s16: NDArray[np.int16], concealed: bool) -> None:
        """What is known already is skipped; what is missing before it becomes a gap."""
        self.add_missing(first_sample)
        fresh = pcm_s16[self.position - first_sample :].astype(np.float32) / np.float32(FULL_SCALE)
        self._append(fresh, Origin.CONCEALED if concealed else Origin.RECEIVED)

    def add_missing(self, end_sample: int) -> None:
        """Everything up to end_sample that did not come never will."""
        count = max(0, end_sample - self.position)
        self._append(np.zeros(count, np.float32), Origin.MISSING)

    def end(self) -> int:
        """Zeros complete the windows whose centre was heard. Returns the number of samples of the take."""
        if self._end is None:
            self._end = self.position
            self._append(np.zeros(HALF_WINDOW, np.float32), Origin.RECEIVED)
        return self._end

    def next_window(self) -> Window | None:
        """The next complete window; None until more sound comes."""
        if not self.has_window:
            return None
        centre = self._next_centre
        start = centre - HALF_WINDOW - self._first
        span = slice(start, start + WINDOW_SAMPLES)
        self._next_centre += HOP_SAMPLES
        origin = Origin(self._origins[span].max())
        return Window(centre, self._clock.song_s(centre), self._samples[span], origin)

    def trim(self) -> None:
        """Forgets what no later window needs."""
        old = max(0, self._next_centre - HALF_WINDOW - self._first)
        self._samples, self._origins = self._samples[old:].copy(), self._origins[old:].copy()
        self._first += old

    def _append(self, samples: Samples, origin: Origin) -> None:
        self._samples = np.concatenate([self._samples, samples])
        self._origins = np.concatenate([self._origins, np.full(len(samples), origin, np.uint8)])
