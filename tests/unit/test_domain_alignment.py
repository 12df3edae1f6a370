"""The compiled loops against plain references: the cheapest path, the matching of most worth."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.domain.aligned_take import align_take
from inference.domain.alignment import banded_path, matched_onsets
from inference.domain.cents import fold
from inference.domain.contour import GRID_FIRST_S
from inference.domain.take_score import Written
from inference.domain.track import Flags, Floats
from tests.unit.synthetic_singers import HOP_S, NO_WORDS, RULES, Singer, sing, tune

CAP, VOICING, STEP = RULES.distance_cap_semitones, RULES.voicing_cost_semitones, RULES.dtw_step_cost


def frame_costs(written: Floats, sung: Floats, heard: Flags, free: Flags) -> Floats:
    """Cost of every pair, shape (frames, frames)."""
    apart = np.abs(fold(sung[None, :] - written[:, None]))
    one_silent = np.isnan(written)[:, None] ^ np.isnan(sung)[None, :]
    cost = np.where(one_silent, VOICING, np.nan_to_num(np.minimum(apart, CAP)))
    return np.asarray(np.where(~heard[None, :] | free[:, None], 0.0, cost))


def least_cost(cost: Floats, band: int) -> float:
    """The textbook recursion, cell by cell."""
    frames = len(cost)
    best = np.full((frames, frames), np.inf)
    for i in range(frames):
        for j in range(max(0, i - band), min(frames, i + band + 1)):
            ways = [0.0 if i == j == 0 else np.inf]
            if i and j:
                ways.append(best[i - 1, j - 1])
            if i:
                ways.append(best[i - 1, j] + STEP)
            if j:
                ways.append(best[i, j - 1] + STEP)
            best[i, j] = min(ways) + cost[i, j]
    return float(best[-1, -1])


def cost_of(path: np.ndarray[tuple[int, int], np.dtype[np.int64]], cost: Floats) -> float:
    off_diagonal: int = sum((b - a).tolist() != [1, 1] for a, b in pairwise(path))
    return float(cost[path[:, 0], path[:, 1]].sum()) + STEP * off_diagonal


def contours(seed: int, frames: int) -> tuple[Floats, Floats, Floats, Flags, Flags, Flags]:
    """Notes with rests, sung with other lengths, and the same less smoothed; some frames are lost, free, or brief."""
    rng = np.random.default_rng(seed)
    held = rng.integers(4, 12, frames)
    notes = np.where(rng.random(frames) < 0.2, np.nan, rng.integers(55, 70, frames).astype(float))
    written = np.repeat(notes, held)[:frames]
    sung = np.repeat(notes, np.maximum(2, held + rng.integers(-3, 4, frames)))[:frames] + rng.normal(0, 0.3, frames)
    quick = sung + rng.normal(0, 0.5, frames)
    lost, free, brief = rng.random(frames) < 0.05, rng.random(frames) < 0.05, rng.random(frames) < 0.3
    return written, sung, quick, ~lost, free, brief


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("band", [0, 3, 12, 60])
def test_the_banded_path_is_the_cheapest_of_the_band(seed: int, band: int) -> None:
    written, sung, quick, heard, free, brief = contours(seed, 60)
    path = banded_path(written, sung, quick, heard, free, brief, band, STEP, CAP, np.full(60, VOICING))
    cost = frame_costs(written, sung, heard, free)
    cost[brief] = np.minimum(cost, frame_costs(written, quick, heard, free))[brief]
    assert (np.abs(path[:, 1] - path[:, 0]) <= band).all()
    assert (path[0].tolist(), path[-1].tolist()) == ([0, 0], [59, 59])
    assert cost_of(path, cost) == pytest.approx(least_cost(cost, band), abs=1e-9)


def test_the_path_is_connected_and_never_goes_back() -> None:
    path = banded_path(*contours(3, 400), 25, STEP, CAP, np.full(400, VOICING))
    steps = np.diff(path, axis=0)
    assert set(map(tuple, steps.tolist())) <= {(1, 1), (1, 0), (0, 1)}


def best_worth(worth: Floats) -> float:
    rows, columns = worth.shape
    best = np.zeros((rows + 1, columns + 1))
    for i in range(rows):
        for j in range(columns):
            best[i + 1, j + 1] = max(best[i, j + 1], best[i + 1, j], best[i, j] + worth[i, j])
    return float(best[-1, -1])


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.floats(0, 10), max_size=9), st.lists(st.floats(0, 10), max_size=9), st.floats(0.2, 4), st.integers(0, 9)
)
def test_the_matching_is_in_order_one_to_one_and_of_most_worth(
    written_s: list[float], sung_s: list[float], reach_s: float, seed: int
) -> None:
    rows, columns = np.sort(written_s), np.sort(sung_s)
    first = np.searchsorted(columns, rows - reach_s).astype(np.int64)
    last = np.searchsorted(columns, rows + reach_s, side="right").astype(np.int64)
    whole = np.zeros((len(rows), len(columns)))
    for i, (a, b) in enumerate(zip(first, last, strict=True)):
        whole[i, a:b] = np.random.default_rng(seed + i).choice([0.0, 0.25, 0.5, 1.0], b - a)
    flat = np.concatenate([whole[i, a:b] for i, (a, b) in enumerate(zip(first, last, strict=True))] or [np.zeros(0)])
    match = matched_onsets(first, last, flat)
    hit = np.flatnonzero(match >= 0)
    assert (np.diff(match[hit]) > 0).all()
    assert whole[hit, match[hit]].sum() == pytest.approx(best_worth(whole))


def test_a_take_laid_on_its_reference_tells_key_latency_clock_path_and_onsets() -> None:
    melody = tune(7, 60.0)
    track = sing(melody, Singer(seed=1, cents=-300.0, late_s=0.2, tempo=1.001))
    found = align_take(Written(melody, NO_WORDS, None), track, track.times_s, RULES)
    assert found.key_semitones == -3
    assert found.latency_s == pytest.approx(0.2, abs=0.04)
    assert found.clock_drift_ppm == pytest.approx(1000, abs=250)
    assert (found.hop_s, found.first_s) == (HOP_S, GRID_FIRST_S)
    assert np.abs(found.path_frames).max() <= RULES.dtw_band_s / HOP_S
    assert 0 < found.cost_semitones < 0.3
    notes = [(line, n, note) for line, phrase in enumerate(melody.phrases) for n, note in enumerate(phrase.notes)]
    assert [(match.phrase, match.note) for match in found.onsets] == [(line, n) for line, n, _note in notes]
    sung = [match for match in found.onsets if match.sung_s is not None]
    assert len(sung) >= 0.9 * len(notes)
    assert all(abs((match.sung_s or 0.0) - match.written_s) < 0.1 for match in sung)


def test_the_path_follows_a_note_that_came_late() -> None:
    melody = tune(7, 20.0)
    late = melody.phrases[1]
    track = sing(melody, Singer(consonant_s=0.0, scoop_s=0.0, vibrato_cents=0.0))
    start, end = round(late.onset_s / HOP_S), round(late.offset_s / HOP_S)
    f0_hz = track.f0_hz.copy()
    f0_hz[start + 10 : end + 10] = track.f0_hz[start:end]
    f0_hz[start : start + 10] = 0.0
    moved = type(track)(0.0, HOP_S, f0_hz, track.periodicity, track.measured, "synthetic")
    found = align_take(Written(melody, NO_WORDS, None), moved, moved.times_s, RULES)
    inside = found.path_frames[start + 100 + 20 : end + 100 - 20]
    assert np.median(inside) == pytest.approx(10, abs=1)
