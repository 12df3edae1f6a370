"""How clean a separated voice is, each as a number from 0 to 1. Sound is mono at 16 kHz."""

import numpy as np
from numpy.typing import NDArray

from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.domain.track import Floats, PitchTrack

WINDOW_SAMPLES = 1_024  # 64 ms
BLOCK_S = 10.0  # over which the way of the backing into the stem is one
Spectrum = NDArray[np.complex64]

VOICE_WINDOW_SAMPLES = 2_048  # 128 ms: partials of two voices a third apart stand alone
HEARD_HZ = (80.0, 2_000.0)  # where a second voice's strongest partials lie
NEAR_HZ, NEAR_SHARE = 24.0, 0.03  # of a partial belongs to it: the window's lobe, vibrato and glides
TONAL_DB = 15.0  # over its surroundings: a partial and no noise
SECOND_VOICE_DB = -15.0  # of the whole frame: a quieter one does not mislead
FRAME_STEP = 3  # of 10 ms: neighbours are alike
LEAST_FRAMES = 20


def cleanness(vocals: Samples, backing: Samples) -> float | None:
    """1 where nothing of the backing is in the vocals; at equal loudness of voice and bleed 0.3. None without sound.

    The part of the stem that keeps its phase to the backing, in amplitude. What two independent sounds share by chance
    is known from their powers and taken off, so that notes in common are no bleed.
    """
    block = round(BLOCK_S * SAMPLE_RATE_HZ)
    shared = total = 0.0
    for first in range(0, min(len(vocals), len(backing)), block):
        voice, other = vocals[first : first + block], backing[first : first + block]
        if min(len(voice), len(other)) >= 2 * WINDOW_SAMPLES:
            part, whole = _shared_power(_spectrum(voice[: len(other)]), _spectrum(other[: len(voice)]))
            shared, total = shared + part, total + whole
    return None if total <= 0 else float(1.0 - np.sqrt(np.clip(shared / total, 0.0, 1.0)))


def _spectrum(samples: Samples) -> Spectrum:
    """Shape (bins, frames)."""
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW_SAMPLES)[:: WINDOW_SAMPLES // 2]
    return np.asarray(np.fft.rfft(windows * _hann(WINDOW_SAMPLES), axis=1).T, np.complex64)


def _hann(samples: int) -> Samples:
    """Periodic."""
    return np.asarray(np.hanning(samples + 1)[:-1], np.float32)


def _shared_power(stem: Spectrum, rest: Spectrum) -> tuple[float, float]:
    """Power of the stem that goes with the rest, and all of it; shape (bins, frames) each."""
    power, rest_power = np.abs(stem) ** 2, np.abs(rest) ** 2
    cross = np.abs((stem * rest.conj()).sum(axis=1)) ** 2
    by_chance = (power * rest_power).sum(axis=1)
    sums = rest_power.sum(axis=1)
    heard = sums > 1e-12
    return float(((cross - by_chance)[heard] / sums[heard]).sum()), float(power.sum())


def one_voice(vocals: Samples, track: PitchTrack) -> float | None:
    """Share of the voiced frames in which no second voice sounds beside the melody; None where too little is sung."""
    places = np.flatnonzero(track.f0_hz > 0)[::FRAME_STEP]
    centres = np.round(track.times_s[places] * SAMPLE_RATE_HZ).astype(np.int64)
    half = VOICE_WINDOW_SAMPLES // 2
    inside = (centres >= half) & (centres + half <= len(vocals))
    if inside.sum() < LEAST_FRAMES:
        return None
    window = _hann(VOICE_WINDOW_SAMPLES)
    seconds = [
        _second_share(vocals[centre - half : centre + half] * window, f0_hz)
        for centre, f0_hz in zip(centres[inside], track.f0_hz[places[inside]], strict=True)
    ]
    return float(np.mean(np.array(seconds) < 10 ** (SECOND_VOICE_DB / 10)))


def _second_share(frame: Samples, f0_hz: float) -> float:
    """Power of the partials that are not the melody's, as a share of the frame's."""
    bins = round(HEARD_HZ[1] * VOICE_WINDOW_SAMPLES / SAMPLE_RATE_HZ) + 1
    power = np.abs(np.fft.rfft(frame))[:bins] ** 2
    hz = np.arange(bins) * SAMPLE_RATE_HZ / VOICE_WINDOW_SAMPLES
    band = hz >= HEARD_HZ[0]
    total = float(power[band].sum())
    if total <= 0:
        return 0.0
    number = np.maximum(1.0, np.round(hz / f0_hz))
    own = np.abs(hz - number * f0_hz) <= NEAR_HZ + NEAR_SHARE * hz
    others = band & ~own
    if not others.any():
        return 0.0
    return float(power[others & _is_tonal(power)].sum()) / total


def _is_tonal(power: Floats) -> NDArray[np.bool_]:
    """The peaks and their lobes: bins far above the lowest of their neighbourhood."""
    reach = 8  # bins of 7.8 Hz
    padded = np.pad(power, reach, mode="edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(power > 10 ** (TONAL_DB / 10) * np.median(around, axis=1))
