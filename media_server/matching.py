"""Where a phone's recording belongs beside received sound: normalised cross-correlation over what both hold."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media_server.frames import SAMPLE_RATE_HZ
from media_server.sealed import Flags, Samples

SEARCH_S = 0.3  # how far a stamp may be off
EXACT_S = 0.005  # places that fit as well may lie this far apart, no farther
MIN_CORRELATION = 0.5  # measured: the same voice through Opus 0.92 at 64 kbit/s, 0.54 at 12; another song 0.15
AS_GOOD = 0.99  # of the best correlation
PRE_EMPHASIS = 0.95  # sharpens the peak of a low voice
MIN_SOUND_S = 0.3
FRAME_SAMPLES = SAMPLE_RATE_HZ // 50
LOUD_RMS = 60.0  # of 32768, -55 dB

Signal = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Match:
    """`shift_samples`: how much later than `expected` the piece stands in truth."""

    shift_samples: int
    correlation: float  # 0..1
    confirmed: bool


def match(samples: Samples, received: Flags, piece: Samples, expected: int) -> Match | None:
    """Fits `piece` beside `samples`, which begin at 0; `expected` is where the piece's first sample should stand.

    None where too little was received, or too little of that is in the piece, to tell anything.
    """
    reach = round(SEARCH_S * SAMPLE_RATE_HZ)
    positions = np.arange(len(samples))
    kept = received & (positions >= expected) & (positions < expected + len(piece))
    if _sound_s(samples, kept) < MIN_SOUND_S:
        return None
    curve = _curve(_emphasised(samples) * kept, kept, _emphasised(_window(piece, -expected, len(samples), reach)))
    best = int(np.argmax(curve))
    as_good = np.flatnonzero(curve >= AS_GOOD * curve[best])
    is_sharp = int(as_good[-1] - as_good[0]) <= 2 * EXACT_S * SAMPLE_RATE_HZ
    correlation = float(np.clip(curve[best], 0.0, 1.0))
    return Match(reach - best, correlation, correlation >= MIN_CORRELATION and is_sharp)


def _sound_s(samples: Samples, kept: Flags) -> float:
    count = len(samples) // FRAME_SAMPLES
    if not count:
        return 0.0
    heard = (samples * kept)[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES).astype(np.float32)
    return float(np.count_nonzero(np.sqrt(np.mean(heard**2, axis=1)) >= LOUD_RMS) * FRAME_SAMPLES / SAMPLE_RATE_HZ)


def _window(piece: Samples, start: int, length: int, reach: int) -> Samples:
    """`piece` from `start - reach` over `length + 2 * reach` samples, zeros where it holds none."""
    window = np.zeros(length + 2 * reach, np.int16)
    first = start - reach
    low, high = max(0, first), min(len(piece), first + len(window))
    if low < high:
        window[low - first : high - first] = piece[low:high]
    return window


def _emphasised(samples: Samples) -> Signal:
    signal = samples.astype(np.float64)
    signal[1:] -= PRE_EMPHASIS * samples[:-1].astype(np.float64)
    return signal


def _curve(heard: Signal, kept: Flags, window: Signal) -> Signal:
    """Correlation at each of 2 * reach + 1 places; index 0 is the latest shift."""
    size = 1 << (len(window) + len(heard)).bit_length()
    agreement = _correlated(window, heard, size)[: len(window) - len(heard) + 1]
    energy = _correlated(window**2, kept.astype(np.float64), size)[: len(agreement)]
    floor = max(1.0, 1e-9 * float(np.sum(window**2)))
    scale = np.sqrt(np.maximum(energy, floor) * max(1.0, float(np.sum(heard**2))))
    curve: Signal = agreement / scale
    return curve


def _correlated(long: Signal, short: Signal, size: int) -> Signal:
    """sum over n of long[n + j] * short[n], for each j."""
    spectrum = np.fft.rfft(long, size) * np.conj(np.fft.rfft(short, size))
    return np.fft.irfft(spectrum, size)
