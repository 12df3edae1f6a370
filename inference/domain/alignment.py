"""The numeric loops, compiled by numba and kept on disk: banded DTW, note segmentation, onset matching, placement."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.domain.track import Flags, Floats

Indices = NDArray[np.int64]

FAR = 1e18
DIAGONAL, WRITTEN_WAITS, SUNG_WAITS = 0, 1, 2


@njit(cache=True)
def folded(semitones: float) -> float:
    return (semitones + 6.0) % 12.0 - 6.0


@njit(cache=True)
def _frame_cost(written: float, sung: float, heard: bool, free: bool, cap: float, voicing_cost: float) -> float:
    if not heard or free:
        return 0.0
    if np.isnan(written) and np.isnan(sung):
        return 0.0
    if np.isnan(written) or np.isnan(sung):
        return voicing_cost
    return min(cap, abs(folded(sung - written)))


@njit(cache=True)
def _banded_steps(
    written: Floats,
    sung: Floats,
    heard: Flags,
    free: Flags,
    band: int,
    step_cost: float,
    cap: float,
    voicing_cost: float,
) -> NDArray[np.int8]:
    """The step that reached each cell of the band, shape (frames, 2 * band + 1)."""
    frames = len(written)
    width = 2 * band + 1
    steps = np.zeros((frames, width), dtype=np.int8)
    before = np.full(width + 1, FAR)  # one cell more than the band: nothing comes from there
    now = np.full(width + 1, FAR)
    before[band] = 0.0
    for i in range(frames):
        for k in range(width):
            j = i + k - band
            if j < 0 or j >= frames:
                now[k] = FAR
                continue
            arrivals = (
                before[k],
                now[k - 1] + step_cost if k > 0 else FAR,
                before[k + 1] + step_cost if i > 0 else FAR,
            )
            step = DIAGONAL
            for other in (WRITTEN_WAITS, SUNG_WAITS):
                if arrivals[other] < arrivals[step]:
                    step = other
            now[k] = arrivals[step] + _frame_cost(written[i], sung[j], heard[j], free[i], cap, voicing_cost)
            steps[i, k] = step
        before, now = now, before
    return steps


@njit(cache=True)
def banded_path(
    written: Floats,
    sung: Floats,
    heard: Flags,
    free: Flags,
    band: int,
    step_cost: float,
    cap: float,
    voicing_cost: float,
) -> Indices:
    """The exact cheapest path within +-band frames of the diagonal, shape (steps, 2): (written, sung) frames."""
    steps = _banded_steps(written, sung, heard, free, band, step_cost, cap, voicing_cost)
    frames = len(written)
    path = np.empty((2 * frames + 2 * band + 1, 2), dtype=np.int64)
    count = 0
    i = frames - 1
    k = band
    while i >= 0:
        path[count, 0] = i
        path[count, 1] = i + k - band
        count += 1
        step = steps[i, k]
        if step == WRITTEN_WAITS:
            k -= 1
        else:
            i -= 1
            k += step == SUNG_WAITS
    return path[:count][::-1].copy()


@njit(cache=True)
def placement_credit(
    written: Floats,
    weight: Floats,
    sung: Floats,
    heard: Flags,
    shifts: Indices,
    keys: int,
    full: float,
    none: float,
) -> Floats:
    """Mean credit of every (shift, key), unaligned, shape (shifts, keys); shift in frames, keys 0..keys-1 semitones."""
    out = np.zeros((len(shifts), keys))
    frames = len(written)
    for s in range(len(shifts)):
        total = 0.0
        for i in range(max(0, -shifts[s]), min(frames, frames - shifts[s])):
            j = i + shifts[s]
            if weight[i] <= 0.0 or not heard[j]:
                continue
            total += weight[i]
            off = sung[j] - written[i]
            if np.isnan(off):
                continue
            for near in range(int(np.ceil(off - none)), int(np.floor(off + none)) + 1):
                key = near % 12  # a key further off than `none` earns nothing
                if key < keys:
                    out[s, key] += weight[i] * min(1.0, (none - abs(off - near)) / (none - full))
        if total > 0.0:
            out[s] /= total
    return out


@njit(cache=True)
def steady_pitches(midi: Floats, levels: Floats, change_cost: float, cap: float) -> Indices:
    """For a voiced run: the index into `levels` of the note that each frame belongs to (piecewise constant, exact)."""
    frames = len(midi)
    count = len(levels)
    came_from = np.zeros((frames, count), dtype=np.int32)
    cost = np.zeros(count)
    for i in range(frames):
        best = 0
        for k in range(1, count):
            if cost[k] < cost[best]:
                best = k
        least = cost[best] + change_cost
        for k in range(count):
            if i > 0 and least < cost[k]:
                cost[k] = least
                came_from[i, k] = best
            else:
                came_from[i, k] = k
            cost[k] += min(cap, abs(midi[i] - levels[k]))
    out = np.empty(frames, dtype=np.int64)
    state = np.argmin(cost)
    for i in range(frames - 1, -1, -1):
        out[i] = state
        state = came_from[i, state]
    return out


@njit(cache=True)
def matched_onsets(worth: Floats) -> Indices:
    """Order-preserving one-to-one matching of most worth, shape (written, sung): the sung index per written, or -1."""
    rows, columns = worth.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(1, rows + 1):
        for j in range(1, columns + 1):
            value = max(best[i - 1, j], best[i, j - 1])
            if worth[i - 1, j - 1] > 0.0:
                value = max(value, best[i - 1, j - 1] + worth[i - 1, j - 1])
            best[i, j] = value
    out = np.full(rows, -1, dtype=np.int64)
    i = rows
    j = columns
    while i > 0 and j > 0:
        if best[i, j] == best[i - 1, j]:
            i -= 1
        elif best[i, j] == best[i, j - 1]:
            j -= 1
        else:
            out[i - 1] = j - 1
            i -= 1
            j -= 1
    return out
