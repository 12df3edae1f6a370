"""SwiftF0 as a pitch estimator: a small network on a spectrogram, every 16 ms (MIT, weights inside its package)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from swift_f0 import SAMPLE_RATE, PitchResult, SwiftF0, concat

from inference.models.estimator import Flags, FramePitches, OnProgress, Samples, Windows

PIECE_SAMPLES = 30 * SAMPLE_RATE  # heard at a time: bounds the memory
VOICED = 0.5  # its confidence is calibrated so
NEAR_CENTS = 200.0  # frames further apart are two notes, nothing lies between them


class SwiftF0Estimator:
    """A whole take at once costs a quarter of CREPE tiny; a window by itself is heard with all of its context."""

    name = "swift-f0"

    def __init__(self, threads: int = 1) -> None:
        self._detector = SwiftF0(threads=threads, spin=False)

    def estimate(self, windows: Windows) -> FramePitches:
        """Each window by itself: the model takes one sound at a time."""
        results = [self._detector.detect(window, SAMPLE_RATE) for window in windows]
        middles = [len(result.pitch_hz) // 2 for result in results]
        f0_hz = [result.pitch_hz[middle] for result, middle in zip(results, middles, strict=True)]
        periodicity = [result.confidence[middle] for result, middle in zip(results, middles, strict=True)]
        return FramePitches(np.array(f0_hz, np.float32), np.array(periodicity, np.float32))

    def follow(self, samples: Samples, hop_samples: int, wanted: Flags, on_progress: OnProgress) -> FramePitches:
        """A TakeEstimator."""
        if not wanted.any():
            return FramePitches(np.zeros(len(wanted), np.float32), np.zeros(len(wanted), np.float32))
        heard = concat(self._heard(samples, on_progress))
        f0_hz, periodicity = on_grid(heard, hop_samples / SAMPLE_RATE * np.arange(len(wanted), dtype=np.float64))
        return FramePitches(np.where(wanted, f0_hz, 0), np.where(wanted, periodicity, 0))

    def _heard(self, samples: Samples, on_progress: OnProgress) -> Iterator[PitchResult]:
        stream = self._detector.stream()
        for first in range(0, len(samples), PIECE_SAMPLES):
            yield stream.push(samples[first : first + PIECE_SAMPLES], SAMPLE_RATE)
            on_progress(min(1.0, (first + PIECE_SAMPLES) / len(samples)))
        yield stream.flush()


def on_grid(heard: PitchResult, times_s: NDArray[np.float64]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """f0 and confidence at other times: a line in cents between voiced neighbours, otherwise the nearest frame's."""
    frames = len(heard.timestamps)
    after = np.clip(np.searchsorted(heard.timestamps, times_s), 1, max(1, frames - 1)).clip(max=frames - 1)
    before = np.maximum(after - 1, 0)
    span_s = np.maximum(heard.timestamps[after] - heard.timestamps[before], np.finfo(np.float64).tiny)
    share = ((times_s - heard.timestamps[before]) / span_s).clip(0.0, 1.0)
    octaves = np.log2(heard.pitch_hz)
    voiced = heard.confidence >= VOICED
    apart_cents = 1200.0 * np.abs(octaves[after] - octaves[before])
    joined = voiced[before] & voiced[after] & (apart_cents < NEAR_CENTS)
    share = np.where(joined, share, np.round(share))
    f0_hz = 2.0 ** ((1.0 - share) * octaves[before] + share * octaves[after])
    periodicity = (1.0 - share) * heard.confidence[before] + share * heard.confidence[after]
    return f0_hz.astype(np.float32), periodicity.astype(np.float32)
