"""The backing taken out of takes while they are followed, kept for the judging that comes afterwards."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from inference.audio.bleed.canceller import BleedFound, Canceller
from inference.audio.clock import SongClock
from inference.audio.framing import Flags, Samples

MOST_TAKES = 16


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A whole take without the backing."""

    samples: Samples
    found: BleedFound


class FollowedCanceller:
    """A canceller that knows what it was told; a TakeFilter. `finish` may be called by another thread, once."""

    def __init__(self, make: Callable[[], Canceller | None]) -> None:
        """`make` is called with the first sound; None: there is nothing to take out."""
        self._make = make
        self._canceller: Canceller | None = None
        self._lock = threading.Lock()
        self._sound, self._flags = hashlib.sha256(), hashlib.sha256()
        self._pieces: list[Samples] = []
        self._count = 0
        self._is_over, self._is_taken = False, False

    def push(self, samples: Samples, measured: Flags, clock: SongClock, is_over: bool) -> tuple[Samples, Flags]:
        """Nothing once the judging has taken over: it does not wait for who follows."""
        with self._lock:
            if self._is_taken:
                return np.zeros(0, np.float32), np.zeros(0, np.bool_)
            if self._canceller is None and self._count == 0:
                self._canceller = self._make()
            return self._push(samples, measured, clock, is_over)

    def _push(self, samples: Samples, measured: Flags, clock: SongClock, is_over: bool) -> tuple[Samples, Flags]:
        self._sound.update(np.ascontiguousarray(samples).data)
        self._flags.update(np.ascontiguousarray(measured).data)
        self._count += len(samples)
        self._is_over = is_over
        if self._canceller is None:
            return samples, measured
        voice, flags = self._canceller.push(samples, measured, clock, is_over)
        self._pieces.append(voice)
        return voice, flags

    def finish(self, samples: Samples, measured: Flags, clock: SongClock) -> Cleaned | None:
        """The whole take cleaned; None where what came while it was sung is not its beginning."""
        with self._lock:
            if self._is_taken:
                return None
            self._is_taken = True
            if self._canceller is None or not self._began(samples, measured):
                return None
            if not self._is_over:
                self._push(samples[self._count :], measured[self._count :], clock, is_over=True)
            elif self._count != len(samples):
                return None
            if self._canceller.is_stale:
                return None
            return Cleaned(np.concatenate(self._pieces), self._canceller.found())

    def _began(self, samples: Samples, measured: Flags) -> bool:
        if self._count > len(samples):
            return False
        sound = hashlib.sha256(np.ascontiguousarray(samples[: self._count]).data).digest()
        flags = hashlib.sha256(np.ascontiguousarray(measured[: self._count]).data).digest()
        return sound == self._sound.digest() and flags == self._flags.digest()


class FollowedCancellers:
    """By session; the longest unasked are forgotten, which costs time, never points."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, FollowedCanceller] = OrderedDict()

    def add(self, session_id: str, make: Callable[[], Canceller | None]) -> FollowedCanceller:
        with self._lock:
            self._known[session_id] = followed = FollowedCanceller(make)
            self._known.move_to_end(session_id)
            while len(self._known) > MOST_TAKES:
                self._known.popitem(last=False)
            return followed

    def take(self, session_id: str) -> FollowedCanceller | None:
        """Whoever takes it finishes it."""
        with self._lock:
            return self._known.pop(session_id, None)


def cleaned(canceller: Canceller, samples: Samples, measured: Flags, clock: SongClock) -> Cleaned:
    """A whole take at once."""
    voice, _ = canceller.push(samples, measured, clock, is_over=True)
    return Cleaned(voice, canceller.found())
