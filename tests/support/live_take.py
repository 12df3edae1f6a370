"""A sound through the live judge, as the media server would send it."""

import threading
import time

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import Anchor
from inference.domain.melody import Melody
from inference.domain.rules import ScoringRules
from inference.live.engine import LiveEngine
from inference.live.messages import End, Ended, Failed, Output, Sound
from inference.models.estimators import build_estimator

PACKET_SAMPLES = 320  # 20 ms at 16 kHz
TIMEOUT_S = 120.0


class _Last:
    """A sink that keeps what came last."""

    def __init__(self) -> None:
        self.output: Output | None = None
        self.over = threading.Event()

    def __call__(self, outputs: list[Output]) -> None:
        self.output = outputs[-1]
        if isinstance(self.output, Ended | Failed):
            self.over.set()


def live_pitch(sound: NDArray[np.float32], melody: Melody, rules: ScoringRules) -> float:
    """The pitch points on the screen when the take is over; the sound begins with the song."""
    last = _Last()
    failed = threading.Event()
    engine = LiveEngine(build_estimator("tiny"), failed.set)
    try:
        singer = engine.open(melody, rules, last)
        singer.feed(Anchor(0, 0.0, True))
        pcm = np.asarray(np.clip(sound, -1, 1) * 32_767, np.int16)
        for first in range(0, len(pcm), PACKET_SAMPLES):
            singer.feed(Sound(first, pcm[first : first + PACKET_SAMPLES], False, time.monotonic()))
        singer.feed(End())
        assert last.over.wait(TIMEOUT_S), "the live judge did not end"
    finally:
        engine.stop()
    assert not failed.is_set()
    assert isinstance(last.output, Ended), last.output
    return last.output.score.running.pitch
