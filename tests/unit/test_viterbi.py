"""The path through the activations: exact, the same however it is fed, and what it does to singing."""

from itertools import pairwise, product

import numpy as np
import pytest

from inference.models.crepe import BINS, CENTS_PER_BIN, FIRST_BIN_CENTS, decode_round
from inference.models.estimator import Floats32
from inference.models.viterbi import Bins, PathDecoder, PathRules, step_costs

SMALL = PathRules(band_bins=2, sharpness=3.0, leap_cost=2.5, lag_frames=20)


def path_of(activations: Floats32, rules: PathRules, cuts: tuple[int, ...] = ()) -> Bins:
    decoder = PathDecoder(activations.shape[1], rules)
    parts = [decoder.push(part) for part in np.split(activations, cuts)]
    return np.concatenate([*parts, decoder.finish()])


def score_of(path: tuple[int, ...], activations: Floats32, rules: PathRules) -> float:
    """What the path earns, written down a second time."""
    costs = step_costs(rules)
    earned = rules.sharpness * sum(float(activations[frame, place]) for frame, place in enumerate(path))
    for before, after in pairwise(path):
        step = abs(after - before)
        near = float(costs[rules.band_bins + step]) if step <= rules.band_bins else np.inf
        earned -= min(near, rules.leap_cost)
    return earned


def best_score(activations: Floats32, rules: PathRules) -> float:
    frames, bins = activations.shape
    return max(score_of(path, activations, rules) for path in product(range(bins), repeat=frames))


@pytest.mark.parametrize("seed", range(12))
def test_no_other_path_earns_more(seed: int) -> None:
    activations = np.random.default_rng(seed).random((5, 6)).astype(np.float32)
    found = score_of(tuple(path_of(activations, SMALL).tolist()), activations, SMALL)
    # A leap starts at the best bin of the frame before: no other start earns more.
    assert found == pytest.approx(best_score(activations, SMALL), abs=1e-6)


def best_score_of_many(activations: Floats32, rules: PathRules) -> float:
    """As `best_score` for more frames: the highest sum, without the path."""
    bins = np.arange(activations.shape[1])
    steps = np.abs(bins[:, None] - bins)
    near = np.where(
        steps <= rules.band_bins, -np.log(1 - np.minimum(steps, rules.band_bins) / (rules.band_bins + 1)), 9
    )
    earned = rules.sharpness * activations.astype(np.float64)
    best = earned[0]
    for frame in earned[1:]:
        best = (best[:, None] - np.minimum(near, rules.leap_cost)).max(axis=0) + frame
    return float(best.max())


@pytest.mark.parametrize("silent_frames", [1, 7, 200])
def test_no_other_path_earns_more_through_silence(silent_frames: int) -> None:
    activations = np.random.default_rng(3).random((40 + silent_frames, 60)).astype(np.float32)
    activations[20 : 20 + silent_frames] = 0.0
    rules = PathRules(lag_frames=len(activations))
    found = score_of(tuple(path_of(activations, rules).tolist()), activations, rules)
    assert found == pytest.approx(best_score_of_many(activations, rules), abs=1e-6)


@pytest.mark.parametrize("lag_frames", [0, 3, 50])
def test_however_the_activations_are_cut_the_path_is_the_same(lag_frames: int) -> None:
    rules = PathRules(lag_frames=lag_frames)
    activations = np.random.default_rng(1).random((400, BINS)).astype(np.float32)
    whole = path_of(activations, rules)
    assert len(whole) == 400
    for cuts in ((1, 2, 3), (399,), tuple(range(0, 400, 7)), (100, 100, 250)):
        assert (path_of(activations, rules, cuts) == whole).all()


def test_a_frame_is_decided_when_its_lag_is_over() -> None:
    decoder = PathDecoder(BINS, PathRules(lag_frames=10))
    frame = sung(np.full(1, 4800.0))
    assert [len(decoder.push(frame)) for _ in range(12)] == [0] * 10 + [1, 1]
    assert len(decoder.finish()) == 10


def test_the_lag_costs_nothing_on_singing() -> None:
    cents = 4800.0 + 50.0 * np.sin(np.arange(600) / 3.0) + 200.0 * (np.arange(600) // 60 % 5)
    activations = sung(cents) + np.random.default_rng(2).random((600, BINS)).astype(np.float32) * 0.3
    assert (path_of(activations, PathRules()) == path_of(activations, PathRules(lag_frames=600))).all()


def sung(cents: np.ndarray[tuple[int], np.dtype[np.float64]], height: float = 0.9) -> Floats32:
    """What the network was trained to answer: a bump of deviation 25 cents."""
    centres = FIRST_BIN_CENTS + CENTS_PER_BIN * np.arange(BINS)
    return np.asarray(height * np.exp(-0.5 * ((centres - cents[:, None]) / 25.0) ** 2), np.float32)


def decoded_cents(activations: Floats32) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    f0_hz = decode_round(activations, path_of(activations, PathRules())).f0_hz
    return np.asarray(1200 * np.log2(f0_hz.astype(np.float64) / 10.0))


def test_a_wide_vibrato_is_not_flattened() -> None:
    cents = 4800.0 + 100.0 * np.sin(2 * np.pi * 6.0 * 0.01 * np.arange(300))
    assert np.abs(decoded_cents(sung(cents)) - cents).max() < 3.0


def test_a_leap_of_an_octave_is_followed_at_once() -> None:
    cents = np.repeat([4800.0, 6000.0, 4500.0], 20)
    assert np.abs(decoded_cents(sung(cents)) - cents).max() < 3.0


@pytest.mark.parametrize("frames", [1, 2])
def test_a_blip_at_the_octave_is_removed(frames: int) -> None:
    cents = np.full(60, 4800.0)
    activations = sung(cents)
    activations[30 : 30 + frames] = sung(cents[:frames], 0.5) + sung(cents[:frames] + 1200.0, 0.6)
    assert np.abs(decoded_cents(activations) - cents).max() < 3.0


def test_frames_without_activation_stay_where_the_voice_was() -> None:
    cents = np.full(40, 4800.0)
    activations = sung(cents)
    activations[10:30] = 0.0
    assert len(set(path_of(activations, PathRules()).tolist())) == 1


def test_nothing_has_no_path() -> None:
    decoder = PathDecoder(BINS, PathRules())
    assert len(decoder.push(np.zeros((0, BINS), np.float32))) == 0
    assert len(decoder.finish()) == 0
