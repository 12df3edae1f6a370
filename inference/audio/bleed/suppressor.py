"""What the filter leaves of the backing, made softer where little else is heard: a spectral gain.

How much the filter leaves is learned in the singer's rests, band by band. Where the voice is louder than that, the gain
is one; it is never more. Where no band is louder than that, nobody sings, and everything is made soft.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from inference.audio.bleed.echo_filter import BINS, BLOCK_SAMPLES, FLOOR, Bins, Block, Powers, power_of, smooth
from inference.audio.bleed.measure import Levels, decibels

FRAME_SAMPLES = 2 * BLOCK_SAMPLES
DELAY_BLOCKS = 2
EDGES = np.array([4, 8, 13, 20, 28, 40, 56, 80, 112, 160, 224, 320])  # bins of 15.6 Hz: bands of half an octave
BAND_OF_BIN = np.searchsorted(EDGES, np.arange(BINS), side="right").clip(1) - 1
REST_QUANTILE = 0.15  # of the frames are rests of the singer: what is left in them is the backing's
FIRST_REMAINS_DB = -10.0
FIRST_FRAMES = 10
FADE = 0.999  # of what was learned, from frame to frame: half is forgotten in 22 s
LEAST_BAND = 1e-6  # power of the prediction in a band from which on the band teaches
DOUBT = 1.5  # how much more than estimated may be left: the estimate is a low one, and music is uneven
TAIL = 0.5  # of the power of a frame sounds on in the next one
LEAST_GAIN = 0.03  # -30 dB
LOUDEST_BANDS = 4  # by how much they are above what may be left tells whether somebody sings
NOBODY_DB, SOMEBODY_DB = 5.0, 8.0


@dataclass(frozen=True, slots=True)
class _Frame:
    spectrum: Bins
    power: Powers
    remaining: Powers


class Suppressor:
    """Blocks in, the same blocks out, DELAY_BLOCKS later; to the bit the same where nothing was predicted."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(FRAME_SAMPLES + 1)[:FRAME_SAMPLES])
        silence = np.zeros(BLOCK_SAMPLES)
        self._before = silence, silence
        self._tail: Powers = np.zeros(BINS)
        self._remains = [Levels(FADE) for _ in EDGES]
        for levels in self._remains:
            levels.add(FIRST_REMAINS_DB, FIRST_FRAMES)
        nothing = _Frame(np.zeros(BINS, np.complex128), np.zeros(BINS), np.zeros(BINS))
        self._frames = deque([nothing], maxlen=3)
        self._blocks = deque[Block]()
        self._change: Block = silence  # of the block that is whole next, as far as it is known

    def push(self, left: Block, predicted: Block) -> Block | None:
        """`predicted` was taken off what is `left`. The block that is whole now; None for the first DELAY_BLOCKS."""
        self._blocks.append(left)
        self._frames.append(self._frame(left, predicted))
        self._before = left, predicted
        if len(self._frames) < 3:
            return None
        change = self._changed(*self._frames)
        whole = self._change + change[:BLOCK_SAMPLES]
        self._change = change[BLOCK_SAMPLES:]
        return self._blocks.popleft() + whole if len(self._blocks) > DELAY_BLOCKS else None

    def _frame(self, left: Block, predicted: Block) -> _Frame:
        spectrum = self._transform(self._before[0], left)
        power, echo = power_of(spectrum), power_of(self._transform(self._before[1], predicted))
        if echo.any():
            self._learn(power, echo)
        share = np.array([10 ** (levels.quantile(REST_QUANTILE) / 10) for levels in self._remains])[BAND_OF_BIN]
        self._tail = np.maximum(share * smooth(echo), TAIL * self._tail)
        return _Frame(spectrum, smooth(power), self._tail)

    def _learn(self, power: Powers, echo: Powers) -> None:
        for levels, of_left, of_echo in zip(self._remains, _bands(power), _bands(echo), strict=True):
            levels.forget()
            if of_echo > LEAST_BAND:
                levels.add(decibels(of_left / of_echo))

    def _transform(self, before: Block, block: Block) -> Bins:
        return np.asarray(scipy.fft.rfft(np.concatenate([before, block]) * self._window))

    def _changed(self, before: _Frame, frame: _Frame, after: _Frame) -> NDArray[np.float64]:
        """What is to be added to the frame in the middle."""
        remaining = frame.remaining
        if not remaining.any():
            return np.zeros(FRAME_SAMPLES)
        power = 0.25 * before.power + 0.5 * frame.power + 0.25 * after.power + FLOOR
        gain = np.maximum(_presence(power, remaining) * (1.0 - DOUBT * remaining / power), LEAST_GAIN)
        return np.asarray(scipy.fft.irfft((gain - 1.0) * frame.spectrum) * self._window)


def _presence(power: Powers, remaining: Powers) -> float:
    """0: nobody sings, 1: somebody does."""
    above_db = 10 * np.log10(_bands(power) / (_bands(remaining) + FLOOR))
    loudest_db = float(np.sort(above_db)[-LOUDEST_BANDS:].mean())
    return min(max((loudest_db - NOBODY_DB) / (SOMEBODY_DB - NOBODY_DB), 0.0), 1.0)


def _bands(power: Powers) -> Powers:
    return np.asarray(np.add.reduceat(power, EDGES))
