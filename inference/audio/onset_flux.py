"""How clearly something begins in a sound: the rise of its spectrum between neighbouring frames."""

import numpy as np
from numpy.typing import NDArray

from inference.audio.framing import SAMPLE_RATE_HZ, Samples, centred_windows

WINDOW_SAMPLES, HOP_SAMPLES = 512, 160
HOP_S = HOP_SAMPLES / SAMPLE_RATE_HZ
BANDS_HZ = np.array([200.0, 400.0, 700.0, 1100.0, 1600.0, 2300.0, 3200.0, 4500.0, 6500.0])  # a voice, without the bass
FLOOR = 1e-4  # of a band's power over the whole: what is quieter does not rise
LAG_FRAMES = 3  # a consonant lasts about so long
AROUND_FRAMES = 150  # each rise is told against those of the 3 s around it
BLOCK_FRAMES = 4096


def onset_flux(samples: Samples) -> NDArray[np.float64]:
    """0..1 per frame of HOP_S, frame i centred on sample i * HOP_SAMPLES; only peaks are not 0."""
    powers = band_powers(samples)
    if len(powers) <= LAG_FRAMES:
        return np.zeros(len(powers))
    logs = np.log(powers + FLOOR * (powers.mean(axis=0) + 1e-12))
    rise = np.zeros(len(powers))
    rise[LAG_FRAMES:] = np.maximum(0.0, logs[LAG_FRAMES:] - logs[:-LAG_FRAMES]).mean(axis=1)
    rise = np.roll(rise, -1)  # between the two frames, nearer the second
    return _peaks(rise)


def band_powers(samples: Samples) -> NDArray[np.float64]:
    """Mean power in each of BANDS_HZ, shape (frames, bands)."""
    frames = centred_windows(samples, WINDOW_SAMPLES, HOP_SAMPLES)
    window = np.hanning(WINDOW_SAMPLES)
    bins = np.searchsorted(np.fft.rfftfreq(WINDOW_SAMPLES, 1 / SAMPLE_RATE_HZ), BANDS_HZ)
    out = np.zeros((len(frames), len(BANDS_HZ) - 1))
    for first in range(0, len(frames), BLOCK_FRAMES):
        spectra = np.abs(np.fft.rfft(frames[first : first + BLOCK_FRAMES] * window, axis=1)) ** 2
        out[first : first + BLOCK_FRAMES] = np.add.reduceat(spectra, bins[:-1], axis=1)[:, : len(bins) - 1]
    return out / np.diff(bins)


def _peaks(rise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Local maxima, as a share of what is high around them."""
    width = 2 * AROUND_FRAMES + 1
    padded = np.pad(rise, AROUND_FRAMES, mode="edge")
    high = np.quantile(np.lib.stride_tricks.sliding_window_view(padded, width)[::10], 0.97, axis=1)
    level = np.interp(np.arange(len(rise)), np.arange(len(high)) * 10, high) + 0.05
    before, after = np.concatenate(([0.0], rise[:-1])), np.concatenate((rise[1:], [0.0]))
    return np.where((rise >= before) & (rise > after), np.clip(rise / level, 0.0, 1.0), 0.0)
