"""What juries said of takes, as it is told again and again: by the stream of events, by the results."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

KEPT_BYTES = 16 * 1024**2  # of verdicts; one of a song of three minutes has about 0.1 MB


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the jury said of a take: the whole verdict as its JSON is kept, and of it the jurors."""

    verdict_json: bytes  # one line, UTF-8
    jury: list[dict[str, Any]]


class SpokenTakes:
    """The last ones that were asked for, by the take's id; of one event loop. Whether the store still holds a take is
    for the caller to ask."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._held_bytes = 0
        self._kept: OrderedDict[str, Spoken] = OrderedDict()

    def get(self, take_id: str) -> Spoken | None:
        known = self._kept.get(take_id)
        if known is not None:
            self._kept.move_to_end(take_id)
        return known

    def keep(self, take_id: str, spoken: Spoken) -> Spoken:
        """`spoken` again; the longest unasked ones make room for it."""
        if take_id not in self._kept:
            self._kept[take_id] = spoken
            self._held_bytes += len(spoken.verdict_json)
        while self._held_bytes > self._most_bytes:
            _, gone = self._kept.popitem(last=False)
            self._held_bytes -= len(gone.verdict_json)
        return spoken
