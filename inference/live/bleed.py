"""The backing taken out of one singer's sound while it is judged live: what is learned of the room by now, at once.

The prediction for a block is ready before the block comes, for the song is known: the sound waits for nothing.
"""

from collections.abc import Callable

import numpy as np
import scipy.fft

from inference.audio.bleed.canceller import BETTER, LEAST_BLEED_DB, LEAST_LEVEL_DB
from inference.audio.bleed.echo_filter import BLOCK_SAMPLES, FLOOR, LOWEST_BIN, Block, power_of
from inference.audio.bleed.learner import SEGMENT_BLOCKS, Learner
from inference.audio.bleed.measure import Levels, block_db, decibels
from inference.audio.bleed.song_place import SongPlace, lines_of
from inference.audio.clock import SongClock
from inference.audio.framing import SAMPLE_RATE_HZ, Samples

BLOCKS_AT_ONCE = 2  # that are learned from when one has come: the past is caught up with in as long again
LONGEST_GAP_SAMPLES = 2 * SAMPLE_RATE_HZ  # after a longer one the room is learned anew
MEMORY_BLOCKS = 4 * SEGMENT_BLOCKS

FindSong = Callable[[], Samples | None]  # never waits: None while the song's sound is not read, or is not there


class LiveCanceller:
    """`take_out` each run of samples, in order; used by the engine's thread."""

    def __init__(self, find_song: FindSong, clock: SongClock) -> None:
        self._find_song = find_song
        self._clock = clock
        self._place: SongPlace | None = None
        self._learner: Learner | None = None
        self._position = 0
        self._block: Block = np.zeros(BLOCK_SAMPLES)
        self._predicted: Block = np.zeros(BLOCK_SAMPLES)
        self._is_measured = True
        self._levels = Levels()
        self._echo_power, self._explained = 0.0, 0.0  # of the last blocks
        self.is_on = False

    def take_out(self, samples: Samples, is_measured: bool) -> None:
        """Changes the samples in place; they follow on what came before."""
        if not is_measured and len(samples) > LONGEST_GAP_SAMPLES:
            self._skip(len(samples))
            return
        done = 0
        while done < len(samples):
            inside = self._position % BLOCK_SAMPLES
            piece = samples[done : done + BLOCK_SAMPLES - inside]
            span = slice(inside, inside + len(piece))
            self._block[span] = piece
            self._is_measured = self._is_measured and is_measured
            if is_measured and self.is_on:
                piece -= self._predicted[span].astype(np.float32)
            done += len(piece)
            self._position += len(piece)
            if self._position % BLOCK_SAMPLES == 0:
                self._end_block()

    def _skip(self, count: int) -> None:
        self._position += count
        self._learner, self._is_measured = None, False
        self._predicted = np.zeros(BLOCK_SAMPLES)

    def _end_block(self) -> None:
        number = self._position // BLOCK_SAMPLES
        song = self._find_song() if self._learner is None else None
        if song is not None:
            self._place = SongPlace(song)
            self._learner = Learner(self._place, number - 1)
        if self._place is not None and self._learner is not None:
            self._place.lines = lines_of(self._clock.anchors)
            self._look(self._learner)
        self._block = np.zeros(BLOCK_SAMPLES)
        self._is_measured = True

    def _look(self, learner: Learner) -> None:
        if self._is_measured:
            self._judge()
        learner.hear(self._block, self._is_measured)
        learner.learn(BLOCKS_AT_ONCE)
        learner.forget(self._position // BLOCK_SAMPLES // SEGMENT_BLOCKS)
        self._predicted = learner.predict()

    def _judge(self) -> None:
        """Whether enough of the backing is heard: a little less is enough to go on."""
        self._levels.add(block_db(self._block))
        fresh = 1.0 / MEMORY_BLOCKS
        echo_power = float(self._predicted @ self._predicted) / BLOCK_SAMPLES
        explained = _mean_log(self._block) - _mean_log(self._block - self._predicted)
        self._echo_power += fresh * (echo_power - self._echo_power)
        self._explained += fresh * (explained - self._explained)
        patience = 0.5 if self.is_on else 1.0
        least_db = max(self._levels.loud_db() + LEAST_BLEED_DB, LEAST_LEVEL_DB) + decibels(patience)
        self.is_on = decibels(self._echo_power) >= least_db and self._explained >= BETTER * patience


def _mean_log(block: Block) -> float:
    power = power_of(scipy.fft.rfft(block * WINDOW)) + FLOOR
    return float(np.log(power[LOWEST_BIN:]).mean())


WINDOW = np.hanning(BLOCK_SAMPLES)
