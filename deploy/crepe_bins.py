"""What pitch each bin of CREPE tiny stands for: 20 cents apart by design, up to 20 cents elsewhere as it was trained.

Fitted to windows of which the pitch is known, by voices of an own generator: neither the singing that accuracy is
measured on nor a real singer is among them.
"""

import numpy as np
from numpy.typing import NDArray

from inference.models.crepe import AVERAGED_BINS, BINS, EVEN_BINS
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, ActivationEstimator, Floats32, Windows

COUNT, BATCH = 8192, 64  # windows; so many together stay in the cache
LOW_HZ, HIGH_HZ = 45.0, 1400.0
LEVEL = 0.1  # RMS
TOP_HZ, PARTIALS = 7600.0, 60  # of a voice
GLIDE_CENTS_PER_S = 400.0  # deviation
RESONANCES_HZ = ((250.0, 900.0), (700.0, 2400.0), (2200.0, 3600.0))
SNR_DB = (60.0, 40.0, 30.0, 20.0, 15.0, 10.0)
HEARD, NEAR_CENTS = 0.3, 60.0  # a window with less activation or a larger error says nothing of bins
WINDOWS_OF_DOUBT = 2.0  # hold each bin where CREPE has it: without them neighbours move against each other
Floats = NDArray[np.float64]


def fitted_bins(crepe: ActivationEstimator) -> Floats:
    """Cents above 10 Hz, shape (BINS,), rising."""
    random = np.random.default_rng(360)
    batches = [gliding_voices(BATCH, random) for _ in range(COUNT // BATCH)]
    activation = np.concatenate([crepe.activations(windows) for windows, _ in batches])
    return fit(activation, np.concatenate([cents for _, cents in batches]))


def fit(activation: Floats32, cents: Floats) -> Floats:
    """The ridge regression from the weights of the local average to the true pitch."""
    shares = _shares(activation)
    errors = cents - shares @ EVEN_BINS
    told = (activation.max(axis=1) > HEARD) & (np.abs(errors) < NEAR_CENTS)
    shares, errors = shares[told], errors[told]
    doubt = WINDOWS_OF_DOUBT * np.eye(BINS)
    return EVEN_BINS + np.linalg.solve(shares.T @ shares + doubt, shares.T @ errors)


def _shares(activation: Floats32) -> Floats:
    """What part each bin has in the local average; shape (windows, BINS)."""
    near = np.abs(np.arange(BINS) - activation.argmax(axis=1)[:, None]) <= AVERAGED_BINS
    weights = np.where(near, activation, 0.0).astype(np.float64)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def gliding_voices(count: int, random: np.random.Generator) -> tuple[Windows, Floats]:
    """Windows, and the pitch in their middle in cents above 10 Hz."""
    f0_hz = LOW_HZ * (HIGH_HZ / LOW_HZ) ** random.random(count)
    glide = random.normal(0.0, GLIDE_CENTS_PER_S, count)
    seconds = (np.arange(WINDOW_SAMPLES) - WINDOW_SAMPLES // 2) / SAMPLE_RATE_HZ
    now_hz = f0_hz[:, None] * 2 ** (glide[:, None] * seconds / 1200)
    turn = np.exp(2j * np.pi * np.cumsum(now_hz, axis=1) / SAMPLE_RATE_HZ)
    voices = np.zeros_like(turn)
    for amplitudes in _amplitudes(f0_hz, random).T[::-1, :, None]:  # Horner's way to the sum of a * turn^k
        voices = (voices + amplitudes) * turn
    noise_db = -random.choice(SNR_DB, count)[:, None]
    sound = _even(voices.imag) + 10 ** (noise_db / 20) * _even(_coloured_noise(count, random))
    return (LEVEL * sound).astype(np.float32), 1200 * np.log2(f0_hz / 10.0)


def _amplitudes(f0_hz: Floats, random: np.random.Generator) -> NDArray[np.complex128]:
    """Falling partials under three resonances, no two alike, in half of the voices with phases of their own."""
    count = len(f0_hz)
    numbers = np.arange(1, PARTIALS + 1)
    partials_hz = f0_hz[:, None] * numbers
    level_db = -20 * random.uniform(0.6, 2.0, (count, 1)) * np.log10(numbers) + random.normal(0, 2, partials_hz.shape)
    for low_hz, high_hz in RESONANCES_HZ:
        away_hz = partials_hz - random.uniform(low_hz, high_hz, (count, 1))
        level_db += random.uniform(4, 20, (count, 1)) / (1 + (away_hz / random.uniform(80, 250, (count, 1))) ** 2)
    phases = 2 * np.pi * random.random(partials_hz.shape) * random.integers(0, 2, (count, 1))
    return np.asarray(np.where(partials_hz < TOP_HZ, 10 ** (level_db / 20) * np.exp(1j * phases), 0))


def _coloured_noise(count: int, random: np.random.Generator) -> Floats:
    """From white to brown."""
    spectra = np.fft.rfft(random.standard_normal((count, WINDOW_SAMPLES)), axis=1)
    slopes = random.uniform(0.0, 1.0, (count, 1))
    return np.fft.irfft(spectra * np.maximum(np.arange(spectra.shape[1]), 3.0) ** -slopes, axis=1)


def _even(sound: Floats) -> Floats:
    """Each row with a power of 1."""
    return np.asarray(sound / np.sqrt(np.mean(sound**2, axis=1, keepdims=True)))
