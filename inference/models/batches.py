"""Windows in batches of fixed sizes: a CUDA graph computes one size only."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.models.estimator import Windows

SIZES = (8, 16, 32, 64, 128, 256)  # as many singers as a judge takes; the next power of two wastes half at most


@dataclass(frozen=True, slots=True)
class Batch:
    first: int  # of the windows
    count: int  # of windows; the rest of `size` is padding
    size: int


def batches(count: int, sizes: tuple[int, ...] = SIZES) -> Iterator[Batch]:
    """The largest size as often as it fills, then the smallest that holds what is left. `sizes` rise."""
    largest = sizes[-1]
    for first in range(0, count, largest):
        left = min(largest, count - first)
        yield Batch(first, left, next(size for size in sizes if size >= left))


def in_batches(
    windows: Windows, compute: Callable[[Windows, int], NDArray[np.float32]], sizes: tuple[int, ...] = SIZES
) -> list[NDArray[np.float32]]:
    """`compute(windows, size)` of each batch, in order: it pads to `size`, and answers for its windows alone."""
    return [compute(windows[one.first : one.first + one.count], one.size) for one in batches(len(windows), sizes)]
