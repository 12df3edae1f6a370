"""What was found a moment ago, for the many who ask the same."""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Moment(Generic[Value]):
    """Gives a value again for `life_s`; so many at most, the oldest go first."""

    def __init__(self, life_s: float, max_entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._life_s = life_s
        self._max_entries = max_entries
        self._clock = clock
        self._values: OrderedDict[str, tuple[float, Value]] = OrderedDict()

    def get(self, key: str) -> Value | None:
        put_s, value = self._values.get(key, (0.0, None))
        return value if value is not None and self._clock() - put_s < self._life_s else None

    def put(self, key: str, value: Value) -> None:
        self._values.pop(key, None)
        self._values[key] = (self._clock(), value)
        if len(self._values) > self._max_entries:
            self._values.popitem(last=False)

    def clear(self) -> None:
        self._values.clear()
