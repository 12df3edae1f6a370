"""Fourier transforms of eight complex signals side by side, in place, for numba.

Layout of such signals ("rows"): float32, row after row, each row 8 real parts and then 8 imaginary parts. Transforms
leave the bins in the order that `bin_order` tells and take them in it, so that nothing is ever sorted. Lengths are
passed as np.int64(8): of a plain 8, numba would compile a version of its own.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from inference.models.float8 import LANES, load8, spread8, store8

ROW = 2 * LANES  # floats
FIFTH = 2 * math.pi / 5
COS_1, COS_2 = np.float32(math.cos(FIFTH)), np.float32(math.cos(2 * FIFTH))
SIN_1, SIN_2 = np.float32(math.sin(FIFTH)), np.float32(math.sin(2 * FIFTH))

Rows = NDArray[np.float32]
Length = int | np.int64


def bin_order(*radices: int) -> NDArray[np.int64]:
    """The bin that stands in each row after a forward transform with stages of these radices."""
    if not radices:
        return np.zeros(1, np.int64)
    first, *rest = radices
    return np.concatenate([first * bin_order(*rest) + k for k in range(first)])


def _stage_twiddles(radix: int, length: Length) -> Rows:
    """exp(-2 pi i j k / length), as (re, im) for each j < length / radix and k = 1 .. radix - 1."""
    j = np.arange(length // radix)[:, None]
    turns = np.exp(-2j * np.pi * j * np.arange(1, radix) / length)
    return np.stack([turns.real, turns.imag], axis=-1).astype(np.float32).reshape(-1)


TURNS = np.concatenate([_stage_twiddles(4, 4 << k) for k in range(7)])  # of radix 4 for 4, 8, .. 256 rows
FIFTH_TURNS = _stage_twiddles(5, 160)


@njit(cache=True)
def forward_4(rows: Rows, first: int, length: Length) -> None:
    """One stage of radix 4 (decimation in frequency) on `length` rows, a power of two, from row `first`."""
    quarter = length // 4
    step = quarter * ROW
    for j in range(quarter):
        place = (first + j) * ROW
        a_re, a_im = load8(rows, place), load8(rows, place + LANES)
        b_re, b_im = load8(rows, place + step), load8(rows, place + step + LANES)
        c_re, c_im = load8(rows, place + 2 * step), load8(rows, place + 2 * step + LANES)
        d_re, d_im = load8(rows, place + 3 * step), load8(rows, place + 3 * step + LANES)
        ac_re, ac_im, bd_re, bd_im = a_re + c_re, a_im + c_im, b_re + d_re, b_im + d_im
        a_c_re, a_c_im, b_d_re, b_d_im = a_re - c_re, a_im - c_im, b_re - d_re, b_im - d_im
        store8(rows, place, ac_re + bd_re)
        store8(rows, place + LANES, ac_im + bd_im)
        t = 6 * (quarter - 1 + j)
        cosine, sine = spread8(TURNS[t]), spread8(TURNS[t + 1])
        re, im = a_c_re + b_d_im, a_c_im - b_d_re
        store8(rows, place + step, re * cosine - im * sine)
        store8(rows, place + step + LANES, re * sine + im * cosine)
        cosine, sine = spread8(TURNS[t + 2]), spread8(TURNS[t + 3])
        re, im = ac_re - bd_re, ac_im - bd_im
        store8(rows, place + 2 * step, re * cosine - im * sine)
        store8(rows, place + 2 * step + LANES, re * sine + im * cosine)
        cosine, sine = spread8(TURNS[t + 4]), spread8(TURNS[t + 5])
        re, im = a_c_re - b_d_im, a_c_im + b_d_re
        store8(rows, place + 3 * step, re * cosine - im * sine)
        store8(rows, place + 3 * step + LANES, re * sine + im * cosine)


@njit(cache=True)
def inverse_4(rows: Rows, first: int, length: Length) -> None:
    """The stage of radix 4 (decimation in time) that undoes `forward_4` but for a factor of 4."""
    quarter = length // 4
    step = quarter * ROW
    for j in range(quarter):
        place = (first + j) * ROW
        t = 6 * (quarter - 1 + j)
        a_re, a_im = load8(rows, place), load8(rows, place + LANES)
        re, im = load8(rows, place + step), load8(rows, place + step + LANES)
        cosine, sine = spread8(TURNS[t]), spread8(TURNS[t + 1])
        b_re, b_im = re * cosine + im * sine, im * cosine - re * sine
        re, im = load8(rows, place + 2 * step), load8(rows, place + 2 * step + LANES)
        cosine, sine = spread8(TURNS[t + 2]), spread8(TURNS[t + 3])
        c_re, c_im = re * cosine + im * sine, im * cosine - re * sine
        re, im = load8(rows, place + 3 * step), load8(rows, place + 3 * step + LANES)
        cosine, sine = spread8(TURNS[t + 4]), spread8(TURNS[t + 5])
        d_re, d_im = re * cosine + im * sine, im * cosine - re * sine
        ac_re, ac_im, bd_re, bd_im = a_re + c_re, a_im + c_im, b_re + d_re, b_im + d_im
        a_c_re, a_c_im, b_d_re, b_d_im = a_re - c_re, a_im - c_im, b_re - d_re, b_im - d_im
        store8(rows, place, ac_re + bd_re)
        store8(rows, place + LANES, ac_im + bd_im)
        store8(rows, place + step, a_c_re - b_d_im)
        store8(rows, place + step + LANES, a_c_im + b_d_re)
        store8(rows, place + 2 * step, ac_re - bd_re)
        store8(rows, place + 2 * step + LANES, ac_im - bd_im)
        store8(rows, place + 3 * step, a_c_re + b_d_im)
        store8(rows, place + 3 * step + LANES, a_c_im - b_d_re)


@njit(cache=True)
def butterfly_2(rows: Rows, first: int) -> None:
    """A stage of radix 2 that turns nothing, either way, on two rows."""
    place = first * ROW
    for part in (0, LANES):
        a, b = load8(rows, place + part), load8(rows, place + ROW + part)
        store8(rows, place + part, a + b)
        store8(rows, place + ROW + part, a - b)


@njit(cache=True)
def forward_5_of_4(rows: Rows) -> None:
    """The first stage, of radix 5, on 160 rows whose last fifth is taken for zeros."""
    step = 32 * ROW
    cos_1, cos_2, sin_1, sin_2 = spread8(COS_1), spread8(COS_2), spread8(SIN_1), spread8(SIN_2)
    for j in range(32):
        place = j * ROW
        x_re, x_im = load8(rows, place), load8(rows, place + LANES)
        b_re, b_im = load8(rows, place + step), load8(rows, place + step + LANES)
        c_re, c_im = load8(rows, place + 2 * step), load8(rows, place + 2 * step + LANES)
        d_re, d_im = load8(rows, place + 3 * step), load8(rows, place + 3 * step + LANES)
        sum_re, sum_im, gap_re, gap_im = c_re + d_re, c_im + d_im, c_re - d_re, c_im - d_im
        store8(rows, place, x_re + b_re + sum_re)
        store8(rows, place + LANES, x_im + b_im + sum_im)
        e_re, e_im = x_re + cos_1 * b_re + cos_2 * sum_re, x_im + cos_1 * b_im + cos_2 * sum_im
        f_re, f_im = sin_1 * b_re + sin_2 * gap_re, sin_1 * b_im + sin_2 * gap_im
        g_re, g_im = x_re + cos_2 * b_re + cos_1 * sum_re, x_im + cos_2 * b_im + cos_1 * sum_im
        h_re, h_im = sin_2 * b_re - sin_1 * gap_re, sin_2 * b_im - sin_1 * gap_im
        _store_turned(rows, place + step, e_re + f_im, e_im - f_re, 8 * j)
        _store_turned(rows, place + 2 * step, g_re + h_im, g_im - h_re, 8 * j + 2)
        _store_turned(rows, place + 3 * step, g_re - h_im, g_im + h_re, 8 * j + 4)
        _store_turned(rows, place + 4 * step, e_re - f_im, e_im + f_re, 8 * j + 6)


@njit(cache=True)
def _store_turned(rows, place, re, im, t):  # type: ignore[no-untyped-def]
    cosine, sine = spread8(FIFTH_TURNS[t]), spread8(FIFTH_TURNS[t + 1])
    store8(rows, place, re * cosine - im * sine)
    store8(rows, place + LANES, re * sine + im * cosine)


@njit(cache=True)
def inverse_5_to_4(rows: Rows) -> None:
    """The last stage, of radix 5, on 160 rows; the last fifth of what comes out is left out."""
    step = 32 * ROW
    cos_1, cos_2, sin_1, sin_2 = spread8(COS_1), spread8(COS_2), spread8(SIN_1), spread8(SIN_2)
    for j in range(32):
        place = j * ROW
        x_re, x_im = load8(rows, place), load8(rows, place + LANES)
        b_re, b_im = _load_turned_back(rows, place + step, 8 * j)
        c_re, c_im = _load_turned_back(rows, place + 2 * step, 8 * j + 2)
        d_re, d_im = _load_turned_back(rows, place + 3 * step, 8 * j + 4)
        e_re, e_im = _load_turned_back(rows, place + 4 * step, 8 * j + 6)
        be_re, be_im, cd_re, cd_im = b_re + e_re, b_im + e_im, c_re + d_re, c_im + d_im
        b_e_re, b_e_im, c_d_re, c_d_im = b_re - e_re, b_im - e_im, c_re - d_re, c_im - d_im
        store8(rows, place, x_re + be_re + cd_re)
        store8(rows, place + LANES, x_im + be_im + cd_im)
        f_re, f_im = x_re + cos_1 * be_re + cos_2 * cd_re, x_im + cos_1 * be_im + cos_2 * cd_im
        g_re, g_im = x_re + cos_2 * be_re + cos_1 * cd_re, x_im + cos_2 * be_im + cos_1 * cd_im
        store8(rows, place + step, f_re - (sin_1 * b_e_im + sin_2 * c_d_im))
        store8(rows, place + step + LANES, f_im + (sin_1 * b_e_re + sin_2 * c_d_re))
        h_re, h_im = sin_2 * b_e_re - sin_1 * c_d_re, sin_2 * b_e_im - sin_1 * c_d_im
        store8(rows, place + 2 * step, g_re - h_im)
        store8(rows, place + 2 * step + LANES, g_im + h_re)
        store8(rows, place + 3 * step, g_re + h_im)
        store8(rows, place + 3 * step + LANES, g_im - h_re)


@njit(cache=True)
def _load_turned_back(rows, place, t):  # type: ignore[no-untyped-def]
    cosine, sine = spread8(FIFTH_TURNS[t]), spread8(FIFTH_TURNS[t + 1])
    re, im = load8(rows, place), load8(rows, place + LANES)
    return re * cosine + im * sine, im * cosine - re * sine


@njit(cache=True)
def forward_160(rows: Rows) -> None:
    """128 rows, and 32 that are taken for zeros; bins in the order of radices 5, 4, 4, 2."""
    forward_5_of_4(rows)
    for first in range(0, 160, 32):
        forward_4(rows, first, np.int64(32))
    for first in range(0, 160, 8):
        forward_4(rows, first, np.int64(8))
    for first in range(0, 160, 2):
        butterfly_2(rows, first)


@njit(cache=True)
def inverse_160(rows: Rows) -> None:
    """160 times the first 128 rows of what `forward_160` took."""
    for first in range(0, 160, 2):
        butterfly_2(rows, first)
    for first in range(0, 160, 8):
        inverse_4(rows, first, np.int64(8))
    for first in range(0, 160, 32):
        inverse_4(rows, first, np.int64(32))
    inverse_5_to_4(rows)


@njit(cache=True)
def forward_power(rows: Rows, size: Length) -> None:
    """A power of two up to 256; bins in the order of radices 4, 4, .., and 2 where the power is odd."""
    length = size
    while length >= 4:
        for first in range(0, size, length):
            forward_4(rows, first, length)
        length //= 4
    if length == 2:
        for first in range(0, size, 2):
            butterfly_2(rows, first)


@njit(cache=True)
def inverse_power(rows: Rows, size: Length) -> None:
    """`size` times what `forward_power` took."""
    length = size
    while length > 4:
        length //= 4
    if length == 2:
        for first in range(0, size, 2):
            butterfly_2(rows, first)
        length = 8
    while length <= size:
        for first in range(0, size, length):
            inverse_4(rows, first, length)
        length *= 4
