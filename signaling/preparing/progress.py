"""How far a preparation is: one fraction of the whole that never goes back, and what is left by measured speeds."""

import json
import logging
import math
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Where each step of signaling begins and ends in the whole. The reference service's own stages share its step.
STEPS = {"download": (0.0, 0.15), "reference": (0.15, 0.9), "words": (0.9, 0.97), "store": (0.97, 1.0)}
ORDER = tuple(STEPS)
NEWEST_SHARE = 0.5  # of the newest measurement in a speed
TELLING_FRACTION, TELLING_S = 0.05, 1.0  # before these a step's own pace says nothing
SPLIT, PAIR = "split", "pair"  # ways of a recording: the long one takes several times as long as the short one

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    stage: str  # as the page shows it
    fraction: float
    left_s: float | None


class Speeds:
    """Wall seconds for each second of song, by way and step, as this installation measured them.

    Kept in the file of that path, so that the first song after a restart has its time left too.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._pace = _read(path) if path is not None else {}

    def took(self, way: str, step: str, wall_s: float, song_s: float) -> None:
        if song_s <= 0:
            return
        name = f"{way}/{step}"
        newest, known = wall_s / song_s, self._pace.get(name)
        self._pace[name] = newest if known is None else known + NEWEST_SHARE * (newest - known)

    def expected_s(self, way: str, step: str, song_s: float | None) -> float | None:
        pace = self._pace.get(f"{way}/{step}")
        return None if pace is None or song_s is None else pace * song_s

    def keep(self) -> None:
        """Blocking. Where the disk takes nothing, the next process measures anew."""
        if self._path is None:
            return
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(self._pace), encoding="utf-8")
            os.replace(draft, self._path)
        except OSError as error:
            log.warning("the speeds of preparing are not kept: %s", error.strerror)


def _read(path: Path) -> dict[str, float]:
    """Nothing of a file that is not there or damaged."""
    try:
        known = {str(name): float(pace) for name, pace in json.loads(path.read_text("utf-8")).items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {name: pace for name, pace in known.items() if math.isfinite(pace) and pace >= 0}


class Whole:
    """One preparation under way. `song_s` is the length of the song and `way` how it is made, once they are known."""

    def __init__(self, speeds: Speeds, floor: float = 0.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._speeds = speeds
        self._clock = clock
        self._step = ORDER[0]
        self._began_s = clock()
        self._now = Progress("queued", floor, None)
        self.song_s: float | None = None
        self.way = ""

    @property
    def now(self) -> Progress:
        return self._now

    def begin(self, step: str, stage: str) -> None:
        self._step, self._began_s = step, self._clock()
        self.tell(stage, 0.0)

    def tell(self, stage: str, done: float, left_s: float | None = None) -> None:
        """`done` is 0..1 of the present step, `left_s` what its worker says."""
        first, last = STEPS[self._step]
        done = min(max(done, 0.0), 1.0)
        fraction = max(self._now.fraction, first + (last - first) * done)
        self._now = Progress(stage, fraction, self._left_s(done, left_s))

    def end(self, counts: bool = True) -> None:
        """Keeps how long the step took, where it was worked on."""
        if counts and self.song_s is not None and self.way:
            self._speeds.took(self.way, self._step, self._clock() - self._began_s, self.song_s)
        self.tell(self._now.stage, 1.0, 0.0)

    def _left_s(self, done: float, told_s: float | None) -> float | None:
        mine_s = told_s if told_s is not None else self._own_left_s(done)
        later = ORDER[ORDER.index(self._step) + 1 :]
        expected = {step: self._speeds.expected_s(self.way, step, self.song_s) for step in later}
        if mine_s is None or expected.get("reference", 0.0) is None:  # the long one: without it any number would lie
            return None
        return mine_s + sum(left_s or 0.0 for left_s in expected.values())

    def _own_left_s(self, done: float) -> float | None:
        gone_s = self._clock() - self._began_s
        if done >= TELLING_FRACTION and gone_s >= TELLING_S:
            return gone_s * (1 - done) / done
        expected_s = self._speeds.expected_s(self.way, self._step, self.song_s)
        return None if expected_s is None else max(expected_s - gone_s, 0.0)
