"""SwiftF0 as a pitch estimator: a small network on a spectrogram, every 16 ms (MIT, weights inside its package)."""

import numpy as np
from numpy.typing import NDArray
from swift_f0 import SAMPLE_RATE, PitchResult, SwiftF0
from swift_f0.core import FRAME_PERIOD, HOP, LEFT_FRAMES, LOOKAHEAD_FRAMES

from inference.models.estimator import WINDOW_SAMPLES, Flags, FramePitches, OnProgress, Samples, Windows

PIECE_FRAMES = 500  # 8 s heard at a time: bounds the memory, and silent pieces are left out
VOICED = 0.5  # its confidence is calibrated so
MIRRORED_SAMPLES = WINDOW_SAMPLES  # as far as its spectrogram's window reaches ahead; with half of it octaves go wrong
NEAR_CENTS = 200.0  # frames further apart are two notes, nothing lies between them


class SwiftF0Estimator:
    """A whole take at once costs a quarter of CREPE tiny and is heard with the network's context.

    Live it hears the past of a window too, and what is to come as a mirror of it (docs/decisions/0007).
    """

    name = "swift-f0"
    past_samples = 4 * HOP  # of a ContextEstimator: twice as much gains nothing, without any a third of a voice is lost

    def __init__(self, threads: int = 1) -> None:
        self._detector = SwiftF0(threads=threads, spin=False)

    def estimate(self, windows: Windows) -> FramePitches:
        """Each window by itself: the model takes one sound at a time.

        Shape (windows, WINDOW_SAMPLES + past), the past a multiple of its hop; `past_samples` of it are enough.
        """
        place = (windows.shape[1] - WINDOW_SAMPLES // 2) // HOP
        results = [self._detector.detect(_continued(window), SAMPLE_RATE) for window in windows]
        f0_hz = [result.pitch_hz[place] for result in results]
        periodicity = [result.confidence[place] for result in results]
        return FramePitches(np.array(f0_hz, np.float32), np.array(periodicity, np.float32))

    def follow(self, samples: Samples, hop_samples: int, wanted: Flags, on_progress: OnProgress) -> FramePitches:
        """A TakeEstimator."""
        if not wanted.any():
            return FramePitches(np.zeros(len(wanted), np.float32), np.zeros(len(wanted), np.float32))
        heard = self._heard(samples, _wanted_frames(wanted, hop_samples, len(samples)), on_progress)
        f0_hz, periodicity = on_grid(heard, hop_samples / SAMPLE_RATE * np.arange(len(wanted), dtype=np.float64))
        return FramePitches(np.where(wanted, f0_hz, 0), np.where(wanted, periodicity, 0))

    def _heard(self, samples: Samples, wanted: Flags, on_progress: OnProgress) -> PitchResult:
        """As of the whole sound, but pieces without a wanted frame stay unvoiced."""
        count = len(wanted)
        pitch_hz, confidence = np.ones(count), np.zeros(count)
        for first in range(0, count, PIECE_FRAMES):
            piece = slice(first, min(count, first + PIECE_FRAMES))
            if wanted[piece].any():
                start = max(0, first - LEFT_FRAMES)
                end = (piece.stop + LOOKAHEAD_FRAMES) * HOP if piece.stop < count else len(samples)
                found = self._detector.detect(samples[start * HOP : end], SAMPLE_RATE)
                inside = slice(piece.start - start, piece.stop - start)
                pitch_hz[piece], confidence[piece] = found.pitch_hz[inside], found.confidence[inside]
            on_progress(piece.stop / count)
        return PitchResult(FRAME_PERIOD * np.arange(count), pitch_hz, confidence, np.zeros(count))


def _continued(window: Samples) -> Samples:
    """As if it went on as it came, backwards: before silence a voice would seem to end."""
    return np.pad(window, (0, MIRRORED_SAMPLES), mode="reflect")


def _wanted_frames(wanted: Flags, hop_samples: int, sample_count: int) -> Flags:
    """SwiftF0's frames on both sides of each wanted one."""
    frames = np.zeros(max(1, sample_count // HOP), np.bool_)
    after = np.flatnonzero(wanted) * hop_samples // HOP + 1
    for neighbour in (after - 1, after):
        frames[np.minimum(neighbour, len(frames) - 1)] = True
    return frames


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
