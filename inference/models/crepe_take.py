"""CREPE over a whole take: its activations decoded as one path, block by block, so that memory is bounded."""

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from inference.models.crepe import BINS, decode_round
from inference.models.estimator import (
    WINDOW_SAMPLES,
    ActivationEstimator,
    Flags,
    Floats32,
    FramePitches,
    OnProgress,
    Samples,
)
from inference.models.viterbi import PathDecoder, PathRules

BLOCK_FRAMES = 256  # 1 MB of windows, one call of the network; a progress report every 2.5 s of sound
PATH_RULES = PathRules()

Value = TypeVar("Value", np.float32, np.bool_)


def blocks_of(frames: int) -> Iterator[slice]:
    for first in range(0, frames, BLOCK_FRAMES):
        yield slice(first, min(frames, first + BLOCK_FRAMES))


def windows_of(samples: NDArray[Value], frames: slice, hop_samples: int) -> NDArray[Value]:
    """Shape (frames, WINDOW_SAMPLES): frame i is centred on sample i * hop; zeros beyond the ends."""
    half = WINDOW_SAMPLES // 2
    start, end = frames.start * hop_samples - half, (frames.stop - 1) * hop_samples + half
    inside = samples[max(0, start) : end]
    padded = np.pad(inside, (max(0, -start), max(0, end - len(samples))))
    return np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[::hop_samples]


def follow_path(
    crepe: ActivationEstimator, samples: Samples, hop_samples: int, wanted: Flags, on_progress: OnProgress
) -> FramePitches:
    """The likeliest path; frames that are not wanted say nothing about it and have f0 and periodicity 0."""
    decoder, parts = PathDecoder(BINS, PATH_RULES), []
    open_rows = np.zeros((0, BINS), np.float32)
    for block in blocks_of(len(wanted)):
        rows = _activations(crepe, windows_of(samples, block, hop_samples), wanted[block])
        open_rows = np.concatenate([open_rows, rows])
        path = decoder.push(rows)
        parts.append(decode_round(open_rows[: len(path)], path, crepe.bin_cents))
        open_rows = open_rows[len(path) :]
        on_progress(block.stop / len(wanted))
    parts.append(decode_round(open_rows, decoder.finish(), crepe.bin_cents))
    f0_hz = np.concatenate([part.f0_hz for part in parts])
    periodicity = np.concatenate([part.periodicity for part in parts])
    return FramePitches(np.where(wanted, f0_hz, 0), np.where(wanted, periodicity, 0))


def _activations(crepe: ActivationEstimator, windows: Samples, wanted: Flags) -> Floats32:
    rows = np.zeros((len(windows), BINS), np.float32)
    if wanted.any():
        rows[wanted] = crepe.activations(windows[wanted])
    return rows
