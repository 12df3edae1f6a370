"""Which frames are a voice: causal, one frame after the other, so that live and afterwards agree."""

import math
from bisect import bisect_left, insort
from collections import deque

import numpy as np
from numba import njit
from numpy.typing import NDArray

PERIODICITY_THRESHOLD = 0.5
GATE_DB = 18.0  # under the loud parts: bleeding accompaniment is voiced in 13 % of the rests instead of 50 %
GATE_MEMORY_S = 10.0
LOUD_QUANTILE = 0.95
FLOOR_DB = -65.0  # under it no phone hears a voice; silence is noise at full scale to the network
OCTAVE_CENTS = 1200.0
OCTAVE_TOLERANCE_CENTS = 120.0


def is_voiced(periodicity: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of each frame; one that nothing looked at has no periodicity."""
    return np.asarray(periodicity >= PERIODICITY_THRESHOLD)


class LevelGate:
    """Open while the level is within GATE_DB of the loud parts of the last seconds."""

    def __init__(self, hop_s: float) -> None:
        self._memory = deque[float](maxlen=round(GATE_MEMORY_S / hop_s))
        self._ordered: list[float] = []

    def is_open(self, level_db: float) -> bool:
        """Takes the level of the next frame into account."""
        if len(self._memory) == self._memory.maxlen:
            del self._ordered[bisect_left(self._ordered, self._memory[0])]
        self._memory.append(level_db)
        insort(self._ordered, level_db)
        loud_db = self._ordered[int(LOUD_QUANTILE * (len(self._ordered) - 1))]
        return level_db >= max(loud_db - GATE_DB, FLOOR_DB)


class BlockGate:
    """A LevelGate for many frames at once."""

    def __init__(self, hop_s: float) -> None:
        self._memory = np.zeros(round(GATE_MEMORY_S / hop_s))
        self._ordered = np.zeros(len(self._memory))
        self._seen = 0

    def opened(self, levels_db: NDArray[np.float64]) -> NDArray[np.bool_]:
        """For each of the next frames whether it is open; shape (frames,) in and out."""
        is_open = np.zeros(len(levels_db), np.bool_)
        _open_frames(np.ascontiguousarray(levels_db), self._memory, self._ordered, self._seen, is_open)
        self._seen += len(levels_db)
        return is_open


@njit(cache=True, nogil=True)
def _open_frames(
    levels_db: NDArray[np.float64],
    memory: NDArray[np.float64],
    ordered: NDArray[np.float64],
    seen: int,
    is_open: NDArray[np.bool_],
) -> None:
    """Changes `memory`, a ring of the last levels, and `ordered`, the same by their height."""
    size = len(memory)
    for frame in range(len(levels_db)):
        held = min(seen + frame, size)
        slot = (seen + frame) % size
        if held == size:
            held -= 1
            for place in range(np.searchsorted(ordered, memory[slot]), held):
                ordered[place] = ordered[place + 1]
        memory[slot] = levels_db[frame]
        place = held
        while place > 0 and ordered[place - 1] > levels_db[frame]:
            ordered[place] = ordered[place - 1]
            place -= 1
        ordered[place] = levels_db[frame]
        loud_db = ordered[int(LOUD_QUANTILE * held)]
        is_open[frame] = levels_db[frame] >= max(loud_db - GATE_DB, FLOOR_DB)


class OctaveHold:
    """Holds the octave through a single frame that jumps by one or two: a voice does not, a tracker does."""

    def __init__(self) -> None:
        self._held_hz = 0.0
        self._jumped = False

    def follow(self, f0_hz: float) -> float:
        """The next frame's f0_hz, in the held octave for one frame after a jump; 0 is unvoiced."""
        octaves = self._octaves_jumped(f0_hz)
        if octaves and not self._jumped:
            self._jumped = True
            return f0_hz / 2.0**octaves
        self._jumped = False
        self._held_hz = f0_hz
        return f0_hz

    def _octaves_jumped(self, f0_hz: float) -> int:
        if not (self._held_hz and f0_hz):
            return 0
        cents = OCTAVE_CENTS * math.log2(f0_hz / self._held_hz)
        octaves = round(cents / OCTAVE_CENTS)
        return octaves if abs(cents - octaves * OCTAVE_CENTS) <= OCTAVE_TOLERANCE_CENTS else 0


class Voicing:
    """The whole decision for one singer: `is_loud` for each measured frame in turn, then `voiced_hz` for the same."""

    def __init__(self, hop_s: float) -> None:
        self._gate = LevelGate(hop_s)
        self._hold = OctaveHold()

    def is_loud(self, level_db: float) -> bool:
        """Whether the frame can be a voice at all: the network need not look at the others."""
        return self._gate.is_open(level_db)

    def voiced_hz(self, f0_hz: float, periodicity: float) -> float:
        """f0_hz where it is voiced, otherwise 0; a frame that is not loud has no periodicity."""
        return self._hold.follow(f0_hz if periodicity >= PERIODICITY_THRESHOLD else 0.0)
