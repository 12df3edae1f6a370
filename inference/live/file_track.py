"""A whole recording through the live engine, hop by hop, as if it had been sung live."""

from collections.abc import Callable, Iterator
from threading import Condition

import numpy as np

from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.audio.pcm import FULL_SCALE
from inference.domain.melody import Melody
from inference.domain.rules import ScoringRules
from inference.domain.track import PitchTrack
from inference.errors import AudioFormatError, InferenceError
from inference.live.engine import LiveEngine
from inference.live.messages import End, Ended, Failed, Output, Point, Sound
from inference.live.singer import MAX_CHUNK_SAMPLES, MAX_TAKE_SAMPLES
from inference.live.window_ring import HOP_S, HOP_SAMPLES
from inference.models.estimator import PitchEstimator

NO_SONG = Melody(())
AHEAD_SAMPLES = 10 * SAMPLE_RATE_HZ  # fed before the engine has judged it: bounds what waits
ENGINE_DEADLINE_S = 60.0  # for some point of ten seconds of sound


class _Listener:
    """Collects the points of one singer; told by the engine's thread."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self._changed = Condition()
        self._over = False
        self._failure = ""

    def hear(self, outputs: list[Output]) -> None:
        with self._changed:
            self.points += [output for output in outputs if isinstance(output, Point)]
            last = outputs[-1]
            self._over = self._over or isinstance(last, Ended)
            self._failure = last.text if isinstance(last, Failed) else self._failure
            self._changed.notify()

    def fail(self) -> None:
        with self._changed:
            self._failure = "the live judge failed"
            self._changed.notify()

    def wait_for(self, points: int) -> None:
        """Until there are so many, or all. Raises InferenceError when the engine fails or stands still."""
        with self._changed:
            while len(self.points) < points and not self._over:
                known = len(self.points)
                self._changed.wait_for(lambda known=known: self._is_news(known), ENGINE_DEADLINE_S)  # type: ignore[misc]
                if self._failure or not self._is_news(known):
                    raise InferenceError(self._failure or "the live judge does not answer")

    def _is_news(self, known: int) -> bool:
        return bool(self._failure) or self._over or len(self.points) > known


def live_track(
    samples: Samples, estimator: PitchEstimator, on_progress: Callable[[float], None] | None = None
) -> PitchTrack:
    """The points that a singer of `samples` (16 kHz, -1..1) would see, one every HOP_S.

    Raises AudioFormatError where it lasts longer than a take may.
    """
    if len(samples) > MAX_TAKE_SAMPLES:
        raise AudioFormatError(f"a take lasts {MAX_TAKE_SAMPLES / SAMPLE_RATE_HZ / 60:.0f} minutes at most")
    listener = _Listener()
    engine = LiveEngine(estimator, listener.fail)
    try:
        singer = engine.open(NO_SONG, ScoringRules(), listener.hear)
        for sound in _chunks(samples):
            singer.feed(sound)
            listener.wait_for((sound.end_sample - AHEAD_SAMPLES) // HOP_SAMPLES)
            if on_progress:
                on_progress(len(listener.points) * HOP_SAMPLES / len(samples))
        singer.feed(End())
        listener.wait_for(len(samples) // HOP_SAMPLES + 1)
    finally:
        engine.stop()
    return _track(listener.points, estimator.name)


def _chunks(samples: Samples) -> Iterator[Sound]:
    for first in range(0, len(samples), MAX_CHUNK_SAMPLES):
        scaled = np.round(samples[first : first + MAX_CHUNK_SAMPLES] * np.float32(FULL_SCALE))
        pcm_s16 = np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype(np.int16)
        yield Sound(first, pcm_s16, False, arrived_s=0.0)  # all at once: nothing is late, nothing is dropped


def _track(points: list[Point], estimator: str) -> PitchTrack:
    return PitchTrack(
        0.0,
        HOP_S,
        np.array([point.f0_hz for point in points]),
        np.array([point.periodicity for point in points]),
        np.ones(len(points), dtype=np.bool_),
        estimator,
        np.array([point.level_db for point in points]),
    )
