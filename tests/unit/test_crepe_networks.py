"""CREPE tiny's own arithmetic: transforms, the opening layer, batches, and 8 bits beside single precision."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from numpy.typing import NDArray

from deploy.crepe_bins import fit, gliding_voices
from inference.models.crepe import BINS, CENTS_PER_BIN, EVEN_BINS, decode, normalise
from inference.models.crepe_middle import build_middle, features
from inference.models.crepe_onnx import MAX_TOGETHER, OPENING, Int8Crepe, OnnxCrepe
from inference.models.crepe_opening import PADDING, TAPS, build_opening, opened
from inference.models.estimator import FramePitches, PitchEstimator, Windows
from inference.models.float8 import LANES, load8, max8, spread8, store8
from inference.models.fourier import bin_order, forward_160, forward_power, inverse_160, inverse_power
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


@pytest.mark.parametrize(("size", "radices"), [(64, (4, 4, 4)), (128, (4, 4, 4, 2)), (256, (4, 4, 4, 4))])
def test_stages_of_powers_of_two_are_the_fourier_transform_and_its_inverse(size: int, radices: tuple[int, ...]) -> None:
    signals = noise(size)
    rows = rows_of(signals)
    forward_power(rows, size)
    assert np.allclose(signals_of(rows), np.fft.fft(signals, axis=0)[bin_order(*radices)], atol=1e-4)
    inverse_power(rows, size)
    assert np.allclose(signals_of(rows) / size, signals, atol=1e-5)


def test_a_transform_of_160_takes_its_last_fifth_for_zeros_and_leaves_it_out_on_the_way_back() -> None:
    signals = noise(160)
    signals[128:] = 0
    rows = rows_of(signals)
    rows.reshape(-1, 2 * LANES)[128:] = np.nan  # whatever stood there
    forward_160(rows)
    assert np.allclose(signals_of(rows), np.fft.fft(signals, axis=0)[bin_order(5, 4, 4, 2)], atol=1e-4)
    inverse_160(rows)
    assert np.allclose(signals_of(rows)[:128] / 160, signals[:128], atol=1e-5)


def pooled(filtered: NDArray[np.float64]) -> NDArray[np.float64]:
    """ReLU and the maximum over two samples of (n, samples, channels)."""
    windows, samples, channels = filtered.shape
    return np.asarray(np.maximum(filtered, 0).reshape(windows, samples // 2, 2, channels).max(axis=2))


def layer(hidden: NDArray[np.float64], response: NDArray[np.float32], bias: NDArray[np.float32]) -> NDArray[np.float64]:
    """Layers 2 to 4 by NumPy's transforms in double precision."""
    size = 2 * (len(response) - 1)
    spectrum = np.fft.rfft(hidden, size, axis=1)
    product = np.einsum("nbi,bio->nbo", spectrum, (response[..., 0] + 1j * response[..., 1]) * 2 * size)
    return pooled(np.fft.irfft(product, size, axis=1)[:, : len(bias)] + bias)


@pytest.mark.parametrize("count", [1, 4, 7])
def test_layers_one_to_four_are_convolutions_with_rectifier_and_maximum(count: int) -> None:
    with np.load(OPENING) as arrays:
        weights = dict(arrays)
    windows = normalise(RANDOM.standard_normal((count, 1024)).astype(np.float32))
    padded = np.pad(windows.astype(np.float64), ((0, 0), (PADDING, PADDING)))
    views = np.lib.stride_tricks.sliding_window_view(padded, TAPS, axis=1)[:, ::4]
    expected = pooled(views @ weights["weight"].T + weights["bias"])
    for number in (2, 3, 4):
        expected = layer(expected, weights[f"response{number}"], weights[f"bias{number}"])
    spectrum = opened(build_opening(weights["weight"], weights["bias"]), windows)
    found = features(build_middle(weights), spectrum, count)
    assert np.abs(found - expected.reshape(count, -1)).max() < 1e-5 * np.abs(expected).max()


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


def test_windows_are_normalised_to_mean_0_and_deviation_1_and_silence_stays_silent() -> None:
    windows = (0.01 * RANDOM.standard_normal((3, 1024)) + 0.2).astype(np.float32)
    windows[2] = 0.2
    normalised = normalise(windows)
    assert np.allclose(normalised.mean(axis=1), 0.0, atol=1e-6)
    assert np.allclose(normalised[:2].std(axis=1), 1.0, atol=1e-5)
    assert not normalised[2].any()


def test_loudness_and_offset_change_nothing(single: OnnxCrepe) -> None:
    windows = probe_windows()
    faint = single.estimate(np.float32(0.05) * windows + np.float32(0.1))
    assert np.abs(1200 * np.log2(faint.f0_hz / single.estimate(windows).f0_hz)).max() < 0.1


@pytest.mark.parametrize("level", [0.0, 1e-30, 1.0, 1000.0])
def test_silence_and_any_scale_give_numbers(single: OnnxCrepe, level: float) -> None:
    pitches = single.estimate(np.float32(level) * probe_windows()[:2])
    assert np.isfinite(pitches.f0_hz).all()
    assert ((pitches.periodicity >= 0) & (pitches.periodicity <= 1)).all()


def test_eight_bits_agree_with_single_precision_within_a_cent(single: OnnxCrepe, eight_bits: Int8Crepe) -> None:
    found = probe(eight_bits, single)
    assert 0.0 < found.error_cents <= 1.0
    assert found.window_ms > 0.0


def test_each_bin_stands_for_a_pitch_above_the_one_before_and_near_its_own(single: OnnxCrepe) -> None:
    assert np.diff(single.bin_cents).min() > 0.0
    assert 1.0 < np.abs(single.bin_cents - EVEN_BINS).max() < CENTS_PER_BIN


def test_calibrated_bins_err_less_on_voices_that_they_were_not_fitted_to(single: OnnxCrepe) -> None:
    windows, cents = gliding_voices(600, np.random.default_rng(7))
    activation = single.activations(windows)
    errors = {}
    for name, bins in (("even", EVEN_BINS), ("calibrated", single.bin_cents)):
        heard = 1200 * np.log2(decode(activation, bins).f0_hz.astype(np.float64) / 10.0)
        errors[name] = float(np.median(np.abs(heard - cents)))
    assert errors["calibrated"] < 0.85 * errors["even"]


def test_bins_that_answer_off_their_pitch_are_moved_and_the_others_stay() -> None:
    cents = np.random.default_rng(9).uniform(EVEN_BINS[100], EVEN_BINS[160], 6000)
    off = np.where(np.abs(np.arange(BINS) - 130) < 15, 10 * np.sin(2 * np.pi * np.arange(BINS) / 15), 0.0)
    activation = np.exp(-0.5 * ((EVEN_BINS - cents[:, None]) / 25.0) ** 2)
    true_cents = cents + activation @ off / activation.sum(axis=1)
    moved = fit(activation.astype(np.float32), true_cents) - EVEN_BINS
    assert np.abs(moved - off)[118:143].max() < 2.0
    assert np.abs(np.concatenate([moved[:112], moved[148:]])).max() < 0.5


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
