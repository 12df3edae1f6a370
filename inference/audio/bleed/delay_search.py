"""How late the microphone hears the backing: the peak of the whitened cross-correlation.

GCC-PHAT, Knapp and Carter 1976.
"""

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

FRAME_SAMPLES = 16_384
HOP_SAMPLES = 8_192
EARLIEST = -4_800  # 0.3 s: by its anchors the song may be heard too early
LATEST = 11_200  # 0.7 s: a loudspeaker by Bluetooth, and the microphone's own way
TRANSFORM = 32_768  # of a frame, and of the backing that may be heard in it: no lag wraps round
LOWEST_BIN = 240  # 117 Hz, below which phones hear and loudspeakers tell little
FADE = 0.9  # of what was found before, for each frame
MOST_OF_A_FRAME = 5.0  # deviations of its lags: one click that meets another one is no proof
PEAK = 8.0  # over the deviation of all lags, of all frames together
AGREE_SAMPLES = 16
SHORTER_SAMPLES = 480  # 30 ms: a wall may send more sound than comes straight
NEARLY = 0.6
SILENT = 1e-10  # mean power under which a frame of the backing tells nothing


@dataclass(frozen=True, slots=True)
class Peak:
    """Where the microphone hears the backing most clearly."""

    delay: int  # samples
    height: float  # over the deviation of all lags


class DelaySearch:
    """Frames a hop of HOP_SAMPLES apart; what they agree on stands out."""

    def __init__(self) -> None:
        self._lags: NDArray[np.float64] = np.zeros(LATEST - EARLIEST)
        self._window = np.hanning(FRAME_SAMPLES).astype(np.float32)
        self._before: Peak | None = None

    def hear(self, heard: NDArray[np.float64], song: NDArray[np.float64]) -> Peak | None:
        """The delay, as soon as it is certain: two frames must agree on it.

        `heard`: FRAME_SAMPLES of the microphone; `song`: from LATEST samples before them to -EARLIEST after them.
        """
        if float(np.mean(song**2)) < SILENT or not heard.any():
            return None
        heard, song = (heard * self._window).astype(np.float32), song.astype(np.float32)
        cross = scipy.fft.rfft(song, TRANSFORM) * scipy.fft.rfft(heard, TRANSFORM).conj()
        cross /= np.abs(cross) + np.float32(1e-12)
        cross[:LOWEST_BIN] = 0.0
        lags = np.abs(scipy.fft.irfft(cross)[: LATEST - EARLIEST])
        self._lags = FADE * self._lags + np.minimum(lags / _deviation(lags), MOST_OF_A_FRAME)
        middle = float(np.median(self._lags))
        place = _first_way(self._lags - middle)
        peak = Peak(LATEST - place, (float(self._lags[place]) - middle) / _deviation(self._lags - middle))
        before, self._before = self._before, peak
        agrees = before is not None and abs(before.delay - peak.delay) <= AGREE_SAMPLES
        return peak if agrees and peak.height >= PEAK else None


def _first_way(lags: NDArray[np.float64]) -> int:
    """The highest peak, or the latest place, which is the shortest way, that is nearly as high and little before it."""
    highest = int(np.argmax(lags))
    shorter = lags[highest : highest + SHORTER_SAMPLES]
    return highest + int(np.flatnonzero(shorter >= NEARLY * lags[highest])[-1])


def _deviation(values: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(values**2))) + 1e-12
