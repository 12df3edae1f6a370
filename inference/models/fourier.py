"""Fourier transforms of eight complex signals side by side, in place, for numba.

Layout of such signals ("rows"): float32, row after row, each row 8 real parts and then 8 imaginary parts. Transforms
leave the bins in the order that `bin_order` tells and take them in it, so that nothing is ever sorted.
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
Twiddles = NDArray[np.float32]


def bin_order(*radices: int) -> NDArray[np.int64]:
    """The bin that stands in each row after a forward transform with stages of these radices."""
    if not radices:
        return np.zeros(1, np.int64)
    first, *rest = radices
    return np.concatenate([first * bin_order(*rest) + k for k in range(first)])


def stage_twiddles(radix: int, length: int) -> Twiddles:
    """exp(-2 pi i j k / length), as (re, im) for each j < length / radix and k = 1 .. radix - 1."""
    j = np.arange(length // radix)[:, None]
    turns = np.exp(-2j * np.pi * j * np.arange(1, radix) / length)
    return np.stack([turns.real, turns.imag], axis=-1).astype(np.float32).reshape(-1)


@njit(cache=True)
def forward_4(rows: Rows, first: int, length: int, twiddles: Twiddles) -> None:
    """One stage of radix 4 (decimation in frequency) on `length` rows from row `first`."""
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
        t = 6 * j
        cosine, sine = spread8(twiddles[t]), spread8(twiddles[t + 1])
        re, im = a_c_re + b_d_im, a_c_im - b_d_re
        store8(rows, place + step, re * cosine - im * sine)
        store8(rows, place + step + LANES, re * sine + im * cosine)
        cosine, sine = spread8(twiddles[t + 2]), spread8(twiddles[t + 3])
        re, im = ac_re - bd_re, ac_im - bd_im
        store8(rows, place + 2 * step, re * cosine - im * sine)
        store8(rows, place + 2 * step + LANES, re * sine + im * cosine)
        cosine, sine = spread8(twiddles[t + 4]), spread8(twiddles[t + 5])
        re, im = a_c_re - b_d_im, a_c_im + b_d_re
        store8(rows, place + 3 * step, re * cosine - im * sine)
        store8(rows, place + 3 * step + LANES, re * sine + im * cosine)


@njit(cache=True)
def inverse_4(rows: Rows, first: int, length: int, twiddles: Twiddles) -> None:
    """The stage of radix 4 (decimation in time) that undoes `forward_4` but for a factor of 4."""
    step = length // 4 * ROW
    for j in range(length // 4):
        place = (first + j) * ROW
        t = 6 * j
        a_re, a_im = load8(rows, place), load8(rows, place + LANES)
        re, im = load8(rows, place + step), load8(rows, place + step + LANES)
        cosine, sine = spread8(twiddles[t]), spread8(twiddles[t + 1])
        b_re, b_im = re * cosine + im * sine, im * cosine - re * sine
        re, im = load8(rows, place + 2 * step), load8(rows, place + 2 * step + LANES)
        cosine, sine = spread8(twiddles[t + 2]), spread8(twiddles[t + 3])
        c_re, c_im = re * cosine + im * sine, im * cosine - re * sine
        re, im = load8(rows, place + 3 * step), load8(rows, place + 3 * step + LANES)
        cosine, sine = spread8(twiddles[t + 4]), spread8(twiddles[t + 5])
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
def forward_2(rows: Rows, first: int) -> None:
    """The last stage of radix 2, on two rows."""
    place = first * ROW
    for part in (0, LANES):
        a, b = load8(rows, place + part), load8(rows, place + ROW + part)
        store8(rows, place + part, a + b)
        store8(rows, place + ROW + part, a - b)


@njit(cache=True)
def forward_5_of_4(rows: Rows, length: int, twiddles: Twiddles) -> None:
    """The first stage, of radix 5, on `length` rows whose last fifth is taken for zeros."""
    step = length // 5 * ROW
    cos_1, cos_2, sin_1, sin_2 = spread8(COS_1), spread8(COS_2), spread8(SIN_1), spread8(SIN_2)
    for j in range(length // 5):
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
        _store_turned(rows, place + step, e_re + f_im, e_im - f_re, twiddles, 8 * j)
        _store_turned(rows, place + 2 * step, g_re + h_im, g_im - h_re, twiddles, 8 * j + 2)
        _store_turned(rows, place + 3 * step, g_re - h_im, g_im + h_re, twiddles, 8 * j + 4)
        _store_turned(rows, place + 4 * step, e_re - f_im, e_im + f_re, twiddles, 8 * j + 6)


@njit(cache=True)
def _store_turned(rows, place, re, im, twiddles, t):  # type: ignore[no-untyped-def]
    cosine, sine = spread8(twiddles[t]), spread8(twiddles[t + 1])
    store8(rows, place, re * cosine - im * sine)
    store8(rows, place + LANES, re * sine + im * cosine)
