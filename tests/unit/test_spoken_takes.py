"""How many verdicts are held in memory."""

import pytest

from signaling.store.spoken import Spoken, SpokenTakes


def spoken(size_bytes: int) -> Spoken:
    return Spoken(b"v" * size_bytes, [])


def test_the_longest_unasked_verdicts_make_room() -> None:
    takes = SpokenTakes(most_bytes=100)
    first, second = takes.keep("first", spoken(40)), takes.keep("second", spoken(40))
    assert takes.get("first") is first
    third = takes.keep("third", spoken(40))
    assert [takes.get(name) for name in ("first", "second", "third")] == [first, None, third]
    assert takes.keep("second", second) is second
    assert takes.get("first") is None


@pytest.mark.parametrize("size_bytes", [101, 1000])
def test_a_verdict_that_is_larger_than_all_room_is_told_and_not_held(size_bytes: int) -> None:
    takes = SpokenTakes(most_bytes=100)
    large = spoken(size_bytes)
    assert takes.keep("large", large) is large
    assert takes.get("large") is None
    takes.keep("small", spoken(100))
    assert takes.get("small") is not None


def test_one_that_two_asked_for_at_once_counts_once() -> None:
    takes = SpokenTakes(most_bytes=100)
    for _ in range(5):
        takes.keep("same", spoken(60))
    assert takes.get("same") is not None
    takes.keep("other", spoken(40))
    assert takes.get("same") is not None
