"""What is kept for the next who asks, and what goes."""

from functools import partial

from signaling.net.latest import Latest


def test_it_is_made_once_and_the_one_that_nobody_asked_for_goes_first() -> None:
    made: list[int] = []

    def make(number: int) -> str:
        made.append(number)
        return str(number)

    kept: Latest[int, str] = Latest(2)
    asked = [1, 2, 1, 3, 1, 2]
    assert [kept.of(number, partial(make, number)) for number in asked] == ["1", "2", "1", "3", "1", "2"]
    assert made == [1, 2, 3, 2]
