"""What takes long to make, kept for those who ask for the same next."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Latest(Generic[Key, Value]):
    """By all that it is made from, so it never grows stale; so many at most. Of one event loop."""

    def __init__(self, max_entries: int) -> None:
        self._max_entries = max_entries
        self._made: OrderedDict[Key, Value] = OrderedDict()

    def of(self, made_from: Key, make: Callable[[], Value]) -> Value:
        if made_from not in self._made:
            self._made[made_from] = make()
        self._made.move_to_end(made_from)
        if len(self._made) > self._max_entries:
            self._made.popitem(last=False)
        return self._made[made_from]
