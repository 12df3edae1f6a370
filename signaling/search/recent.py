"""The last searches of this installation. What somebody was still typing is not one of them."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import redis.asyncio
from redis.exceptions import RedisError

from signaling.search.cache import BoundedCache
from signaling.search.likeness import fold

KEPT_SEARCHES = 20
KEPT_S = 30 * 24 * 3600
MIN_LETTERS = 3
AGAIN_S = 5.0  # many who search the same at once are one search
TYPING_S = 30.0  # "be", "beat", "beatles" within this time are one search

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RecentSearch:
    query: str
    searched_at: datetime


class RecentSearches:
    def __init__(self, client: redis.asyncio.Redis, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept = BoundedCache(client, "recent-searches", KEPT_S, KEPT_SEARCHES, clock)
        self._last = ("", 0.0)  # what was noted, and when

    async def note(self, query: str) -> None:
        """Keeps a search that found something; the one that it continues goes."""
        key = fold(query)
        if len(key) < MIN_LETTERS or (self._last[0] == query and self._clock() - self._last[1] < AGAIN_S):
            return
        self._last = (query, self._clock())
        try:
            await self._note(key, query)
        except (RedisError, OSError) as error:  # nobody's search fails for it
            log.warning("redis: %s", error)

    async def _note(self, key: str, query: str) -> None:
        await self._kept.put({key: query})
        typed_since = self._clock() - TYPING_S
        known = await self._kept.newest(KEPT_SEARCHES)
        begun = [old for old, _, at in known if at >= typed_since and old != key and _continues(old, key)]
        await self._kept.drop(begun)

    async def newest_first(self) -> list[RecentSearch]:
        known = await self._kept.newest(KEPT_SEARCHES)
        return [RecentSearch(query, datetime.fromtimestamp(at, UTC)) for _, query, at in known]


def _continues(old: str, new: str) -> bool:
    return new.startswith(old) or old.startswith(new)
