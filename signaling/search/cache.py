"""What is kept in Redis for a while: so many entries at most, the oldest go first.

While Redis is away nothing is found here and nothing is kept; only `newest` says so.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


class BoundedCache:
    """A hash with the values beside a sorted set with the times they were put."""

    def __init__(
        self,
        client: redis.asyncio.Redis,
        name: str,
        life_s: int,
        max_entries: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._redis = client
        self._values, self._times = f"voicejury:{name}:values", f"voicejury:{name}:times"
        self._life_s = life_s
        self._max_entries = max_entries
        self._clock = clock

    async def get(self, key: str) -> str | None:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.hget(self._values, key)
                pipe.zscore(self._times, key)
                value, put_at = await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)
            return None
        if value is None or put_at is None or put_at < self._clock() - self._life_s:
            return None
        return str(value)

    async def put(self, entries: Mapping[str, str]) -> None:
        try:
            await self._put(entries)
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)

    async def _put(self, entries: Mapping[str, str]) -> None:
        if not entries:
            return
        now = self._clock()
        values: dict[Any, Any] = dict(entries)
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hset(self._values, mapping=values)
            pipe.zadd(self._times, dict.fromkeys(entries, now))
            pipe.expire(self._values, self._life_s)
            pipe.expire(self._times, self._life_s)
            pipe.zrange(self._times, 0, -(self._max_entries + 1))
            pipe.zrangebyscore(self._times, "-inf", now - self._life_s)
            *_, surplus, stale = await pipe.execute()
        await self.drop([*surplus, *stale])

    async def drop(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.hdel(self._values, *keys)
            pipe.zrem(self._times, *keys)
            await pipe.execute()

    async def newest(self, count: int) -> list[tuple[str, str, float]]:
        """Key, value and the time it was put (s since 1970), newest first; raises RedisError."""
        timed: Any = await self._redis.zrevrange(self._times, 0, count - 1, withscores=True)
        if not timed:
            return []
        values: Any = await self._redis.hmget(self._values, [key for key, _ in timed])
        fresh = self._clock() - self._life_s
        pairs = zip(timed, values, strict=True)
        return [(key, value, put_at) for (key, put_at), value in pairs if value is not None and put_at >= fresh]
