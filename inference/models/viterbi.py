"""The likeliest path through the activations of a take: exact within its moves, decided after a bounded lag."""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.models.estimator import Floats32

Bins = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PathRules:
    """How a pitch may move from one frame to the next; costs in log-likelihood."""

    band_bins: int = 11  # 220 cents in 10 ms: faster than any vibrato or glide
    sharpness: float = 4.0  # of an activation, 0..1, against the cost of moving
    leap_cost: float = 3.0  # of any jump: a blip that is no better for a frame or two does not pay it twice
    lag_frames: int = 50  # 0.5 s at 10 ms: what comes later has no say


def step_costs(rules: PathRules) -> Scores:
    """Of a step of -band_bins..band_bins: the logarithm of a triangle, as in torchcrepe's decoder; 0 for no step."""
    steps = np.abs(np.arange(-rules.band_bins, rules.band_bins + 1))
    return np.asarray(-np.log(1.0 - steps / (rules.band_bins + 1.0)))


class PathDecoder:
    """Takes activations as they come; however they are cut, the path is the same."""

    def __init__(self, bins: int, rules: PathRules) -> None:
        self._rules = rules
        self._costs = step_costs(rules)
        self._scores = np.zeros(bins)
        self._came_from = np.zeros((rules.lag_frames + 1, bins), np.int16)
        self._seen = 0

    @classmethod
    def again(cls, rules: PathRules, state: tuple[NDArray[np.generic], ...]) -> "PathDecoder":
        """One that goes on from another's `state`."""
        scores, came_from, seen = state
        decoder = cls(len(scores), rules)
        decoder._scores, decoder._came_from = scores.astype(np.float64), came_from.astype(np.int16)
        decoder._seen = int(seen[0])
        return decoder

    @property
    def state(self) -> tuple[Scores, NDArray[np.int16], Bins]:
        """All that a later frame depends on; a copy."""
        return self._scores.copy(), self._came_from.copy(), np.array([self._seen], np.int64)

    def push(self, activations: Floats32) -> Bins:
        """The bins of the frames that are decided now, oldest first: all but the last `lag_frames` of those pushed."""
        decided = np.zeros(len(activations), np.int64)
        rules = self._rules
        gains = rules.sharpness * activations.astype(np.float64)
        count = _advance(gains, self._costs, rules.leap_cost, self._scores, self._came_from, self._seen, decided)
        self._seen += len(activations)
        return decided[:count]

    def finish(self) -> Bins:
        """The bins of the frames that were still open."""
        count = min(self._seen, self._rules.lag_frames)
        path = np.zeros(count, np.int64)
        if count:
            _trace(self._came_from, self._seen - 1, int(self._scores.argmax()), path)
        return path


@njit(cache=True)
def _advance(
    gains: Scores, costs: Scores, leap_cost: float, scores: Scores, came_from: NDArray[np.int16], seen: int, out: Bins
) -> int:
    """Changes scores and came_from; writes the decided bins to `out` and returns their number."""
    frames, bins = gains.shape
    lag = len(came_from) - 1
    path = np.zeros(lag + 1, np.int64)
    before = np.full(bins + len(costs) - 1, -np.inf)  # nothing comes from beyond the bins
    count = 0
    is_settled = False
    for frame in range(frames):
        row = came_from[(seen + frame) % len(came_from)]
        is_silent = not gains[frame].any()
        if is_silent and is_settled:
            _stay(row)
        else:
            has_changed = _step(gains[frame], costs, leap_cost, scores, before, row)
            is_settled = is_silent and not has_changed  # then the next silent frame changes nothing either
        if seen + frame >= lag:
            _trace(came_from, seen + frame, _highest(scores), path)
            out[count] = path[0]
            count += 1
    return count


@njit(cache=True)
def _stay(row: NDArray[np.int16]) -> None:
    for place in range(len(row)):
        row[place] = place


@njit(cache=True)
def _highest(scores: Scores) -> int:
    best = 0
    for place in range(len(scores)):
        if scores[place] > scores[best]:
            best = place
    return best


@njit(cache=True)
def _step(
    gains: Scores, costs: Scores, leap_cost: float, scores: Scores, before: Scores, row: NDArray[np.int16]
) -> bool:
    """One frame: whether any score has changed. Of equal moves the first counts: to stay, to leap, from below."""
    bins, band = len(scores), len(costs) // 2
    best = _highest(scores)
    leap = scores[best] - leap_cost
    for to in range(bins):
        before[band + to] = scores[to]
        row[to] = -1 if leap > scores[to] else band
        scores[to] = max(leap, scores[to])
    for step in range(len(costs)):
        near, cost = before[step : step + bins], costs[len(costs) - 1 - step]
        for to in range(bins):  # in a form that becomes vector instructions
            score, top, source = near[to] - cost, scores[to], row[to]
            row[to] = step if score > top else source
            scores[to] = max(score, top)
    highest = -np.inf
    for to in range(bins):
        row[to] = best if row[to] < 0 else to + row[to] - band
        scores[to] += gains[to]
        highest = max(highest, scores[to])
    has_changed = False
    for to in range(bins):
        scores[to] -= highest
        has_changed |= scores[to] != before[band + to]
    return has_changed


@njit(cache=True)
def _trace(came_from: NDArray[np.int16], last: int, bin_of_last: int, path: Bins) -> None:
    """Fills the path of the frames up to `last`, which ends in `bin_of_last`."""
    place = bin_of_last
    for back in range(len(path)):
        path[len(path) - 1 - back] = place
        place = came_from[(last - back) % len(came_from), place]
