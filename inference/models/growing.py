"""A take that still grows: the sound that is still needed of it, and pieces of work that were done before."""

import hashlib
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.models.estimator import WINDOW_SAMPLES, Flags, FramePitches, Samples

KEY_BYTES = 16
Arrays = tuple[NDArray[np.generic], ...]
Value = TypeVar("Value", np.float32, np.bool_)


class Tail(Generic[Value]):
    """Values that come at one end and are forgotten at the other."""

    def __init__(self, dtype: type[Value]) -> None:
        self._kept: NDArray[Value] = np.zeros(0, dtype)
        self._first = 0

    @property
    def end(self) -> int:
        """How many have come."""
        return self._first + len(self._kept)

    def add(self, values: NDArray[Value]) -> None:
        self._kept = np.concatenate([self._kept, values])

    def cut(self, start: int, stop: int) -> NDArray[Value]:
        """Zeros before the first value and after the last one; not to be written to.

        Raises ValueError where it was forgotten.
        """
        if max(0, start) < self._first:
            raise ValueError(f"{start} was forgotten, {self._first} is the first that is kept")
        inside = self._kept[max(0, start) - self._first : max(0, stop) - self._first]
        before = min(max(0, -start), stop - start)
        if len(inside) == stop - start:
            return inside
        return np.pad(inside, (before, stop - start - before - len(inside)))

    def forget_before(self, place: int) -> None:
        if place > self._first:
            self._kept = self._kept[place - self._first :].copy()
            self._first = place


class Sound(Tail[np.float32]):
    """16 kHz samples of one take."""

    def __init__(self) -> None:
        super().__init__(np.float32)
        self.is_over = False  # nothing more comes


class Known(Protocol):
    """Pieces of work that were done before, each by a digest of all that went into it."""

    def find(self, key: bytes) -> Arrays | None: ...

    def keep(self, key: bytes, arrays: Arrays) -> None: ...

    def find_state(self, key: bytes) -> Arrays | None:
        """What a piece left for the next one; not every piece's is kept."""
        ...

    def keep_state(self, key: bytes, arrays: Arrays) -> None: ...


class Lane(Protocol):
    """One estimator on its way through a take that grows; however it is cut, the answer is the same bit for bit."""

    @property
    def needed_from(self) -> int:
        """Samples before this one are not asked for any more."""
        ...

    def advance(self, sound: Sound, wanted: Flags) -> None:
        """`wanted` are the frames of which it is known by now, from the first; frame i is centred on sample i * hop."""
        ...

    def finish(self, wanted: Flags) -> FramePitches:
        """After the last advance, when the sound is over; f0 and periodicity are 0 where a frame is not wanted."""
        ...


def digest(*parts: bytes | NDArray[np.generic]) -> bytes:
    """Of the parts and their lengths."""
    total = hashlib.sha256()  # in hardware on most processors: twice as quick as blake2b
    for part in parts:
        data = part if isinstance(part, bytes) else np.ascontiguousarray(part).view(np.uint8).data
        total.update(len(data).to_bytes(8, "little"))
        total.update(data)
    return total.digest()[:KEY_BYTES]


def recalled(known: Known | None, parts: tuple[bytes | NDArray[np.generic], ...], work: Callable[[], Arrays]) -> Arrays:
    """What `work` gives, or gave when the same parts went into it."""
    if known is None:
        return work()
    key = digest(*parts)
    found = known.find(key)
    if found is None:
        found = work()
        known.keep(key, found)
    return found


def windows_in(kept: Tail[Value], frames: slice, hop_samples: int) -> NDArray[Value]:
    """The samples under the windows of some frames: frame i is centred on sample i * hop; zeros beyond the ends."""
    half = WINDOW_SAMPLES // 2
    return kept.cut(frames.start * hop_samples - half, (frames.stop - 1) * hop_samples + half)


def as_windows(under: NDArray[Value], hop_samples: int) -> NDArray[Value]:
    """A view, shape (frames, WINDOW_SAMPLES), of what `windows_in` gives."""
    return np.lib.stride_tricks.sliding_window_view(under, WINDOW_SAMPLES)[::hop_samples]


def are_there(sound: Sound, stop: int, hop_samples: int) -> bool:
    """Whether all samples under the windows before frame `stop` have come."""
    return sound.is_over or sound.end >= (stop - 1) * hop_samples + WINDOW_SAMPLES // 2


def whole(samples: Samples) -> Sound:
    """A sound to which nothing more comes."""
    sound = Sound()
    sound.add(samples)
    sound.is_over = True
    return sound
