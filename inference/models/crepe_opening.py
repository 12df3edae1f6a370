"""CREPE tiny's first layer and the way into its second one, by Fourier transforms.

Layer 1 has 128 filters of 512 taps, nearly half of the network's multiplications; by transforms of 256 it needs a tenth
of them. Two channels travel as the real and the imaginary part of one complex signal, 8 such pairs side by side.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.models.float8 import LANES, load8, max8, spread8, store8
from inference.models.fourier import (
    ROW,
    Rows,
    bin_order,
    forward_2,
    forward_4,
    forward_5_of_4,
    inverse_4,
    stage_twiddles,
)

CHANNELS, TAPS, PHASES = 128, 512, 4  # a stride of 4 is a stride of 1 over 4 phases
PADDING = 254  # zeros before and after the window
PAIRS = CHANNELS // 2
TILES = PAIRS // LANES
SIZE = 256  # of a transform: 128 outputs and the 128 taps of a phase
SEGMENTS = 2  # of 128 outputs each
HALF = SIZE // 2
POOLED = 128  # outputs after the maximum over two
NEXT_SIZE = 160  # of the transform for layer 2: 128 samples and the 32 that its taps reach beyond
NEXT_BINS = NEXT_SIZE // 2 + 1
BIN_VALUES = 4 * PAIRS  # of one bin f: real and imaginary part at f, then at -f
OUT_VALUES = 32  # of one bin after layer 2: 16 real parts, then 16 imaginary parts
TOGETHER = 4  # windows in one go: their sums stay in registers, half a matrix in the first cache

ORDER = bin_order(4, 4, 4, 4)
NEXT_ORDER = bin_order(5, 4, 4, 2)

Floats = NDArray[np.float32]
Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class Opening:
    """The layer's numbers as the loops want them."""

    filters: Floats  # (tile, row, phase, re and im of 8 pairs)
    bias: Floats  # (tile, re and im of 8 pairs)
    response: Floats  # of layer 2: (bin, re / im, BIN_VALUES, 16 channels)
    rows: NDArray[np.int64]  # of (bin f, -f) for each bin of the next layer


def build_opening(weights: Weights) -> Opening:
    """`weight` (CHANNELS, TAPS) and `bias` (CHANNELS,) of layer 1; `response` of 2 (bin, BIN_VALUES, OUT_VALUES)."""
    taps = weights["weight"].astype(np.float64).reshape(CHANNELS, TAPS // PHASES, PHASES)
    pairs = taps[:PAIRS] + 1j * taps[PAIRS:]
    spectra = np.fft.ifft(pairs, SIZE, axis=1)[:, ORDER]  # (pair, row, phase): a correlation, its 1 / SIZE included
    by_tile = spectra.reshape(TILES, LANES, SIZE, PHASES).transpose(0, 2, 3, 1)
    bias = weights["bias"].reshape(2, TILES, LANES).transpose(1, 0, 2)
    response = weights["response"].reshape(NEXT_BINS, BIN_VALUES, 2, OUT_VALUES // 2).transpose(0, 2, 1, 3)
    row_of_bin, bins = np.argsort(NEXT_ORDER), np.arange(NEXT_BINS)
    rows = np.stack([row_of_bin[bins], row_of_bin[-bins % NEXT_SIZE]], axis=1).reshape(-1)
    return Opening(_flat(np.stack([by_tile.real, by_tile.imag], axis=3)), _flat(bias), _flat(response), rows)


def _flat(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, np.float32).reshape(-1)


TWIDDLES_16, TWIDDLES_64, TWIDDLES_256 = (stage_twiddles(4, length) for length in (16, 64, 256))
TWIDDLES_4, TWIDDLES_8, TWIDDLES_32 = (stage_twiddles(4, length) for length in (4, 8, 32))
TWIDDLES_160 = stage_twiddles(5, 160)


def opened(opening: Opening, windows: Floats) -> Floats:
    """Normalised windows, shape (n, 1024), to layer 2's output by bin: (NEXT_BINS, (re, im), n, 16 channels)."""
    windows = np.ascontiguousarray(windows, np.float32)
    spectrum = np.empty(NEXT_BINS * len(windows) * BIN_VALUES, np.float32)
    _open(windows, opening.filters, opening.bias, opening.rows, spectrum)
    product = np.empty(NEXT_BINS * len(windows) * OUT_VALUES, np.float32)
    _multiply_bins(spectrum, opening.response, len(windows), product)
    return product.reshape(NEXT_BINS, 2, len(windows), OUT_VALUES // 2)


@njit(cache=True, nogil=True)
def _open(windows: Floats, filters: Floats, bias: Floats, next_rows: NDArray[np.int64], spectrum: Floats) -> None:
    sound = np.empty(SIZE * ROW, np.float32)
    rows = np.empty(SEGMENTS * SIZE * ROW, np.float32)
    hidden = np.empty(NEXT_SIZE * ROW, np.float32)
    for window in range(len(windows)):
        _sound_spectrum(windows[window], sound)
        for tile in range(TILES):
            _multiply(sound, filters, tile * SIZE * PHASES * ROW, rows)
            for segment in range(SEGMENTS):
                for first in range(0, SIZE, 16):
                    inverse_4(rows, segment * SIZE + first, 16, TWIDDLES_16)
                for first in range(0, SIZE, 64):
                    inverse_4(rows, segment * SIZE + first, 64, TWIDDLES_64)
                inverse_4(rows, segment * SIZE, SIZE, TWIDDLES_256)
                _rectify_and_pool(rows, segment, bias, tile * ROW, hidden)
            _next_spectrum(hidden)
            _write(hidden, next_rows, spectrum, window * BIN_VALUES + tile * LANES, len(windows) * BIN_VALUES)


@njit(cache=True, nogil=True)
def _sound_spectrum(window: Floats, sound: Rows) -> None:
    """The four phases of both segments, 8 real signals side by side, and their transform."""
    for row in range(SIZE):
        for segment in range(SEGMENTS):
            for phase in range(PHASES):
                sample = PHASES * (row + segment * HALF) + phase - PADDING
                inside = 0 <= sample < len(window)
                sound[row * ROW + segment * PHASES + phase] = window[sample] if inside else np.float32(0.0)
        sound[row * ROW + LANES : (row + 1) * ROW] = 0.0
    forward_4(sound, 0, SIZE, TWIDDLES_256)
    for first in range(0, SIZE, 64):
        forward_4(sound, first, 64, TWIDDLES_64)
    for first in range(0, SIZE, 16):
        forward_4(sound, first, 16, TWIDDLES_16)
    for first in range(0, SIZE, 4):
        forward_4(sound, first, 4, TWIDDLES_4)


@njit(cache=True, nogil=True)
def _filtered(sound, at, filters, place):  # type: ignore[no-untyped-def]
    """One bin of 8 pairs of channels: the sum over the phases of spectrum times response."""
    y_re, y_im = spread8(sound[at]), spread8(sound[at + LANES])
    g_re, g_im = load8(filters, place), load8(filters, place + LANES)
    re, im = y_re * g_re - y_im * g_im, y_re * g_im + y_im * g_re
    for phase in range(1, PHASES):
        y_re, y_im = spread8(sound[at + phase]), spread8(sound[at + LANES + phase])
        g_re, g_im = load8(filters, place + phase * ROW), load8(filters, place + phase * ROW + LANES)
        re = re + y_re * g_re - y_im * g_im
        im = im + y_re * g_im + y_im * g_re
    return re, im


@njit(cache=True, nogil=True)
def _multiply(sound: Rows, filters: Floats, tile: int, rows: Rows) -> None:
    """All bins of both segments, and the first stage of the inverse transform, which turns nothing."""
    for row in range(0, SIZE, 4):
        place = tile + row * PHASES * ROW
        for segment in range(SEGMENTS):
            at = row * ROW + segment * PHASES
            a_re, a_im = _filtered(sound, at, filters, place)
            b_re, b_im = _filtered(sound, at + ROW, filters, place + PHASES * ROW)
            c_re, c_im = _filtered(sound, at + 2 * ROW, filters, place + 2 * PHASES * ROW)
            d_re, d_im = _filtered(sound, at + 3 * ROW, filters, place + 3 * PHASES * ROW)
            ac_re, ac_im, bd_re, bd_im = a_re + c_re, a_im + c_im, b_re + d_re, b_im + d_im
            a_c_re, a_c_im, b_d_re, b_d_im = a_re - c_re, a_im - c_im, b_re - d_re, b_im - d_im
            to = (segment * SIZE + row) * ROW
            store8(rows, to, ac_re + bd_re)
            store8(rows, to + LANES, ac_im + bd_im)
            store8(rows, to + ROW, a_c_re - b_d_im)
            store8(rows, to + ROW + LANES, a_c_im + b_d_re)
            store8(rows, to + 2 * ROW, ac_re - bd_re)
            store8(rows, to + 2 * ROW + LANES, ac_im - bd_im)
            store8(rows, to + 3 * ROW, a_c_re + b_d_im)
            store8(rows, to + 3 * ROW + LANES, a_c_im - b_d_re)


@njit(cache=True, nogil=True)
def _rectify_and_pool(rows: Rows, segment: int, bias: Floats, tile: int, hidden: Rows) -> None:
    """The maximum over two, bias and ReLU, of the segment's first half."""
    zero = spread8(np.float32(0.0))
    for part in (0, LANES):
        offset = load8(bias, tile + part)
        for row in range(HALF // 2):
            place = (segment * SIZE + 2 * row) * ROW + part
            larger = max8(load8(rows, place), load8(rows, place + ROW))
            store8(hidden, (segment * HALF // 2 + row) * ROW + part, max8(larger + offset, zero))


@njit(cache=True, nogil=True)
def _next_spectrum(hidden: Rows) -> None:
    forward_5_of_4(hidden, NEXT_SIZE, TWIDDLES_160)
    for first in range(0, NEXT_SIZE, 32):
        forward_4(hidden, first, 32, TWIDDLES_32)
    for first in range(0, NEXT_SIZE, 8):
        forward_4(hidden, first, 8, TWIDDLES_8)
    for first in range(0, NEXT_SIZE, 2):
        forward_2(hidden, first)


@njit(cache=True, nogil=True)
def _write(hidden: Rows, next_rows: NDArray[np.int64], spectrum: Floats, first: int, step: int) -> None:
    for bin_number in range(NEXT_BINS):
        for side in range(2):
            row = next_rows[2 * bin_number + side] * ROW
            to = first + bin_number * step + side * 2 * PAIRS
            store8(spectrum, to, load8(hidden, row))
            store8(spectrum, to + PAIRS, load8(hidden, row + LANES))


@njit(cache=True, nogil=True)
def _multiply_bins(spectrum: Floats, response: Floats, windows: int, product: Floats) -> None:
    """Layer 2: one matrix product for each bin; each sum runs in the same order however many windows there are."""
    whole = windows - windows % TOGETHER
    for bin_number in range(NEXT_BINS):
        for part in range(2):
            for window in range(0, whole, TOGETHER):
                _four_windows(spectrum, response, bin_number, part, window, windows, product)
        for window in range(whole, windows):
            _one_window(spectrum, response, bin_number, window, windows, product)


@njit(cache=True, nogil=True)
def _four_windows(spectrum, response, bin_number, part, window, windows, product):  # type: ignore[no-untyped-def]
    """The real parts (0) or the imaginary parts (1) of 16 channels of 4 windows."""
    row = (bin_number * windows + window) * BIN_VALUES
    matrix = (2 * bin_number + part) * BIN_VALUES * 2 * LANES
    zero = spread8(np.float32(0.0))
    a0, a1, b0, b1, c0, c1, d0, d1 = zero, zero, zero, zero, zero, zero, zero, zero
    for k in range(BIN_VALUES):
        r0, r1 = load8(response, matrix + k * 2 * LANES), load8(response, matrix + k * 2 * LANES + LANES)
        a, b = spread8(spectrum[row + k]), spread8(spectrum[row + BIN_VALUES + k])
        c, d = spread8(spectrum[row + 2 * BIN_VALUES + k]), spread8(spectrum[row + 3 * BIN_VALUES + k])
        a0, a1, b0, b1 = a0 + a * r0, a1 + a * r1, b0 + b * r0, b1 + b * r1
        c0, c1, d0, d1 = c0 + c * r0, c1 + c * r1, d0 + d * r0, d1 + d * r1
    _store_part(product, bin_number, part, window, windows, a0, a1)
    _store_part(product, bin_number, part, window + 1, windows, b0, b1)
    _store_part(product, bin_number, part, window + 2, windows, c0, c1)
    _store_part(product, bin_number, part, window + 3, windows, d0, d1)


@njit(cache=True, nogil=True)
def _one_window(spectrum, response, bin_number, window, windows, product):  # type: ignore[no-untyped-def]
    row = (bin_number * windows + window) * BIN_VALUES
    real = bin_number * BIN_VALUES * OUT_VALUES
    imaginary = real + BIN_VALUES * 2 * LANES
    zero = spread8(np.float32(0.0))
    re0, re1, im0, im1 = zero, zero, zero, zero
    for k in range(BIN_VALUES):
        step = k * 2 * LANES
        a = spread8(spectrum[row + k])
        re0, re1 = re0 + a * load8(response, real + step), re1 + a * load8(response, real + step + LANES)
        im0, im1 = im0 + a * load8(response, imaginary + step), im1 + a * load8(response, imaginary + step + LANES)
    _store_part(product, bin_number, 0, window, windows, re0, re1)
    _store_part(product, bin_number, 1, window, windows, im0, im1)


@njit(cache=True, nogil=True)
def _store_part(product, bin_number, part, window, windows, low, high):  # type: ignore[no-untyped-def]
    place = ((2 * bin_number + part) * windows + window) * 2 * LANES
    store8(product, place, low)
    store8(product, place + LANES, high)
