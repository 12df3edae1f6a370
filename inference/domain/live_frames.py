"""The frames that the live judge still needs: a few moments of them, each counted once."""

from bisect import bisect_left, bisect_right, insort
from dataclasses import dataclass

import numpy as np

from inference.domain.contour import GRID_AFTER_S, GRID_FIRST_S
from inference.domain.rules import ScoringRules

SEEN_PER_S = 1000  # frames nearer than a millisecond are one frame that came twice


@dataclass(slots=True)
class PlacedFrame:
    """A voiced frame, and the note and the bin of cents that it is counted in."""

    song_s: float
    hop_s: float
    midi: float
    centre_midi: float  # of the vibrato round it; the frame's own pitch while what follows has not come
    note: int
    bin: int


class SeenFrames:
    """Which frames came already: a bit for each millisecond of the song."""

    def __init__(self, end_s: float) -> None:
        self._end_s = end_s + GRID_AFTER_S
        self._bits = np.zeros(round((self._end_s - GRID_FIRST_S) * SEEN_PER_S) // 8 + 1, dtype=np.uint8)

    def is_new(self, song_s: float) -> bool:
        """Whether the frame belongs to the song and is seen for the first time."""
        if not GRID_FIRST_S <= song_s < self._end_s:
            return False
        place = int((song_s - GRID_FIRST_S) * SEEN_PER_S + 0.5)
        mask = np.uint8(1 << (place & 7))
        if self._bits[place >> 3] & mask:
            return False
        self._bits[place >> 3] |= mask
        return True


class RecentFrames:
    """The last moments in the song's order, however they came; a frame gets its centre when what follows is there."""

    def __init__(self, rules: ScoringRules) -> None:
        self._reach_s = rules.vibrato_mean_hops * rules.hop_s / 2.0
        self._glide_semitones = rules.glide_semitones
        self._frames: list[PlacedFrame] = []
        self._done_s = -np.inf  # frames up to here have got their centres

    def add(self, frame: PlacedFrame) -> bool:
        """False where the frame comes too late to get a centre: its own pitch has to do."""
        if frame.song_s <= self._done_s:
            return False
        insort(self._frames, frame, key=_song_s)
        return True

    def centred(self, until_s: float) -> list[PlacedFrame]:
        """The frames up to until_s that had no centre yet, with it."""
        if until_s <= self._done_s:
            return []
        first = bisect_right(self._frames, self._done_s, key=_song_s)
        last = bisect_right(self._frames, until_s, key=_song_s)
        for number in range(first, last):
            self._frames[number].centre_midi = self._centre(self._frames[number])
        found = self._frames[first:last]
        self._done_s = until_s
        del self._frames[: bisect_left(self._frames, until_s - self._reach_s, key=_song_s)]
        return found

    def set_back(self, song_s: float) -> None:
        """The song goes on from an earlier place."""
        self._frames.clear()
        self._done_s = song_s

    def _centre(self, frame: PlacedFrame) -> float:
        """Mean over one wave of a vibrato, without what is a leap away: as the verdict's contour is made."""
        first = bisect_left(self._frames, frame.song_s - self._reach_s, key=_song_s)
        last = bisect_right(self._frames, frame.song_s + self._reach_s, key=_song_s)
        near = [f.midi for f in self._frames[first:last] if abs(f.midi - frame.midi) <= self._glide_semitones]
        return sum(near) / len(near)


def _song_s(frame: PlacedFrame) -> float:
    return frame.song_s
