"""How many stages of one kind this process works on at a time; of those who wait, the most urgent goes first."""

import heapq
import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Gate:
    """Safe to share between threads; of equal priorities the first who came goes first."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: list[tuple[int, int]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()

    @contextmanager
    def enter(self, priority: int, on_wait: Callable[[], None]) -> Iterator[None]:
        """`priority`: 1 is the most urgent; `on_wait` is called where there is no room at once."""
        ticket = (priority, next(self._order))
        with self._changed:
            has_room = self._free > len(self._waiting)
            heapq.heappush(self._waiting, ticket)
        try:
            if not has_room:
                on_wait()
        except BaseException:
            self._give_up(ticket)
            raise
        with self._changed:
            self._changed.wait_for(lambda: self._free > 0 and self._waiting[0] == ticket)
            heapq.heappop(self._waiting)
            self._free -= 1
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += 1
                self._changed.notify_all()

    def _give_up(self, ticket: tuple[int, int]) -> None:
        with self._changed:
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            self._changed.notify_all()
