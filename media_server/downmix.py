"""48 kHz stereo of aiortc's decoder to 16 kHz mono, keeping the count of samples exact."""

import numpy as np
import numpy.typing as npt

from media_server.frames import TICKS_PER_SAMPLE, Pcm

TAPS = 97  # 1 ms of delay, 60 dB down at 8 kHz
CUTOFF_HZ = 7_400
RATE_HZ = 48_000
FULL_SCALE = 32_768.0


def low_pass() -> Pcm:
    """A Hamming-windowed sinc of unit gain."""
    place = np.arange(TAPS) - (TAPS - 1) / 2
    taps = np.sinc(2.0 * CUTOFF_HZ / RATE_HZ * place) * np.hamming(TAPS)
    unit: Pcm = (taps / taps.sum()).astype(np.float32)
    return unit


class Downmix:
    """Keeps the filter's tail between frames, so that n samples in are always n / 3 samples out."""

    def __init__(self) -> None:
        self._taps = low_pass()
        self._tail = np.zeros(TAPS - 1, np.float32)

    def convert(self, interleaved: npt.NDArray[np.int16]) -> Pcm:
        """One packed s16 stereo frame, shape (1, 2 n); n is a multiple of 3."""
        mono = interleaved.reshape(-1, 2).astype(np.float32).mean(axis=1) / FULL_SCALE
        history = np.concatenate([self._tail, mono])
        self._tail = history[-(TAPS - 1) :]
        pcm: Pcm = np.convolve(history, self._taps, "valid")[::TICKS_PER_SAMPLE].astype(np.float32)
        return pcm
