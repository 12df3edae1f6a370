"""The last samples of one singer, and the windows that are complete in them."""

import math
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import SongClock
from inference.audio.framing import SILENCE_DB, Samples
from inference.audio.pcm import FULL_SCALE
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES

HOP_SAMPLES = 320  # 20 ms: a vibrato of 6 Hz still has 8 points a cycle
HOP_S = HOP_SAMPLES / SAMPLE_RATE_HZ
HALF_WINDOW = WINDOW_SAMPLES // 2
ROOM_SAMPLES = 8 * WINDOW_SAMPLES  # beyond what is kept: half a second between two moves
EARLY_SAMPLES = 1_600  # 100 ms, five packets: so long sound waits for what should come before it
MAX_EARLY = 64  # pieces that wait, the same one sent again and again among them


TakeOut = Callable[[Samples, bool], None]


class Origin(IntEnum):
    """Where a sample comes from; a window is as good as its worst sample."""

    RECEIVED = 0
    CONCEALED = 1
    MISSING = 2


@dataclass(frozen=True, slots=True)
class Window:
    centre_sample: int
    song_s: float | None  # of the centre, by the anchors that came before the window was complete
    heard: Samples  # what came before, as much as the network wants of it, then the window
    origin: Origin

    @property
    def samples(self) -> Samples:
        """Shape (WINDOW_SAMPLES,)."""
        return self.heard[-WINDOW_SAMPLES:]

    @property
    def level_db(self) -> float:
        """RMS in dBFS."""
        wide = self.samples.astype(np.float64)
        power = float(wide @ wide) / WINDOW_SAMPLES
        return max(10 * math.log10(power), SILENCE_DB) if power > 0.0 else SILENCE_DB


@dataclass(frozen=True, slots=True)
class _Piece:
    first_sample: int
    pcm_s16: NDArray[np.int16]
    origin: Origin

    @property
    def end_sample(self) -> int:
        return self.first_sample + len(self.pcm_s16)


class WindowRing:
    """Cuts sound into windows centred at 0, HOP_SAMPLES, ...: however it arrives, the windows are the same."""

    def __init__(self, clock: SongClock, past_samples: int = 0, take_out: TakeOut | None = None) -> None:
        """`past_samples` come with each window as its past: zeros before the first sample and in gaps.

        `take_out` changes the samples in place, each once and in order, with whether they were received.
        """
        self._take_out = take_out
        self._clock = clock
        self._before = past_samples + HALF_WINDOW  # of a window's centre
        self._first = -self._before  # position of the oldest sample kept
        self._count = self._before  # samples kept, at the beginning of both arrays
        self._samples = np.zeros(self._before + ROOM_SAMPLES, np.float32)
        self._origins = np.zeros(self._before + ROOM_SAMPLES, np.uint8)
        self._next_centre = 0
        self._end: int | None = None
        self._doubtful_end = -HALF_WINDOW  # position after the last sample that was not received
        self._early: list[_Piece] = []  # in the order of their first samples; there is a hole before the first one

    @property
    def position(self) -> int:
        """Of the sample expected next."""
        return self._first + self._count

    @property
    def has_window(self) -> bool:
        is_complete = self._next_centre + HALF_WINDOW <= self.position
        return is_complete and (self._end is None or self._next_centre < self._end)

    def add_sound(self, first_sample: int, pcm_s16: NDArray[np.int16], concealed: bool) -> None:
        """What is known already is skipped. A hole before it is waited for, then it is a gap."""
        piece = _Piece(first_sample, pcm_s16, Origin.CONCEALED if concealed else Origin.RECEIVED)
        if first_sample > self.position:
            insort(self._early, piece, key=_first_sample)
        else:
            self._hear(piece)
        self._settle()

    def add_missing(self, end_sample: int) -> None:
        """What did not come until now never will, up to end_sample."""
        while self._early and self._early[0].first_sample < end_sample:
            self._hear(self._early.pop(0))
        self._miss(end_sample)
        self._settle()

    def end(self) -> int:
        """Zeros complete the windows whose centre was heard. Returns the number of samples of the take."""
        if self._end is None:
            self.add_missing(self._reach)
            self._end = self.position
            self._room(HALF_WINDOW, Origin.RECEIVED).fill(0.0)
        return self._end

    @property
    def _reach(self) -> int:
        """Where the latest sound ends."""
        return max((piece.end_sample for piece in self._early), default=self.position)

    def _settle(self) -> None:
        """Takes the pieces whose hole is filled, or was waited for long enough."""
        while self._early and (self._early[0].first_sample <= self.position or self._waits_too_long):
            self._hear(self._early.pop(0))

    @property
    def _waits_too_long(self) -> bool:
        return len(self._early) > MAX_EARLY or self._reach - self.position > EARLY_SAMPLES

    def _hear(self, piece: _Piece) -> None:
        self._miss(piece.first_sample)
        fresh = piece.pcm_s16[self.position - piece.first_sample :]
        room = self._room(len(fresh), piece.origin)
        np.multiply(fresh, np.float32(1 / FULL_SCALE), out=room)
        if self._take_out is not None:
            self._take_out(room, piece.origin is Origin.RECEIVED)

    def _miss(self, end_sample: int) -> None:
        if end_sample > self.position:
            room = self._room(end_sample - self.position, Origin.MISSING)
            room.fill(0.0)
            if self._take_out is not None:
                self._take_out(room, False)

    def next_window(self) -> Window | None:
        """The next complete window; None until more sound comes."""
        if not self.has_window:
            return None
        centre = self._next_centre
        start = centre - HALF_WINDOW - self._first
        end = start + WINDOW_SAMPLES
        self._next_centre += HOP_SAMPLES
        is_received = centre - HALF_WINDOW >= self._doubtful_end
        origin = Origin.RECEIVED if is_received else Origin(self._origins[start:end].max())
        return Window(
            centre, self._clock.song_s(centre), self._samples[centre - self._before - self._first : end], origin
        )

    def trim(self) -> None:
        """Forgets what no later window needs, now and then; windows that were handed out stay as they are."""
        if self._next_centre - self._before - self._first >= ROOM_SAMPLES // 2:
            self._move(ROOM_SAMPLES)

    def _room(self, count: int, origin: Origin) -> Samples:
        """The place of `count` samples that follow."""
        if self._count + count > len(self._samples):
            self._move(count + ROOM_SAMPLES)
        span = slice(self._count, self._count + count)
        self._origins[span] = origin
        self._count += count
        if origin is not Origin.RECEIVED:
            self._doubtful_end = self.position
        return self._samples[span]

    def _move(self, room: int) -> None:
        """New arrays with what later windows need: the old ones belong to the windows that show them."""
        old = min(max(0, self._next_centre - self._before - self._first), self._count)
        kept = self._count - old
        samples, origins = np.empty(kept + room, np.float32), np.empty(kept + room, np.uint8)
        samples[:kept], origins[:kept] = self._samples[old : self._count], self._origins[old : self._count]
        self._samples, self._origins, self._first, self._count = samples, origins, self._first + old, kept


def _first_sample(piece: _Piece) -> int:
    return piece.first_sample
