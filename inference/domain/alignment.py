"""The numeric loops, compiled by numba and kept on disk: banded DTW, note segmentation, onset matching, placement."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.domain.medians import median_of
from inference.domain.track import Flags, Floats

Indices = NDArray[np.int64]

FAR = 1e18
DIAGONAL, WRITTEN_WAITS, SUNG_WAITS = 0, 1, 2


@njit(cache=True, nogil=True)
def folded(semitones: float) -> float:
    return (semitones + 6.0) % 12.0 - 6.0


@njit(cache=True, nogil=True)
def _frame_cost(written: float, sung: float, heard: bool, free: bool, cap: float, voicing_cost: float) -> float:
    if not heard or free:
        return 0.0
    if np.isnan(written) and np.isnan(sung):
        return 0.0
    if np.isnan(written) or np.isnan(sung):
        return voicing_cost
    return min(cap, abs(folded(sung - written)))


@njit(cache=True, nogil=True)
def _banded_steps(
    written: Floats,
    sung: Floats,
    quick: Floats,
    heard: Flags,
    free: Flags,
    brief: Flags,
    band: int,
    step_cost: float,
    cap: float,
    voicing_cost: Floats,
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
            cost = _frame_cost(written[i], sung[j], heard[j], free[i], cap, voicing_cost[i])
            if brief[i]:
                cost = min(cost, _frame_cost(written[i], quick[j], heard[j], free[i], cap, voicing_cost[i]))
            now[k] = arrivals[step] + cost
            steps[i, k] = step
        before, now = now, before
    return steps


@njit(cache=True, nogil=True)
def banded_path(
    written: Floats,
    sung: Floats,
    quick: Floats,
    heard: Flags,
    free: Flags,
    brief: Flags,
    band: int,
    step_cost: float,
    cap: float,
    voicing_cost: Floats,
) -> Indices:
    """The exact cheapest path within +-band frames of the diagonal, shape (steps, 2): (written, sung) frames.

    voicing_cost: of each written frame that meets silence, or of each rest that meets a voice.
    """
    steps = _banded_steps(written, sung, quick, heard, free, brief, band, step_cost, cap, voicing_cost)
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


@njit(cache=True, nogil=True)
def _divide(row: Floats, divisor: float) -> None:
    """Number by number: numba takes seconds to compile `row /= divisor`."""
    for place in range(len(row)):
        row[place] /= divisor


@njit(cache=True, nogil=True)
def placement_credit(
    written: Floats,
    weight: Floats,
    sung: Floats,
    heard: Flags,
    shifts: Floats,
    stretch: float,
    stride: int,
    keys: int,
    full: float,
    none: float,
) -> Floats:
    """Mean credit of every (shift, key), unaligned, shape (shifts, keys); every `stride`-th frame is looked at.

    Written frame i is sung at frame i * stretch + shift; key k is k semitones, 0..keys-1.
    """
    out = np.zeros((len(shifts), keys))
    frames = len(written)
    span = none - full
    due = np.array([i for i in range(0, frames, stride) if weight[i] > 0.0])
    for s in range(len(shifts)):
        total = 0.0
        for i in due:
            j = int(np.floor(i * stretch + shifts[s] + 0.5))
            if j < 0 or j >= frames or not heard[j]:
                continue
            total += weight[i]
            off = sung[j] - written[i]
            if np.isnan(off):
                continue
            first = int(np.ceil(off - none))
            key = first % 12
            for near in range(first, int(np.floor(off + none)) + 1):
                if key < keys:  # a key further off than `none` earns nothing
                    left = none - abs(off - near)
                    out[s, key] += weight[i] * (1.0 if left >= span else left / span)
                key = key + 1 if key < 11 else 0
        if total > 0.0:
            _divide(out[s], total)
    return out


@njit(cache=True, nogil=True)
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


@njit(cache=True, nogil=True)
def settled_borders(stepped: Floats, borders: Indices, reach: int, least: int) -> Indices:
    """Each border where the voice steps from one note to the next: centring the vibrato has blurred it.

    It moves `reach` frames at most and leaves `least` to either side; the first and the last one stay.
    """
    out = borders.copy()
    for k in range(1, len(out) - 1):
        before, border, after = out[k - 1], out[k], out[k + 1]
        low, high = max(before + least, border - reach), min(after - least, border + reach)
        if low >= high:
            continue
        left, right = median_of(stepped[before:border]), median_of(stepped[border:after])
        cost = 0.0
        least_cost = np.inf
        for place in range(before, high + 1):
            if place >= low and cost < least_cost:
                least_cost, out[k] = cost, place
            if place < high:
                cost += abs(stepped[place] - left) - abs(stepped[place] - right)
    return out


@njit(cache=True, nogil=True)
def matched_onsets(first: Indices, last: Indices, worth: Floats) -> Indices:
    """Order-preserving one-to-one matching of most worth: the sung index per written, or -1.

    Row i may meet the sung onsets first[i] to last[i] - 1 (neither falls); their worth is in `worth`, row after row.
    """
    rows = len(first)
    starts = np.zeros(rows + 1, dtype=np.int64)  # of each row in `worth`
    for i in range(rows):
        starts[i + 1] = starts[i] + last[i] - first[i]
    best = np.zeros(starts[rows] + rows)  # row i, after j sung ones, first[i] <= j <= last[i]: best[starts[i] + i + j]
    for i in range(rows):
        here = starts[i] + i - first[i]
        for j in range(first[i], last[i] + 1):
            value = 0.0
            if i > 0:
                above = starts[i - 1] + i - 1 - first[i - 1]
                value = best[above + min(j, last[i - 1])]
                if j > first[i] and worth[starts[i] + j - 1 - first[i]] > 0.0:
                    met = best[above + min(j - 1, last[i - 1])] + worth[starts[i] + j - 1 - first[i]]
                    value = max(value, met)
            elif j > first[i]:
                value = max(0.0, worth[starts[i] + j - 1 - first[i]])
            if j > first[i]:
                value = max(value, best[here + j - 1])
            best[here + j] = value
    return _retraced(first, last, starts, best)


@njit(cache=True, nogil=True)
def _retraced(first: Indices, last: Indices, starts: Indices, best: Floats) -> Indices:
    rows = len(first)
    out = np.full(rows, -1, dtype=np.int64)
    i = rows - 1
    j = last[i] if rows else 0
    while i >= 0:
        j = min(j, last[i])
        here = best[starts[i] + i + j - first[i]]
        above = best[starts[i - 1] + i - 1 + min(j, last[i - 1]) - first[i - 1]] if i > 0 else 0.0
        if here == above:
            i -= 1
        elif j > first[i] and here == best[starts[i] + i + j - 1 - first[i]]:
            j -= 1
        else:
            out[i] = j - 1
            i -= 1
            j -= 1
    return out
