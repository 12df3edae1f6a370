"""How far a preparation is and how long it still takes, from how long its stages took before on this machine."""

import json
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from voicejury.v1 import reference_pb2

OnStage = Callable[[int, float], None]  # a PrepareStage, and how much of it is done
STAGES = (
    reference_pb2.PREPARE_STAGE_DECODE,
    reference_pb2.PREPARE_STAGE_SEPARATE,
    reference_pb2.PREPARE_STAGE_PITCH,
    reference_pb2.PREPARE_STAGE_WORDS,
    reference_pb2.PREPARE_STAGE_STORE,
)
# Seconds of work for a second of song until this machine has shown its own: two cores without a GPU. They share out the
# bar, and fill in for the short stages; where a long one was never measured, no time left is told.
FIRST_GUESS: dict[int, float] = dict(zip(STAGES, (0.01, 0.6, 0.06, 0.02, 0.03), strict=True))
USUAL_SONG_S = 210.0
MOST_COST = 1_000.0  # a file that tells more is damaged
OWN_PACE_DONE, OWN_PACE_S = 0.05, 0.2  # of a stage under way: before these its own pace says nothing

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Progress:
    stage: int
    fraction: float
    left_s: float | None


class Pace:
    """Seconds of work per second of song, stage by stage; shared by all preparations of a process.

    Kept in the file of that path, so that the first song after a restart has its time left too.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._path = path
        self._measured = _read(path) if path is not None else {}

    def costs(self, stages: frozenset[int]) -> dict[int, float]:
        with self._lock:
            return {stage: self._measured.get(stage, FIRST_GUESS[stage]) for stage in STAGES if stage in stages}

    def is_measured(self, stage: int) -> bool:
        with self._lock:
            return stage in self._measured

    def learn(self, stage: int, wall_s: float, song_s: float) -> None:
        with self._lock:
            self._measured[stage] = max(1e-4, wall_s / max(1.0, song_s))

    def keep(self) -> None:
        """Where the disk takes nothing, the next process measures anew."""
        if self._path is None:
            return
        with self._lock:
            names = {reference_pb2.PrepareStage.Name(stage): cost for stage, cost in self._measured.items()}  # type: ignore[arg-type]
        draft = self._path.with_suffix(".draft")
        try:
            draft.write_text(json.dumps(names), encoding="utf-8")
            os.replace(draft, self._path)
        except OSError as error:
            logger.warning("the pace of preparing is not kept: %s", error.strerror)


def _read(path: Path) -> dict[int, float]:
    """Nothing of a file that is not there or damaged."""
    try:
        known = json.loads(path.read_text("utf-8"))
        costs = {stage: float(known.get(reference_pb2.PrepareStage.Name(stage), 0.0)) for stage in STAGES}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
    return {stage: cost for stage, cost in costs.items() if 0 < cost < MOST_COST}


class Stopwatch:
    """One preparation: turns the progress of stages into the whole's, and keeps how long each took."""

    def __init__(self, pace: Pace, stages: frozenset[int], tell: Callable[[Progress], None]) -> None:
        self._pace, self._tell = pace, tell
        self._costs = pace.costs(stages)
        self._begun_s = self._stage_s = time.monotonic()
        self._stage, self._fraction = 0, 0.0
        self.song_s = USUAL_SONG_S
        self.times_s: dict[int, float] = {}

    def stage(self, stage: int, done: float) -> None:
        now_s = time.monotonic()
        if stage != self._stage:
            self._end(now_s)
            self._stage, self._stage_s = stage, now_s
        order = list(self._costs)
        place = order.index(stage)
        rest = sum(self._costs[later] for later in order[place + 1 :])
        before = sum(self._costs[earlier] for earlier in order[:place])
        fraction = (before + done * self._costs[stage]) / (before + self._costs[stage] + rest)
        self._fraction = max(self._fraction, min(1.0, fraction))
        self._tell(Progress(stage, self._fraction, self._left_s(stage, done, now_s)))

    def _left_s(self, stage: int, done: float, now_s: float) -> float | None:
        """This stage goes on at its own pace, the later ones take what they took before; None where it is a guess."""
        later = {other: cost for other, cost in self._costs.items() if STAGES.index(other) > STAGES.index(stage)}
        spent_s = now_s - self._stage_s
        shows_own = done >= OWN_PACE_DONE and spent_s >= OWN_PACE_S
        longest = max([stage, *later], key=lambda other: self._costs[other])
        if not (self._pace.is_measured(longest) or (longest == stage and shows_own)):
            return None
        own_s = spent_s * (1 - done) / done if shows_own else (1 - done) * self._costs[stage] * self.song_s
        return own_s + sum(later.values()) * self.song_s

    def finish(self) -> None:
        self._end(time.monotonic())
        self._stage = 0
        self._pace.keep()

    def _end(self, now_s: float) -> None:
        if self._stage:
            took_s = now_s - self._stage_s
            self.times_s[self._stage] = self.times_s.get(self._stage, 0.0) + took_s
            self._pace.learn(self._stage, took_s, self.song_s)
