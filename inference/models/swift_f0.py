"""SwiftF0 as a pitch estimator: a small network on a spectrogram, every 16 ms (MIT, weights inside its package)."""

import numpy as np
from numpy.typing import NDArray
from swift_f0 import SAMPLE_RATE, PitchResult, SwiftF0
from swift_f0.core import FRAME_PERIOD, HOP, LEFT_FRAMES, LOOKAHEAD_FRAMES

from inference.models.estimator import WINDOW_SAMPLES, Flags, FramePitches, Samples, Windows
from inference.models.growing import Arrays, Known, Sound, recalled

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

    def lane(self, hop_samples: int, known: Known | None = None) -> "SwiftLane":
        """A TakeEstimator."""
        return SwiftLane(self._detector, hop_samples, known)


class SwiftLane:
    """A whole take in pieces that overlap as far as the network hears; pieces without a wanted frame stay unvoiced."""

    def __init__(self, detector: SwiftF0, hop_samples: int, known: Known | None = None) -> None:
        self._detector = detector
        self._hop_samples = hop_samples
        self._known = known
        self._pitch_hz: list[NDArray[np.float64]] = []
        self._confidence: list[NDArray[np.float64]] = []
        self._frames = 0

    @property
    def needed_from(self) -> int:
        return max(0, self._frames - LEFT_FRAMES) * HOP

    def advance(self, sound: Sound, wanted: Flags) -> None:
        while (piece := self._next_piece(sound, wanted)) is not None:
            is_last = sound.is_over and piece.stop == _frame_count(sound)
            pitch_hz, confidence = self._piece(sound, piece, wanted, is_last)
            self._pitch_hz.append(np.asarray(pitch_hz, np.float64))
            self._confidence.append(np.asarray(confidence, np.float64))
            self._frames = piece.stop

    def _next_piece(self, sound: Sound, wanted: Flags) -> slice | None:
        stop = self._frames + PIECE_FRAMES
        if sound.is_over:
            stop = min(stop, _frame_count(sound))
            return slice(self._frames, stop) if stop > self._frames else None
        is_there = sound.end >= (stop + LOOKAHEAD_FRAMES) * HOP
        return slice(self._frames, stop) if is_there and len(wanted) * self._hop_samples >= stop * HOP else None

    def _piece(self, sound: Sound, piece: slice, wanted: Flags, is_last: bool) -> Arrays:
        """Pitch and confidence of its frames, those that nobody wants with confidence 0."""
        start = max(0, piece.start - LEFT_FRAMES)
        inside = slice(piece.start - start, piece.stop - start)
        if not _is_wanted(wanted, piece, self._hop_samples, is_last):
            return np.ones(piece.stop - piece.start), np.zeros(piece.stop - piece.start)
        heard = sound.cut(start * HOP, sound.end if is_last else min(sound.end, (piece.stop + LOOKAHEAD_FRAMES) * HOP))

        def work() -> Arrays:
            found = self._detector.detect(heard, SAMPLE_RATE)
            return found.pitch_hz[inside], found.confidence[inside]

        return recalled(self._known, (b"swift", heard, np.array([piece.start - start, piece.stop - start])), work)

    def finish(self, wanted: Flags) -> FramePitches:
        if not wanted.any():
            return FramePitches(np.zeros(len(wanted), np.float32), np.zeros(len(wanted), np.float32))
        pitch_hz, confidence = np.concatenate(self._pitch_hz), np.concatenate(self._confidence)
        times_s = FRAME_PERIOD * np.arange(len(pitch_hz))
        heard = PitchResult(times_s, pitch_hz, confidence, np.zeros(len(pitch_hz)))
        f0_hz, periodicity = on_grid(heard, self._hop_samples / SAMPLE_RATE * np.arange(len(wanted), dtype=np.float64))
        return FramePitches(np.where(wanted, f0_hz, 0), np.where(wanted, periodicity, 0))


def _frame_count(sound: Sound) -> int:
    """SwiftF0's frames of a sound that is over."""
    return max(1, sound.end // HOP) if sound.end else 0


def _is_wanted(wanted: Flags, piece: slice, hop_samples: int, is_last: bool) -> bool:
    """Whether one of its frames stands beside a wanted one; the last frame stands beside all that come later."""
    first = -(-(piece.start - 1) * HOP // hop_samples)
    stop = len(wanted) if is_last else -(-piece.stop * HOP // hop_samples)
    return bool(wanted[max(0, first) : stop].any())


def _continued(window: Samples) -> Samples:
    """As if it went on as it came, backwards: before silence a voice would seem to end."""
    return np.pad(window, (0, MIRRORED_SAMPLES), mode="reflect")


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
