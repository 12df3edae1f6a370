"""How windows are dealt into batches of fixed sizes."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from inference.models.batches import SIZES, batches, in_batches

SIZE_LISTS = st.lists(st.integers(1, 64), min_size=1, max_size=5, unique=True).map(lambda sizes: tuple(sorted(sizes)))


@given(st.integers(0, 1000), SIZE_LISTS)
def test_every_window_is_in_one_batch_and_no_batch_is_larger_than_it_must_be(
    count: int, sizes: tuple[int, ...]
) -> None:
    dealt = list(batches(count, sizes))
    assert sum(one.count for one in dealt) == count
    assert all(one.first + one.count == other.first for one, other in pairwise(dealt))
    for one in dealt:
        assert one.size in sizes
        assert 0 < one.count <= one.size
        assert all(size < one.count for size in sizes if size < one.size)
    assert all(one.count == sizes[-1] for one in dealt[:-1])


def test_thirty_three_singers_take_one_batch_of_sixty_four() -> None:
    assert [(one.count, one.size) for one in batches(33)] == [(33, 64)]
    assert [(one.count, one.size) for one in batches(SIZES[-1] + 3)] == [(256, 256), (3, 8)]


@given(st.integers(0, 200), SIZE_LISTS)
def test_answers_come_in_the_order_of_the_windows_and_padding_is_cut_off(count: int, sizes: tuple[int, ...]) -> None:
    windows = np.arange(count, dtype=np.float32)[:, None]

    def doubled_in_a_fixed_buffer(some: NDArray[np.float32], size: int) -> NDArray[np.float32]:
        buffer = np.full((size, 1), np.nan, np.float32)
        buffer[: len(some)] = some
        return (2 * buffer)[: len(some)]

    parts = in_batches(windows, doubled_in_a_fixed_buffer, sizes)
    assert np.array_equal(np.concatenate([np.zeros((0, 1), np.float32), *parts]), 2 * windows)
