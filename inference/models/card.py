"""One card, or one machine, for live and final work of several processes: live work goes first.

The live judge holds an advisory lock on a file for as long as it is behind. Final work looks at it between two pieces
and stands back, a bounded while, so that a verdict comes late but does come. The system frees the lock of the dead.
"""

import logging
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inference import metrics

try:
    import fcntl
except ImportError:  # Windows has no such locks: nobody stands back there
    fcntl = None  # type: ignore[assignment]

LATE_S = 0.06  # of sound that waits for the live judge: from here on the singer would see it
LONGEST_WAIT_S = 1.0  # between two pieces; a piece is a second or so of work
LOOK_S = 0.01

logger = logging.getLogger(__name__)


class LiveFirst:
    """The live judge's side. `behind` is called after each turn and costs nothing while nothing changes."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: IO[bytes] | None = None

    def behind(self, backlog_s: float) -> None:
        is_behind = backlog_s > LATE_S
        if is_behind is (self._held is not None) or fcntl is None:
            return
        if self._held is not None:
            self._held.close()  # and with it the lock
            self._held = None
            return
        try:
            self._held = _locked(self._path, fcntl.LOCK_SH)
        except OSError as error:
            logger.debug("the card's lock: %s", error)


@dataclass(frozen=True, slots=True)
class FinalAfter:
    """The side of work that can wait. Safe to share between threads."""

    path: Path | None

    def stand_back(self) -> float:
        """Until live work is in time again, LONGEST_WAIT_S at most; the seconds waited."""
        if self.path is None or fcntl is None:
            return 0.0
        began_s = time.monotonic()
        with suppress(OSError):
            while not _is_free(self.path) and time.monotonic() - began_s < LONGEST_WAIT_S:
                time.sleep(LOOK_S)
        waited_s = time.monotonic() - began_s
        if waited_s > LOOK_S:
            metrics.CARD_WAITS.inc(waited_s)
        return waited_s


def _locked(path: Path, kind: int) -> IO[bytes] | None:
    """None where somebody else holds it just now. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("ab")
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        if isinstance(error, BlockingIOError):
            return None
        raise
    return file


def _is_free(path: Path) -> bool:
    file = _locked(path, fcntl.LOCK_EX)
    if file is None:
        return False
    file.close()
    return True


ALONE = FinalAfter(None)  # nobody sings beside it
