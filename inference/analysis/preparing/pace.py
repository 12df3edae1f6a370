"""How far a preparation is and how long it still takes, from how long its stages took before on this machine."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from voicejury.v1 import reference_pb2

OnStage = Callable[[int, float], None]  # a PrepareStage, and how much of it is done
STAGES = (
    reference_pb2.PREPARE_STAGE_DECODE,
    reference_pb2.PREPARE_STAGE_SEPARATE,
    reference_pb2.PREPARE_STAGE_PITCH,
    reference_pb2.PREPARE_STAGE_WORDS,
    reference_pb2.PREPARE_STAGE_STORE,
)
# Seconds of work for a second of song until this machine has shown its own: two cores without a GPU.
FIRST_GUESS: dict[int, float] = dict(zip(STAGES, (0.01, 0.6, 0.06, 0.02, 0.03), strict=True))
USUAL_SONG_S = 210.0
TOLD_AFTER = 0.03  # of the whole: before that a time left is a guess


@dataclass(frozen=True, slots=True)
class Progress:
    stage: int
    fraction: float
    left_s: float | None


class Pace:
    """Seconds of work per second of song, stage by stage; shared by all preparations of a process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._costs = dict(FIRST_GUESS)

    def costs(self, stages: frozenset[int]) -> dict[int, float]:
        with self._lock:
            return {stage: self._costs[stage] for stage in STAGES if stage in stages}

    def learn(self, stage: int, wall_s: float, song_s: float) -> None:
        with self._lock:
            self._costs[stage] = max(1e-4, wall_s / max(1.0, song_s))


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
        self._tell(Progress(stage, self._fraction, self._left_s(stage, done, rest, fraction, now_s)))

    def _left_s(self, stage: int, done: float, rest: float, fraction: float, now_s: float) -> float | None:
        """This stage goes on at its own pace, the later ones take what they took before."""
        if fraction < TOLD_AFTER:
            return None
        spent_s = now_s - self._stage_s
        expected_s = self._costs[stage] * self.song_s
        own_s = spent_s * (1 - done) / done if done > 0.05 else (1 - done) * expected_s
        return own_s + rest * self.song_s

    def finish(self) -> None:
        self._end(time.monotonic())
        self._stage = 0

    def _end(self, now_s: float) -> None:
        if self._stage:
            took_s = now_s - self._stage_s
            self.times_s[self._stage] = self.times_s.get(self._stage, 0.0) + took_s
            self._pace.learn(self._stage, took_s, self.song_s)
