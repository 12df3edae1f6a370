"""What the notes that are over add up to, kept up to date note by note."""

from dataclasses import dataclass

import numpy as np

from inference.domain.track import Flags, Floats


@dataclass(frozen=True, slots=True)
class NoteSums:
    """Seconds, of one note or of several."""

    written: float = 0.0  # what was due, weighted
    credit: float = 0.0  # weighted
    sung: float = 0.0  # weighted
    received: float = 0.0
    length: float = 0.0

    def row(self) -> tuple[float, float, float, float, float]:
        return (self.written, self.credit, self.sung, self.received, self.length)


class RunningSums:
    """Counts each note once; a note that changes afterwards is counted anew, the others are not looked at."""

    def __init__(self, notes: int) -> None:
        self._rows: Floats = np.zeros((notes, 5))
        self._whole: Floats = np.zeros(5)
        self._counted: Flags = np.zeros(notes, dtype=np.bool_)
        self.changed: set[int] = set()  # counted notes that sound came for since

    def touch(self, number: int) -> None:
        """The note has changed."""
        if self._counted[number]:
            self.changed.add(number)

    def touch_all(self) -> None:
        self.changed.update(np.flatnonzero(self._counted).tolist())

    def count(self, number: int, sums: NoteSums) -> None:
        """In place of what was counted for this note before."""
        row = np.array(sums.row())
        self._whole += row - self._rows[number]
        self._rows[number] = row
        self._counted[number] = True
        self.changed.discard(number)

    def whole(self) -> NoteSums:
        return NoteSums(*self._whole.tolist())
