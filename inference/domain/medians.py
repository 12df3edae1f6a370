"""Medians of a few numbers, thousands of times: as numpy's to the last bit, without its overhead."""

import numpy as np
from numba import njit

from inference.domain.track import Floats


@njit(cache=True, nogil=True)
def median_of(values: Floats) -> float:
    """Of numbers, one at least; shape (values,)."""
    ordered = np.sort(values)
    half = len(ordered) // 2
    return float(ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2.0)


@njit(cache=True, nogil=True)
def running_median(values: Floats, width: int) -> Floats:
    """Of the numbers within `width` round each number; NaN where there is none."""
    half = width // 2
    out = np.full(len(values), np.nan)
    near = np.empty(2 * half + 1)
    for place in range(len(values)):
        if np.isnan(values[place]):
            continue
        count = 0
        for other in range(max(0, place - half), min(len(values), place - half + width)):
            value = values[other]
            if np.isnan(value):
                continue
            slot = count
            while slot > 0 and near[slot - 1] > value:
                near[slot] = near[slot - 1]
                slot -= 1
            near[slot] = value
            count += 1
        middle = count // 2
        out[place] = near[middle] if count % 2 else (near[middle - 1] + near[middle]) / 2.0
    return out
