"""CREPE tiny's layers 2 to 4 by Fourier transforms: 16 channels out, as 8 pairs side by side.

A layer is a product of matrices for each bin, then the way back, bias, ReLU and the maximum over two. Batch norm is
folded away (see deploy/crepe_closing.py).
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.models.crepe_opening import (
    BIN_VALUES,
    CHANNELS,
    NEXT_BINS,
    NEXT_ORDER,
    Floats,
    Places,
    flat,
    rows_of_bins,
    split_pairs,
)
from inference.models.float8 import LANES, load8, max8, spread8, store8
from inference.models.fourier import ROW, Rows, bin_order, forward_power, inverse_160, inverse_power

OUT_CHANNELS = 16
LENGTHS = {2: 128, 3: 64, 4: 32}  # samples of each layer
SIZES = {2: 160, 3: 128, 4: 64}  # of each layer's transform: its samples and the 32 that taps reach beyond, at least
ORDERS = {2: NEXT_ORDER, 3: bin_order(4, 4, 4, 2), 4: bin_order(4, 4, 4)}
FEATURES = LENGTHS[4] // 2 * OUT_CHANNELS
OUT_VALUES = 2 * OUT_CHANNELS  # of one bin: re of channels 0..7, re of 8..15, im of 0..7, im of 8..15
TOGETHER = 4  # windows: the sums of one half of the channels stay in registers, its matrix in the first cache


@dataclass(frozen=True, slots=True)
class Layer:
    response: Floats  # (bin, channels 0..7 / 8..15, channel in, re and im of 8 channels), 1 / (2 size) included
    bias: Floats  # (sample, channel): for each position, as batch norm's shift meets the padding
    rows: Places  # of (bin f, -f)


@dataclass(frozen=True, slots=True)
class Middle:
    second: Layer
    third: Layer
    fourth: Layer


def build_middle(arrays: dict[str, NDArray[np.float32]]) -> Middle:
    """`response2` (bins, channels in, 16, (re, im)) and `bias2` (samples, 16), and so on to layer 4."""
    return Middle(*(_layer(arrays[f"response{k}"], arrays[f"bias{k}"], ORDERS[k]) for k in (2, 3, 4)))


def _layer(response: NDArray[np.float32], bias: NDArray[np.float32], order: Places) -> Layer:
    bins, channels_in = response.shape[:2]
    halves = response.reshape(bins, channels_in, 2, LANES, 2).transpose(0, 2, 1, 4, 3)
    return Layer(flat(halves), flat(bias), rows_of_bins(order))


def features(middle: Middle, spectrum: Floats, windows: int) -> Floats:
    """From `opened`'s spectrum to layer 4's output, shape (windows, FEATURES): 16 channels of each sample in turn."""
    product = np.empty(NEXT_BINS * windows * OUT_VALUES, np.float32)
    told = np.empty(windows * FEATURES, np.float32)
    second, third, fourth = middle.second, middle.third, middle.fourth
    _multiply_windows(spectrum, second.response, windows, product)
    _follow(
        product, windows, second.bias, second.rows, third.response, third.bias, third.rows,
        fourth.response, fourth.bias, fourth.rows, told,
    )  # fmt: skip
    return told.reshape(windows, FEATURES)


@njit(cache=True, nogil=True)
def _multiply_windows(spectrum: Floats, response: Floats, windows: int, product: Floats) -> None:
    """Layer 2's matrix product for each bin of all windows, so that its matrix is read once for several."""
    whole = windows - windows % TOGETHER
    for bin_number in range(NEXT_BINS):
        for half in range(2):
            for window in range(0, whole, TOGETHER):
                _four_windows(spectrum, response, bin_number, half, window, windows, product)
        matrix = bin_number * CHANNELS * OUT_VALUES
        for window in range(whole, windows):
            place = bin_number * windows + window
            _multiply_bin(spectrum, place * BIN_VALUES, CHANNELS, response, matrix, product, place * OUT_VALUES)


@njit(cache=True, nogil=True)
def _four_windows(spectrum, response, bin_number, half, window, windows, product):  # type: ignore[no-untyped-def]
    first = bin_number * windows + window
    matrix = (2 * bin_number + half) * CHANNELS * ROW
    zero = spread8(np.float32(0.0))
    a_re, a_im, b_re, b_im, c_re, c_im, d_re, d_im = zero, zero, zero, zero, zero, zero, zero, zero
    for channel in range(CHANNELS):
        r_re, r_im = load8(response, matrix + channel * ROW), load8(response, matrix + channel * ROW + LANES)
        at = first * BIN_VALUES + channel
        re, im = spread8(spectrum[at]), spread8(spectrum[at + CHANNELS])
        a_re, a_im = a_re + re * r_re - im * r_im, a_im + re * r_im + im * r_re
        re, im = spread8(spectrum[at + BIN_VALUES]), spread8(spectrum[at + BIN_VALUES + CHANNELS])
        b_re, b_im = b_re + re * r_re - im * r_im, b_im + re * r_im + im * r_re
        re, im = spread8(spectrum[at + 2 * BIN_VALUES]), spread8(spectrum[at + 2 * BIN_VALUES + CHANNELS])
        c_re, c_im = c_re + re * r_re - im * r_im, c_im + re * r_im + im * r_re
        re, im = spread8(spectrum[at + 3 * BIN_VALUES]), spread8(spectrum[at + 3 * BIN_VALUES + CHANNELS])
        d_re, d_im = d_re + re * r_re - im * r_im, d_im + re * r_im + im * r_re
    to = first * OUT_VALUES + half * LANES
    store8(product, to, a_re)
    store8(product, to + OUT_CHANNELS, a_im)
    store8(product, to + OUT_VALUES, b_re)
    store8(product, to + OUT_VALUES + OUT_CHANNELS, b_im)
    store8(product, to + 2 * OUT_VALUES, c_re)
    store8(product, to + 2 * OUT_VALUES + OUT_CHANNELS, c_im)
    store8(product, to + 3 * OUT_VALUES, d_re)
    store8(product, to + 3 * OUT_VALUES + OUT_CHANNELS, d_im)


@njit(cache=True, nogil=True)
def _multiply_bin(spectrum, at, channels, response, matrix, product, to):  # type: ignore[no-untyped-def]
    """One bin of one window: `channels` complex values times a matrix."""
    zero = spread8(np.float32(0.0))
    low_re, low_im, high_re, high_im = zero, zero, zero, zero
    also_low_re, also_low_im, also_high_re, also_high_im = zero, zero, zero, zero
    high = matrix + channels * ROW
    for channel in range(channels):
        re, im = spread8(spectrum[at + channel]), spread8(spectrum[at + channels + channel])
        step = channel * ROW
        r_re, r_im = load8(response, matrix + step), load8(response, matrix + step + LANES)
        low_re, low_im = low_re + re * r_re, low_im + re * r_im
        also_low_re, also_low_im = also_low_re - im * r_im, also_low_im + im * r_re
        r_re, r_im = load8(response, high + step), load8(response, high + step + LANES)
        high_re, high_im = high_re + re * r_re, high_im + re * r_im
        also_high_re, also_high_im = also_high_re - im * r_im, also_high_im + im * r_re
    store8(product, to, low_re + also_low_re)
    store8(product, to + LANES, high_re + also_high_re)
    store8(product, to + OUT_CHANNELS, low_im + also_low_im)
    store8(product, to + OUT_CHANNELS + LANES, high_im + also_high_im)


@njit(cache=True, nogil=True)
def _follow(product, windows, bias2, rows2, response3, bias3, rows3, response4, bias4, rows4, told):  # type: ignore[no-untyped-def]
    """Each window's way from layer 2's product to the features."""
    rows = np.empty(160 * ROW, np.float32)
    spectrum = np.empty(65 * OUT_VALUES, np.float32)
    for window in range(windows):
        _join_pairs(product, window * OUT_VALUES, windows * OUT_VALUES, rows2, NEXT_BINS, rows)
        inverse_160(rows)
        _rectify_and_pool(rows, 128, bias2, rows, 0)
        _spectral_layer(rows, np.int64(64), np.int64(128), response3, bias3, rows3, spectrum, rows, 0)
        _spectral_layer(rows, np.int64(32), np.int64(64), response4, bias4, rows4, spectrum, told, window * FEATURES)


@njit(cache=True, nogil=True)
def _spectral_layer(rows, length, size, response, bias, rows_of_bin, spectrum, told, to):  # type: ignore[no-untyped-def]
    """`length` rows of 16 channels to half as many."""
    bins = size // 2 + 1
    rows[length * ROW : size * ROW] = 0.0
    forward_power(rows, size)
    split_pairs(rows, rows_of_bin, bins, LANES, spectrum, 0, OUT_VALUES)
    for bin_number in range(bins):
        at = bin_number * OUT_VALUES
        _multiply_bin(spectrum, at, OUT_CHANNELS, response, at * OUT_CHANNELS, spectrum, at)
    _join_pairs(spectrum, 0, OUT_VALUES, rows_of_bin, bins, rows)
    inverse_power(rows, size)
    _rectify_and_pool(rows, length, bias, told, to)


@njit(cache=True, nogil=True)
def _join_pairs(product, first, step, rows_of_bin, bins, rows):  # type: ignore[no-untyped-def]
    """A + iB at f and at -f, for the channels k and 8 + k: the way back makes them one real and one imaginary part."""
    for bin_number in range(bins):
        place = first + bin_number * step
        a_re, b_re = load8(product, place), load8(product, place + LANES)
        a_im, b_im = load8(product, place + OUT_CHANNELS), load8(product, place + OUT_CHANNELS + LANES)
        there, back = rows_of_bin[2 * bin_number] * ROW, rows_of_bin[2 * bin_number + 1] * ROW
        store8(rows, back, a_re + b_im)
        store8(rows, back + LANES, b_re - a_im)
        store8(rows, there, a_re - b_im)
        store8(rows, there + LANES, b_re + a_im)


@njit(cache=True, nogil=True)
def _rectify_and_pool(rows: Rows, length: int, bias: Floats, told: Floats, to: int) -> None:
    """Bias, the maximum over two, ReLU; `told` may be `rows`."""
    zero = spread8(np.float32(0.0))
    for row in range(length // 2):
        for part in (0, LANES):
            place = 2 * row * ROW + part
            one = load8(rows, place) + load8(bias, place)
            other = load8(rows, place + ROW) + load8(bias, place + ROW)
            store8(told, to + row * ROW + part, max8(max8(one, other), zero))
