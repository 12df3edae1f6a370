"""What a microphone hears while nobody sings: 16 kHz, mono, about as loud as a voice."""

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tests.support.channel import SAMPLE_RATE_HZ, Samples, pink_noise

LEVEL = 0.1  # RMS: -20 dBFS, where a voice is too
CLAPS_PER_S = 250.0  # of a hall that applauds
CLAP_DECAY_S = 0.012
HARMONICS_OF_THE_MAINS = (1.0, 0.5, 0.7, 0.2, 0.4, 0.1, 0.2)  # 50 Hz, 100 Hz, ... of a cheap power supply
BLADE_HZ = 105.0  # seven blades, fifteen turns a second
SIREN_S = 4.0  # up and down again


def silence(seconds: float) -> Samples:
    return np.zeros(_length(seconds), np.float32)


def white(seconds: float, seed: int = 0) -> Samples:
    return _at_level(np.random.default_rng(seed).standard_normal(_length(seconds)))


def pink(seconds: float, seed: int = 0) -> Samples:
    return _at_level(pink_noise(_length(seconds), seed).astype(np.float64))


def applause(seconds: float, seed: int = 0) -> Samples:
    """Hands of all sizes, each clap a short burst of noise round its own frequency."""
    rng = np.random.default_rng(seed)
    out = np.zeros(_length(seconds))
    length = round(6 * CLAP_DECAY_S * SAMPLE_RATE_HZ)
    decay = np.exp(-np.arange(length) / (CLAP_DECAY_S * SAMPLE_RATE_HZ))
    for start in rng.integers(0, len(out) - length, round(CLAPS_PER_S * seconds)):
        b, a = signal.iirpeak(rng.uniform(700.0, 2500.0), 1.2, fs=SAMPLE_RATE_HZ)
        out[start : start + length] += rng.uniform(0.2, 1.0) * signal.lfilter(b, a, rng.standard_normal(length)) * decay
    return _at_level(out)


def fan(seconds: float, seed: int = 0) -> Samples:
    """Air without high tones, and the blades that pass, 15 dB below it."""
    low = signal.butter(1, 400.0, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")
    air = signal.sosfilt(low, np.random.default_rng(seed).standard_normal(_length(seconds)))
    return _at_level(air / np.std(air) + 10 ** (-15 / 20) * _tone(seconds, BLADE_HZ, (1.0, 0.4, 0.2)))


def mains_hum(seconds: float) -> Samples:
    return _at_level(_tone(seconds, 50.0, HARMONICS_OF_THE_MAINS))


def clicks(seconds: float, every_s: float = 0.25) -> Samples:
    """A metronome without pitch."""
    out = np.zeros(_length(seconds))
    out[:: round(every_s * SAMPLE_RATE_HZ)] = 1.0
    b, a = signal.butter(2, [1500.0, 6000.0], "bandpass", fs=SAMPLE_RATE_HZ)
    return _at_level(signal.lfilter(b, a, out))


def siren(seconds: float) -> Samples:
    """Sweeps two octaves up and down."""
    time_s = np.arange(_length(seconds)) / SAMPLE_RATE_HZ
    f0_hz = 220.0 * 2.0 ** (1.0 + signal.sawtooth(2 * np.pi * time_s / SIREN_S, 0.5))
    phase = 2 * np.pi * np.cumsum(f0_hz) / SAMPLE_RATE_HZ
    return _at_level(sum((np.sin(k * phase) / k for k in range(1, 7)), np.zeros(len(phase))))


def one_tone(seconds: float, f0_hz: float) -> Samples:
    """A pitch pipe that is never taken from the lips."""
    return _at_level(_tone(seconds, f0_hz, (1.0, 0.5, 0.3, 0.2)))


def _tone(seconds: float, f0_hz: float, harmonics: tuple[float, ...]) -> NDArray[np.float64]:
    phase = 2 * np.pi * f0_hz * np.arange(_length(seconds)) / SAMPLE_RATE_HZ
    tone = sum((share * np.sin(k * phase) for k, share in enumerate(harmonics, start=1)), np.zeros(len(phase)))
    return np.asarray(tone / np.std(tone))


def _length(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE_HZ)


def _at_level(sound: NDArray[np.float64]) -> Samples:
    return np.asarray(np.clip(LEVEL * sound / np.std(sound), -1.0, 1.0), np.float32)
