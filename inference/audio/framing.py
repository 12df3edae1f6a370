"""Samples as overlapping windows on an even grid, and how loud each window is."""

import numpy as np
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 16_000
SILENCE_DB = -120.0  # the level of digital silence

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]


def frame_count(sample_count: int, hop_samples: int) -> int:
    """Frames are centred at 0, hop, 2 hop, ... as long as the centre lies inside the sound."""
    return -(-sample_count // hop_samples)


def centred_windows(samples: Samples, window_samples: int, hop_samples: int) -> Samples:
    """A view, shape (frames, window_samples); frame i is centred at i * hop_samples, zeros beyond the ends."""
    half = window_samples // 2
    padded = np.pad(samples, (half, half + hop_samples))
    views = np.lib.stride_tricks.sliding_window_view(padded, window_samples)
    return views[::hop_samples][: frame_count(len(samples), hop_samples)]


def windows_all_true(flags: Flags, window_samples: int, hop_samples: int) -> Flags:
    """For each centred window whether every one of its samples is flagged; what lies outside counts as flagged."""
    centres = hop_samples * np.arange(frame_count(len(flags), hop_samples))
    unset = np.flatnonzero(~flags)  # few: a count before each sample would take eight times the memory of the sound
    starts = np.clip(centres - window_samples // 2, 0, len(flags))
    ends = np.clip(centres + window_samples // 2, 0, len(flags))
    return np.asarray(np.searchsorted(unset, ends) == np.searchsorted(unset, starts))


def level_db(windows: Samples) -> NDArray[np.float64]:
    """RMS of each window in dBFS, shape (windows,)."""
    power = np.einsum("ij,ij->i", windows, windows, dtype=np.float64) / windows.shape[1]
    return np.asarray(10 * np.log10(np.maximum(power, 10 ** (SILENCE_DB / 10))), np.float64)
