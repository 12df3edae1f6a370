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
from inference.models.fourier import ROW, Rows, bin_order, forward_160, forward_power, inverse_4

CHANNELS, TAPS, PHASES = 128, 512, 4  # a stride of 4 is a stride of 1 over 4 phases
PADDING = 254  # zeros before and after the window
PAIRS = CHANNELS // 2
TILES = PAIRS // LANES
SIZE = 256  # of a transform: 128 outputs and the 128 taps of a phase
SEGMENTS = 2  # of 128 outputs each
HALF = SIZE // 2
NEXT_SIZE = 160  # of the transform for layer 2: 128 samples and the 32 that its taps reach beyond
NEXT_BINS = NEXT_SIZE // 2 + 1
BIN_VALUES = 2 * CHANNELS  # of one bin: real parts, then imaginary parts

ORDER = bin_order(4, 4, 4, 4)
NEXT_ORDER = bin_order(5, 4, 4, 2)

Floats = NDArray[np.float32]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Opening:
    """The layer's numbers as the loops want them."""

    filters: Floats  # (tile, row, phase, re and im of 8 pairs)
    bias: Floats  # (tile, re and im of 8 pairs)
    rows: Places  # of (bin f, -f) for each bin of the next layer


def build_opening(weight: Floats, bias: Floats) -> Opening:
    """Shapes (CHANNELS, TAPS) and (CHANNELS,)."""
    taps = weight.astype(np.float64).reshape(CHANNELS, TAPS // PHASES, PHASES)
    pairs = taps[:PAIRS] + 1j * taps[PAIRS:]
    spectra = np.fft.ifft(pairs, SIZE, axis=1)[:, ORDER]  # (pair, row, phase): a correlation, its 1 / SIZE included
    by_tile = spectra.reshape(TILES, LANES, SIZE, PHASES).transpose(0, 2, 3, 1)
    filters = flat(np.stack([by_tile.real, by_tile.imag], axis=3))
    return Opening(filters, flat(bias.reshape(2, TILES, LANES).transpose(1, 0, 2)), rows_of_bins(NEXT_ORDER))


def flat(values: NDArray[Any]) -> Floats:
    return np.ascontiguousarray(values, np.float32).reshape(-1)


def rows_of_bins(order: Places) -> Places:
    """The rows of f and -f for each bin f from 0 to half the size, one after the other."""
    row_of_bin, bins = np.argsort(order), np.arange(len(order) // 2 + 1)
    return np.stack([row_of_bin[bins], row_of_bin[-bins % len(order)]], axis=1).reshape(-1)


def opened(opening: Opening, windows: Floats) -> Floats:
    """Twice the spectrum of layer 1's output, flat (NEXT_BINS, n, BIN_VALUES); `windows`: (n, 1024), normalised."""
    spectrum = np.empty(NEXT_BINS * len(windows) * BIN_VALUES, np.float32)
    _open(np.ascontiguousarray(windows, np.float32), opening.filters, opening.bias, opening.rows, spectrum)
    return spectrum


@njit(cache=True, nogil=True)
def _open(windows: Floats, filters: Floats, bias: Floats, next_rows: Places, spectrum: Floats) -> None:
    sound = np.empty(SIZE * ROW, np.float32)
    rows = np.empty(SEGMENTS * SIZE * ROW, np.float32)
    hidden = np.empty(NEXT_SIZE * ROW, np.float32)
    for window in range(len(windows)):
        _sound_spectrum(windows[window], sound)
        for tile in range(TILES):
            _multiply(sound, filters, tile * SIZE * PHASES * ROW, rows)
            for segment in range(SEGMENTS):
                for first in range(0, SIZE, 16):
                    inverse_4(rows, segment * SIZE + first, np.int64(16))
                for first in range(0, SIZE, 64):
                    inverse_4(rows, segment * SIZE + first, np.int64(64))
                inverse_4(rows, segment * SIZE, np.int64(SIZE))
                _rectify_and_pool(rows, segment, bias, tile * ROW, hidden)
            forward_160(hidden)
            first_value = window * BIN_VALUES + tile * LANES
            split_pairs(hidden, next_rows, NEXT_BINS, PAIRS, spectrum, first_value, len(windows) * BIN_VALUES)


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
    forward_power(sound, np.int64(SIZE))


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
def split_pairs(rows, rows_of_bin, bins, pairs, spectrum, first, step):  # type: ignore[no-untyped-def]
    """Twice the spectra of channels k and pairs + k, from what their sum A + iB has at f and at -f.

    Writes 8 values each of re A, re B, im A, im B, `pairs` apart, for each of the `bins`, `step` apart.
    """
    for bin_number in range(bins):
        there, back = rows_of_bin[2 * bin_number] * ROW, rows_of_bin[2 * bin_number + 1] * ROW
        re, im = load8(rows, there), load8(rows, there + LANES)
        back_re, back_im = load8(rows, back), load8(rows, back + LANES)
        to = first + bin_number * step
        store8(spectrum, to, re + back_re)
        store8(spectrum, to + pairs, im + back_im)
        store8(spectrum, to + 2 * pairs, im - back_im)
        store8(spectrum, to + 3 * pairs, back_re - re)
