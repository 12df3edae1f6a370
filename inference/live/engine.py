"""Judges all singers of this process: one thread, one call of the network for whatever waits."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Condition, Thread

import numpy as np

from inference.audio.framing import Samples
from inference.domain.melody import Melody
from inference.domain.rules import ScoringRules
from inference.errors import SingError
from inference.live.bleed import FindSong
from inference.live.judge import Frame, SingerJudge
from inference.live.messages import Ended, Failed, Output
from inference.live.singer import Singer, Sink
from inference.models.estimator import PitchEstimator, past_samples

logger = logging.getLogger(__name__)

MAX_SINGERS = 256
MIN_BATCH = 16  # windows of one turn: a take fed again holds the others up by no more than this
MAX_BATCH = 64
MANY_SINGERS = 4
REST_S = 0.008  # a window alone costs 0.3 ms, one of eight half of that
FAILED = Failed("the judge failed on this take")
NO_PITCH = (0.0, 0.0)  # of a frame that the network need not look at


@dataclass(slots=True)
class EngineCounters:
    """Since the start of the process."""

    turns: int = 0
    windows: int = 0
    busy_s: float = 0.0
    dropped_samples: int = 0


@dataclass(frozen=True, slots=True)
class _Turn:
    singer: Singer
    frames: list[Frame]


class LiveEngine:
    """`open` and `close` are called on the event loop; sinks are called by the engine's thread."""

    def __init__(
        self,
        estimator: PitchEstimator,
        on_failure: Callable[[], None],
        on_backlog: Callable[[float], None] = lambda _backlog_s: None,
    ) -> None:
        self.counters = EngineCounters()
        self._on_backlog = on_backlog  # of the singer who waits longest, after each turn
        self._estimator = estimator
        self._on_failure = on_failure
        self._singers: dict[Singer, None] = {}
        self._work = Condition()
        self._has_work = False
        self._stopping = False
        self._thread = Thread(target=self._run, name="live judge", daemon=True)
        self._thread.start()

    @property
    def estimator_name(self) -> str:
        return self._estimator.name

    @property
    def singer_count(self) -> int:
        return len(self._singers)

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that wait, of all singers."""
        with self._work:
            return sum(singer.backlog_s for singer in self._singers)

    def open(self, melody: Melody, rules: ScoringRules, sink: Sink, find_song: FindSong | None = None) -> Singer:
        """A new singer, to be fed; `find_song` gives the backing that may be heard beside the voice.

        Raises SingError when there are too many.
        """
        singer = Singer(SingerJudge(melody, rules), sink, self._wake, past_samples(self._estimator), find_song)
        with self._work:
            if len(self._singers) >= MAX_SINGERS:
                raise SingError("busy", f"{MAX_SINGERS} singers are being judged already")
            self._singers[singer] = None
        return singer

    def close(self, singer: Singer) -> None:
        """Forgets a singer; safe to repeat."""
        with self._work:
            self._singers.pop(singer, None)

    def stop(self) -> None:
        """Ends the thread after its present turn."""
        with self._work:
            self._stopping = True
            self._work.notify()
        self._thread.join()

    def _wake(self) -> None:
        with self._work:
            self._has_work = True
            self._work.notify()

    def _run(self) -> None:
        try:
            while singers := self._next_singers():
                self._turn(singers)
                self._rest()
        except Exception:
            logger.exception("the live judge failed")
            self._on_failure()
        finally:
            self._on_backlog(0.0)

    def _next_singers(self) -> list[Singer]:
        """Those who have something waiting, as soon as there is one; none when stopping."""
        with self._work:
            while not self._stopping:
                busy = [singer for singer in self._singers if not singer.is_idle]
                if busy:
                    return busy
                self._has_work = False
                self._on_backlog(0.0)  # a singer may have gone with sound that waited
                self._work.wait_for(lambda: self._has_work or self._stopping)
        return []

    def _rest(self) -> None:
        """With many singers turns keep apart, so that one call of the network takes the windows of several."""
        if len(self._singers) >= MANY_SINGERS:
            time.sleep(REST_S)

    def _turn(self, singers: list[Singer]) -> None:
        started_s = time.perf_counter()
        share = max(1, min(max(MIN_BATCH, len(singers)), MAX_BATCH) // len(singers))
        turns = [turn for singer in singers if (turn := self._frames_of(singer, share)) is not None]
        loud = [frame.window.heard for turn in turns for frame in turn.frames if frame.is_loud]
        pitches = self._estimate(loud)
        for turn in turns:
            self._tell(turn, [next(pitches) if frame.is_loud else NO_PITCH for frame in turn.frames])
        self._count(singers, len(loud), time.perf_counter() - started_s)
        self._on_backlog(max((singer.backlog_s for singer in singers), default=0.0))

    def _estimate(self, windows: list[Samples]) -> Iterator[tuple[float, float]]:
        """(f0_hz, periodicity) of each window."""
        if not windows:
            return iter(())
        pitches = self._estimator.estimate(np.stack(windows))
        return zip(pitches.f0_hz.tolist(), pitches.periodicity.tolist(), strict=True)

    def _frames_of(self, singer: Singer, share: int) -> _Turn | None:
        """One singer's trouble is not the others': it ends this singer only."""
        try:
            return _Turn(singer, singer.frames(share))
        except Exception:
            logger.exception("a singer's sound cannot be read any longer")
            self._send(singer, [FAILED])
            return None

    def _tell(self, turn: _Turn, pitches: list[tuple[float, float]]) -> None:
        try:
            outputs = list(_judged(turn, pitches))
        except Exception:
            logger.exception("a singer cannot be judged any longer")
            outputs = [FAILED]
        if outputs:
            self._send(turn.singer, outputs)

    def _send(self, singer: Singer, outputs: list[Output]) -> None:
        is_over = isinstance(outputs[-1], Ended | Failed)
        try:
            singer.sink(outputs)
        except Exception:  # its stream is gone, and its event loop perhaps as well
            logger.exception("a singer cannot be told any longer")
            is_over = True
        if is_over:
            self.close(singer)

    def _count(self, singers: list[Singer], windows: int, busy_s: float) -> None:
        self.counters.turns += 1
        self.counters.windows += windows
        self.counters.busy_s += busy_s
        self.counters.dropped_samples += sum(singer.take_dropped() for singer in singers)


def _judged(turn: _Turn, pitches: list[tuple[float, float]]) -> Iterator[Output]:
    singer = turn.singer
    for frame, (f0_hz, periodicity) in zip(turn.frames, pitches, strict=True):
        yield from singer.judge.judge(frame, f0_hz, periodicity)
    if singer.is_over:
        yield from singer.judge.ended(singer.sample_count)
