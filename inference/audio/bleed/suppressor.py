"""What the filter leaves of the backing, made softer where little else is heard: a spectral gain.

Where the voice is louder than what may be left of the backing, the gain is one; it is never more.
"""

from collections import deque
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from inference.audio.bleed.echo_filter import BLOCK_SAMPLES, FLOOR, Bins, Block, Powers, power_of, smooth

FRAME_SAMPLES = 2 * BLOCK_SAMPLES
DELAY_BLOCKS = 2
DOUBT = 2.0  # how much more than estimated may be left: the estimate is a mean, and music is none
TAIL = 0.5  # of the power of a frame sounds on in the next one
LEAST_GAIN = 0.03  # -30 dB


@dataclass(frozen=True, slots=True)
class _Frame:
    spectrum: Bins
    power: Powers
    remaining: Powers


class Suppressor:
    """Blocks in, the same blocks out, DELAY_BLOCKS later; to the bit the same where nothing remains."""

    def __init__(self) -> None:
        self._window = np.sqrt(np.hanning(FRAME_SAMPLES + 1)[:FRAME_SAMPLES])
        self._before = np.zeros(BLOCK_SAMPLES), np.zeros(BLOCK_SAMPLES)
        self._frames = deque([self._frame(*self._before)], maxlen=3)
        self._blocks = deque[Block]()
        self._change: Block = np.zeros(BLOCK_SAMPLES)  # of the block that is whole next, as far as it is known

    def push(self, left: Block, remaining: Block) -> Block | None:
        """`remaining` sounds like what is left of the backing in `left`, and is as loud; zeros: nothing is.

        The block that is whole now; None for the first DELAY_BLOCKS.
        """
        self._blocks.append(left)
        self._frames.append(self._frame(left, remaining))
        self._before = left, remaining
        if len(self._frames) < 3:
            return None
        change = self._changed(*self._frames)
        whole = self._change + change[:BLOCK_SAMPLES]
        self._change = change[BLOCK_SAMPLES:]
        return self._blocks.popleft() + whole if len(self._blocks) > DELAY_BLOCKS else None

    def _frame(self, left: Block, remaining: Block) -> _Frame:
        spectrum = self._transform(self._before[0], left)
        remains = smooth(power_of(self._transform(self._before[1], remaining)))
        if hasattr(self, "_frames"):
            remains = np.maximum(remains, TAIL * self._frames[-1].remaining)
        return _Frame(spectrum, smooth(power_of(spectrum)), remains)

    def _transform(self, before: Block, block: Block) -> Bins:
        return np.asarray(scipy.fft.rfft(np.concatenate([before, block]) * self._window))

    def _changed(self, before: _Frame, frame: _Frame, after: _Frame) -> NDArray[np.float64]:
        """What is to be added to the frame in the middle."""
        remaining = frame.remaining
        if not remaining.any():
            return np.zeros(FRAME_SAMPLES)
        power = 0.25 * before.power + 0.5 * frame.power + 0.25 * after.power + FLOOR
        gain = np.maximum(1.0 - DOUBT * remaining / power, LEAST_GAIN)
        return np.asarray(scipy.fft.irfft((gain - 1.0) * frame.spectrum) * self._window)
