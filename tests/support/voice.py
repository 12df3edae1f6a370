"""A synthetic voice: a pitch track becomes the sound of somebody who sings it.

Harmonics are summed one by one, so the fundamental is exactly the track's: the track is the ground truth. Formants that
move from note to note, a glottal tilt, breath noise, shimmer, consonants in the short gaps and breaths in the long
ones make it a voice to an estimator. It shares no code with the guide voice of the demo song.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from inference.domain.track import Floats, PitchTrack

SAMPLE_RATE_HZ = 16_000
CONTROL_S = 0.005
TOP_HZ = 7_200.0
HARMONICS = 60  # at most, of the lowest voices
CONSONANT_S = 0.15  # a shorter gap of the voice is a consonant, a longer one a rest
BREATH_S = 0.35  # of air before a line, where the rest is long enough
# F1..F4 of sung vowels (Sundberg 1987, rounded), in the order in which syllables take them.
VOWELS_HZ = np.array(
    [
        [700.0, 1150.0, 2600.0, 3300.0],  # a
        [450.0, 1900.0, 2550.0, 3350.0],  # e
        [300.0, 2200.0, 2950.0, 3500.0],  # i
        [480.0, 850.0, 2500.0, 3250.0],  # o
        [330.0, 750.0, 2350.0, 3200.0],  # u
    ]
)
NASAL_HZ = np.array([250.0, 1000.0, 2000.0, 3000.0])  # of a hum, whatever the note
NASAL_CUT_HZ = 600.0  # shut lips take 12 dB an octave away above it
BANDWIDTHS_HZ = np.array([80.0, 100.0, 130.0, 180.0])

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Voice:
    """Whose voice it is; the same voice and seed give the same samples."""

    tract: float = 1.0  # scales the formants: 0.9 is a bass, 1.15 a child
    tilt: float = 1.3  # harmonic k of the glottis is as loud as k to the minus this
    breath_db: float = -38.0  # noise of the breath under the voice
    shimmer: float = 0.04  # slow changes of the level, as a share of it
    jitter_cents: float = 2.0  # of the fundamental from control point to control point; 0 keeps it to the track's
    consonant_db: float = -16.0  # under the voice
    level_db: float = -20.0  # RMS of the voiced parts, dBFS
    closed: bool = False  # hums: the mouth stays shut, the sound leaves by the nose, no consonants
    seed: int = 0


def sound_of(track: PitchTrack, voice: Voice | None = None) -> Samples:
    """16 kHz, shape (samples,); sample 0 is second 0 of the track, whose last frame ends the sound."""
    voice = voice or Voice()
    rng = np.random.default_rng(voice.seed)
    seconds = float(track.times_s[-1]) + track.hop_s
    control_s = np.arange(0.0, seconds, CONTROL_S)
    time_s = np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    midi, voiced = _controls(track, control_s)
    wobble = _slow_noise(rng, len(control_s), 0.02) * voice.jitter_cents / 100.0
    f0_hz = 440.0 * 2.0 ** ((np.interp(time_s, control_s, midi + wobble) - 69.0) / 12.0)
    loudness = voiced * (1.0 + voice.shimmer * _slow_noise(rng, len(control_s), 0.05))
    envelope = np.interp(time_s, control_s, _ramped(loudness))
    formants_hz = (np.tile(NASAL_HZ, (len(voiced), 1)) if voice.closed else _formants(voiced, rng)) * voice.tract
    sung = envelope * _harmonics(f0_hz, time_s, control_s, formants_hz, voice)
    power = float(np.mean(sung[envelope > 0.5] ** 2)) if (envelope > 0.5).any() else 1.0
    sung *= 10 ** (voice.level_db / 20) / np.sqrt(power)
    noise = _breath(envelope, rng) * 10 ** ((voice.level_db + voice.breath_db) / 20)
    if not voice.closed:
        noise += _gap_noises(voiced, len(time_s), voice, rng)
    return np.asarray(np.clip(sung + noise, -1.0, 1.0), np.float32)


def _controls(track: PitchTrack, control_s: Floats) -> tuple[Floats, Floats]:
    """The pitch in MIDI, held through gaps, and 1 where the track is voiced."""
    voiced = track.f0_hz > 0
    if not voiced.any():
        return np.full(len(control_s), 60.0), np.zeros(len(control_s))
    midi = 69.0 + 12.0 * np.log2(track.f0_hz[voiced] / 440.0)
    nearest = np.clip(np.round((control_s - track.first_s) / track.hop_s).astype(int), 0, len(voiced) - 1)
    return np.interp(control_s, track.times_s[voiced], midi), voiced[nearest].astype(float)


def _slow_noise(rng: np.random.Generator, length: int, period_s: float) -> Floats:
    """Noise of deviation 1 that changes within `period_s`."""
    nodes = rng.standard_normal(int(length * CONTROL_S / period_s) + 2)
    return np.asarray(np.interp(np.arange(length) * CONTROL_S / period_s, np.arange(len(nodes)), nodes))


def _ramped(loudness: Floats) -> Floats:
    """Starts and ends within 15 ms."""
    window = signal.windows.hann(5)[1:-1]
    return np.asarray(np.convolve(loudness, window / window.sum(), mode="same"))


def _formants(voiced: Floats, rng: np.random.Generator) -> Floats:
    """A vowel per voiced run and one more every half second of a long one, shape (controls, 4); they glide."""
    starts = np.flatnonzero(np.diff(np.concatenate(([0.0], voiced))) > 0).tolist() or [0]
    edges = [*starts, len(voiced)]
    points, vowels = [0], [int(rng.integers(len(VOWELS_HZ)))]
    for start, end in pairwise(edges):
        for place in range(start, end, round(0.5 / CONTROL_S)):
            points.append(place)
            vowels.append(int(rng.integers(len(VOWELS_HZ))))
    held = VOWELS_HZ[np.array(vowels)][np.searchsorted(np.array(points), np.arange(len(voiced)), side="right") - 1]
    window = signal.windows.hann(13)
    smooth = [np.convolve(np.pad(column, 6, mode="edge"), window / window.sum(), mode="valid") for column in held.T]
    return np.stack(smooth, axis=1)


def _harmonics(f0_hz: Floats, time_s: Floats, control_s: Floats, formants_hz: Floats, voice: Voice) -> Floats:
    phase = 2.0 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ
    control_hz = np.interp(control_s, time_s, f0_hz)
    highest = int(min(HARMONICS, TOP_HZ / max(50.0, float(control_hz.min()))))
    out = np.zeros(len(time_s))
    for number in range(1, highest + 1):
        harmonic_hz = number * control_hz
        gain = _tract_gain(harmonic_hz, formants_hz) * number**-voice.tilt
        gain *= np.clip((TOP_HZ - harmonic_hz) / 400.0, 0.0, 1.0)
        if voice.closed:
            gain /= 1.0 + (harmonic_hz / NASAL_CUT_HZ) ** 2
        out += np.interp(time_s, control_s, gain) * np.sin(number * phase)
    return out


def _tract_gain(frequency_hz: Floats, formants_hz: Floats) -> Floats:
    """Four resonances in parallel; what lies between them is not silent."""
    off = (frequency_hz[:, None] - formants_hz) / BANDWIDTHS_HZ
    return np.asarray(0.12 + (np.array([1.0, 0.6, 0.35, 0.2]) / np.sqrt(1.0 + off**2)).sum(axis=1))


def _breath(envelope: Floats, rng: np.random.Generator) -> Floats:
    """Air under the voice, deviation 1 where it sounds."""
    air = signal.lfilter([1.0, -0.9], [1.0], rng.standard_normal(len(envelope)))
    return np.asarray(envelope * air / np.std(air))


def _gap_noises(voiced: Floats, samples: int, voice: Voice, rng: np.random.Generator) -> Floats:
    """A consonant in each short gap of the voice, a breath at the end of each long one."""
    out = np.zeros(samples)
    edges = np.flatnonzero(np.diff(np.concatenate(([1.0], voiced, [1.0]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        gap_s = (end - start) * CONTROL_S
        if start == 0 or end >= len(voiced):
            continue
        if gap_s <= CONSONANT_S:
            _add_noise(out, start * CONTROL_S, gap_s, voice.level_db + voice.consonant_db, (2500.0, 7000.0), rng)
        elif gap_s > BREATH_S + 0.05:
            _add_noise(out, end * CONTROL_S - BREATH_S, BREATH_S, voice.level_db - 26.0, (600.0, 4500.0), rng)
    return out


def _add_noise(
    out: Floats,
    start_s: float,
    length_s: float,
    level_db: float,
    band_hz: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    start = round(start_s * SAMPLE_RATE_HZ)
    length = min(round(length_s * SAMPLE_RATE_HZ), len(out) - start)
    if length < 32:
        return
    taps = signal.butter(2, band_hz, "bandpass", fs=SAMPLE_RATE_HZ, output="sos")
    burst = signal.sosfilt(taps, rng.standard_normal(length + 200))[200:] * signal.windows.tukey(length, 0.5)
    out[start : start + length] += burst * 10 ** (level_db / 20) / np.std(burst)
