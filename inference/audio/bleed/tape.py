"""The last part of something that grows, by positions in the whole."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


class Tape:
    """What is cut before its beginning or behind its end is zeros."""

    def __init__(self, kind: type[np.float32 | np.float64 | np.bool_]) -> None:
        self._kept: NDArray[Any] = np.zeros(0, kind)
        self._first = 0

    @property
    def end(self) -> int:
        return self._first + len(self._kept)

    def add(self, more: NDArray[Any]) -> None:
        self._kept = np.concatenate([self._kept, more])

    def cut(self, first: int, end: int) -> NDArray[Any]:
        """A copy."""
        piece = np.zeros(end - first, self._kept.dtype)
        begin, stop = max(first, self._first), min(end, self.end)
        if begin < stop:
            piece[begin - first : stop - first] = self._kept[begin - self._first : stop - self._first]
        return piece

    def forget_before(self, position: int) -> None:
        if position > self._first:
            self._kept = self._kept[min(position, self.end) - self._first :].copy()
            self._first = min(position, self.end)
