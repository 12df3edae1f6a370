"""CREPE full on a CUDA card."""

from importlib.util import find_spec

import numpy as np
import pytest

from inference.models.estimators import build_estimator
from inference.models.live_choice import build_live_estimator
from inference.models.probe import probe_windows
from inference.models.tracking import track_pitch
from tests.accuracy.takes import by_notes, parts_of, score_of, synthetic_sound, synthetic_tune, tracked
from tests.unit.recordings import sweep

pytestmark = pytest.mark.gpu


@pytest.fixture(autouse=True)
def _card() -> None:
    if find_spec("torch") is None or find_spec("torchcrepe") is None:
        pytest.skip("torch and torchcrepe are not installed: run `make setup-full`")
    import torch

    if not torch.cuda.is_available():
        pytest.skip("there is no CUDA card")


def test_auto_takes_the_full_network() -> None:
    assert build_estimator("auto").name == "crepe-full"


def test_the_live_judge_takes_the_graphs_of_the_full_network() -> None:
    from inference.models.crepe_graphs import GraphedCrepe

    estimator = build_live_estimator()
    assert isinstance(estimator, GraphedCrepe)
    assert estimator.name == "crepe-full"


@pytest.mark.parametrize("count", [1, 7, 8, 9, 33, 300])
def test_graphs_answer_for_any_number_of_singers_as_the_network_does(count: int) -> None:
    samples, _ = sweep(100, 800, 2.0)
    views = np.lib.stride_tricks.sliding_window_view(samples, 1024)
    windows = views[np.linspace(0, len(views) - 1, count).astype(int)]
    by_graphs = build_live_estimator().estimate(windows).f0_hz
    by_network = build_estimator("full").estimate(windows).f0_hz
    assert by_graphs.shape == (count,)
    assert np.median(np.abs(1200 * np.log2(by_graphs / by_network))) < 1.0


def test_what_a_batch_held_before_does_not_show() -> None:
    samples, _ = sweep(100, 800, 1.0)
    windows = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::1000][:8]
    estimator = build_live_estimator()
    first = estimator.estimate(windows[:3]).f0_hz
    estimator.estimate(windows[::-1])
    assert np.array_equal(estimator.estimate(windows[:3]).f0_hz, first)


def test_graphs_agree_with_the_network_in_single_precision() -> None:
    import torch

    from inference.models.crepe import decode, normalise
    from inference.models.crepe_torch import CrepeNetwork

    windows = probe_windows()
    with torch.inference_mode():
        expected = decode(CrepeNetwork("full")(torch.from_numpy(normalise(windows))).numpy()).f0_hz
    cents = 1200 * np.log2(build_live_estimator().estimate(windows).f0_hz / expected)
    assert np.median(np.abs(cents)) <= 1.0


def test_half_precision_follows_a_sweep_within_five_cents() -> None:
    samples, f0_hz = sweep(90, 1000, 4.0)
    found = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator("full"))
    cents = 1200 * np.log2(found.f0_hz[5:-5] / f0_hz[::160][5:-5])
    assert np.median(np.abs(cents)) <= 5
    assert np.abs(cents).max() < 50


def test_full_on_the_card_and_tiny_on_the_cpu_agree() -> None:
    samples, _ = sweep(100, 800, 2.0)
    measured = np.ones(len(samples), np.bool_)
    full = track_pitch(samples, measured, build_estimator("full"))
    tiny = track_pitch(samples, measured, build_estimator("tiny"))
    both = (full.f0_hz > 0) & (tiny.f0_hz > 0)
    assert both.mean() > 0.9
    assert np.median(np.abs(1200 * np.log2(full.f0_hz[both] / tiny.f0_hz[both]))) < 10


def test_the_batch_that_a_window_comes_in_changes_less_than_a_cent() -> None:
    samples, _ = sweep(100, 800, 2.0)
    windows = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::500]
    estimator = build_estimator("full")
    together = estimator.estimate(windows).f0_hz
    alone = np.array([estimator.estimate(window[None]).f0_hz[0] for window in windows])
    assert np.abs(1200 * np.log2(together / alone)).max() < 1.0


def test_a_take_is_worth_the_same_by_the_card_as_by_the_cpus_network() -> None:
    song = by_notes(synthetic_tune())
    card, cpu = (
        parts_of(score_of(song, tracked(synthetic_sound(), estimator=build_estimator(name))))
        for name in ("full", "tiny")
    )
    assert abs(card.pitch - cpu.pitch) <= 3  # law 12: another estimator, on clean singing
    assert abs(card.rhythm - cpu.rhythm) <= 3
