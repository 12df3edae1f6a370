"""CREPE tiny's own arithmetic: transforms, the opening layer, batches, and 8 bits beside single precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from inference.models.crepe import normalise
from inference.models.crepe_onnx import MAX_TOGETHER, OPENING, Int8Crepe, OnnxCrepe
from inference.models.crepe_opening import BIN_VALUES, CHANNELS, PADDING, PAIRS, TAPS, build_opening, opened
from inference.models.estimator import FramePitches, PitchEstimator, Windows
from inference.models.float8 import LANES, load8, max8, spread8, store8
from inference.models.fourier import (
    bin_order,
    forward_2,
    forward_4,
    forward_5_of_4,
    inverse_4,
    stage_twiddles,
)
from inference.models.live_choice import chosen
from inference.models.probe import probe, probe_windows

RANDOM = np.random.default_rng(8)


@pytest.fixture(scope="module")
def single() -> OnnxCrepe:
    return OnnxCrepe()


@pytest.fixture(scope="module")
def eight_bits() -> Int8Crepe:
    return Int8Crepe()


def rows_of(signals: NDArray[np.complex128]) -> NDArray[np.float32]:
    """Shape (time, LANES) as the transforms want them."""
    return np.concatenate([signals.real, signals.imag], axis=1).astype(np.float32).reshape(-1)


def signals_of(rows: NDArray[np.float32]) -> NDArray[np.complex128]:
    both = rows.astype(np.float64).reshape(-1, 2 * LANES)
    return both[:, :LANES] + 1j * both[:, LANES:]


def noise(length: int) -> NDArray[np.complex128]:
    return RANDOM.standard_normal((length, LANES)) + 1j * RANDOM.standard_normal((length, LANES))


@njit
def _doubled_or_less_one(values, out):  # type: ignore[no-untyped-def]
    two, one = spread8(np.float32(2.0)), spread8(np.float32(1.0))
    for i in range(0, len(values), 8):
        value = load8(values, i)
        store8(out, i, max8(value * two + one - one, value - one))


def test_eight_numbers_are_computed_like_one() -> None:
    values = RANDOM.standard_normal(64).astype(np.float32)
    out = np.zeros_like(values)
    _doubled_or_less_one(values, out)
    assert np.allclose(out, np.maximum(2 * values, values - 1), atol=1e-6)


def test_a_forward_transform_by_stages_is_the_fourier_transform() -> None:
    signals = noise(64)
    rows = rows_of(signals)
    for length in (64, 16, 4):
        for first in range(0, 64, length):
            forward_4(rows, first, length, stage_twiddles(4, length))
    assert np.allclose(signals_of(rows), np.fft.fft(signals, axis=0)[bin_order(4, 4, 4)], atol=1e-4)


def test_the_inverse_stages_undo_the_forward_ones() -> None:
    signals = noise(16)
    rows = rows_of(np.fft.fft(signals, axis=0)[bin_order(4, 4)])
    for length in (4, 16):
        for first in range(0, 16, length):
            inverse_4(rows, first, length, stage_twiddles(4, length))
    assert np.allclose(signals_of(rows) / 16, signals, atol=1e-5)


def test_a_stage_of_five_takes_its_last_fifth_for_zeros() -> None:
    signals = noise(10)
    signals[8:] = 0
    rows = rows_of(signals)
    rows.reshape(-1, 2 * LANES)[8:] = np.nan  # whatever stood there
    forward_5_of_4(rows, 10, stage_twiddles(5, 10))
    for first in range(0, 10, 2):
        forward_2(rows, first)
    assert np.allclose(signals_of(rows), np.fft.fft(signals, axis=0)[bin_order(5, 2)], atol=1e-5)


def test_the_opening_is_the_convolution_with_rectifier_and_maximum_and_layer_two_its_product() -> None:
    with np.load(OPENING) as arrays:
        weights = dict(arrays)
    windows = normalise(RANDOM.standard_normal((6, 1024)).astype(np.float32))
    padded = np.pad(windows.astype(np.float64), ((0, 0), (PADDING, PADDING)))
    views = np.lib.stride_tricks.sliding_window_view(padded, TAPS, axis=1)[:, ::4]
    filtered = views @ weights["weight"].T + weights["bias"]
    hidden = np.maximum(filtered, 0).reshape(len(windows), 128, 2, CHANNELS).max(axis=2)
    spectrum = np.fft.fft(hidden[..., :PAIRS] + 1j * hidden[..., PAIRS:], 160, axis=1)
    there, back = spectrum[:, np.arange(81)], spectrum[:, -np.arange(81)]
    rows = np.concatenate([there.real, there.imag, back.real, back.imag], axis=2)
    assert rows.shape[2] == BIN_VALUES
    expected = np.einsum("nbk,bkc->bnc", rows, weights["response"]).reshape(81, len(windows), 2, 16)
    found = opened(build_opening(weights), windows)
    assert np.abs(found - expected.transpose(0, 2, 1, 3)).max() < 1e-5 * np.abs(expected).max()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 31), min_size=1, max_size=2 * MAX_TOGETHER + 3))
def test_the_windows_that_a_window_is_computed_with_change_nothing(single: OnnxCrepe, places: list[int]) -> None:
    windows = probe_windows()
    alone = single.estimate(windows)
    together = single.estimate(windows[places])
    assert np.abs(1200 * np.log2(together.f0_hz / alone.f0_hz[places])).max() < 0.01
    assert np.abs(together.periodicity - alone.periodicity[places]).max() < 1e-5


def test_no_windows_have_no_pitches(single: OnnxCrepe, eight_bits: Int8Crepe) -> None:
    for estimator in (single, eight_bits):
        assert estimator.estimate(np.zeros((0, 1024), np.float32)).f0_hz.shape == (0,)


@pytest.mark.parametrize("level", [0.0, 1e-30, 1.0, 1000.0])
def test_silence_and_any_scale_give_numbers(single: OnnxCrepe, level: float) -> None:
    pitches = single.estimate(np.float32(level) * probe_windows()[:2])
    assert np.isfinite(pitches.f0_hz).all()
    assert ((pitches.periodicity >= 0) & (pitches.periodicity <= 1)).all()


def test_eight_bits_agree_with_single_precision_within_a_cent(single: OnnxCrepe, eight_bits: Int8Crepe) -> None:
    found = probe(eight_bits, single)
    assert 0.0 < found.error_cents <= 1.0
    assert found.window_ms > 0.0


class Altered:
    """Another network's answers: higher by some cents, and at the cost of `runs` runs."""

    name = "altered"

    def __init__(self, network: PitchEstimator, cents: float = 0.0, runs: int = 1) -> None:
        self._network, self._cents, self._runs = network, cents, runs

    def estimate(self, windows: Windows) -> FramePitches:
        for _ in range(self._runs):
            pitches = self._network.estimate(windows)
        return FramePitches(pitches.f0_hz * np.float32(2 ** (self._cents / 1200)), pitches.periodicity)


def test_the_quicker_network_is_taken_where_it_agrees(single: OnnxCrepe) -> None:
    assert chosen(Altered(single, runs=3), single) is single


def test_a_network_that_is_two_cents_off_is_not_taken_however_quick(single: OnnxCrepe) -> None:
    slow = Altered(single, runs=3)
    assert chosen(slow, Altered(single, cents=2.0)) is slow


def test_a_network_that_is_slower_is_not_taken_however_right(single: OnnxCrepe) -> None:
    assert chosen(single, Altered(single, runs=3)) is single
