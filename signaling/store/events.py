"""What happens to a session, told to whoever listens: a Redis stream for each session.

A stream keeps what was said, so a listener that comes late or reconnects misses nothing. One pub/sub connection
for the process wakes the listeners: each holds one flag and no queue, so none can fill up memory.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import fakeredis
import redis.asyncio
from redis.exceptions import RedisError

KEPT_S = 3 * 3600  # longer than a take lives
OVER_KEPT_S = 60  # of a session that is over: who listened to it hears the end
MAX_EVENTS = 2000  # of one session
READ_AT_ONCE = 200
COMING_S = 10  # a recording that comes says so more often
WAKE_CHANNEL = "voicejury:wake"
RETRY_S = 0.5
LISTEN_S = 1.0  # a cancellation that was swallowed is noticed after this

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Event:
    """One event; `position` orders the events of a session."""

    position: str
    name: str  # "state", "progress", "juror", "verdict", "error"
    data: dict[str, Any]


def open_redis(url: str) -> redis.asyncio.Redis:
    """The real one by URL; an embedded one in this process without."""
    if url:
        return redis.asyncio.Redis.from_url(url, decode_responses=True, socket_connect_timeout=5)
    embedded: redis.asyncio.Redis = fakeredis.FakeAsyncRedis(server=fakeredis.FakeServer(), decode_responses=True)
    return embedded


class Events:
    def __init__(self, client: redis.asyncio.Redis) -> None:
        self._redis = client
        self._flags: dict[str, set[asyncio.Event]] = defaultdict(set)

    async def publish(self, session_id: str, name: str, data: dict[str, Any]) -> None:
        text = json.dumps(data, ensure_ascii=False)
        async with _heeding_cancellation(), self._redis.pipeline(transaction=True) as pipe:
            pipe.xadd(_stream(session_id), {"name": name, "data": text}, maxlen=MAX_EVENTS, approximate=True)
            pipe.expire(_stream(session_id), KEPT_S)
            if name == "progress":
                pipe.set(_progress(session_id), text, ex=KEPT_S)
            pipe.publish(WAKE_CHANNEL, session_id)
            await pipe.execute()

    async def end(self, session_id: str) -> None:
        """Tells that the session is over, and lets go of what was said soon after."""
        await self.publish(session_id, "over", {})
        async with _heeding_cancellation(), self._redis.pipeline(transaction=True) as pipe:
            pipe.expire(_stream(session_id), OVER_KEPT_S)
            pipe.expire(_progress(session_id), OVER_KEPT_S)
            await pipe.execute()

    async def forget(self, session_id: str) -> None:
        """What was told of an attempt that failed is not told of the next."""
        async with _heeding_cancellation():
            await self._redis.delete(_stream(session_id), _progress(session_id))

    async def sweep(self) -> None:
        """Frees what has expired: a Redis server does so by itself, the embedded one only while it counts its keys."""
        if isinstance(self._redis, fakeredis.FakeAsyncRedis):
            async with _heeding_cancellation():
                await self._redis.dbsize()

    async def progress(self, session_id: str) -> dict[str, Any] | None:
        text = await self._redis.get(_progress(session_id))
        return json.loads(text) if text else None

    async def note_recording(self, session_id: str, mark: str) -> None:
        """Where the phone's own recording of this session stands."""
        await self._redis.set(_recording(session_id), mark, ex=KEPT_S)

    async def recording(self, session_id: str) -> str | None:
        mark = await self._redis.get(_recording(session_id))
        return str(mark) if mark else None

    async def recording_comes(self, session_id: str) -> None:
        await self._redis.set(f"{_recording(session_id)}:coming", "1", ex=COMING_S)

    async def recording_is_coming(self, session_id: str) -> bool:
        return bool(await self._redis.exists(f"{_recording(session_id)}:coming"))

    async def after(self, session_id: str, position: str = "") -> list[Event]:
        """The events that follow `position`, oldest first; all of them without one."""
        first = f"({position}" if position else "-"
        entries: Any = await self._redis.xrange(_stream(session_id), min=first, max="+", count=READ_AT_ONCE)
        return [Event(entry, fields["name"], json.loads(fields["data"])) for entry, fields in entries]

    @asynccontextmanager
    async def wake_ups(self, session_id: str) -> AsyncIterator[asyncio.Event]:
        """A flag that is set whenever something was published."""
        flag = asyncio.Event()
        self._flags[session_id].add(flag)
        try:
            yield flag
        finally:
            self._flags[session_id].discard(flag)
            if not self._flags[session_id]:
                del self._flags[session_id]

    @property
    def listening(self) -> dict[str, int]:
        """How many listeners each session has."""
        return {session_id: len(flags) for session_id, flags in self._flags.items()}

    async def run(self) -> None:
        """Passes wake-ups on until it is cancelled; listeners also look by themselves from time to time."""
        while not _cancelled():
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as wakes:
                    await wakes.subscribe(WAKE_CHANNEL)
                    while not _cancelled():
                        self._pass_on(await wakes.get_message(timeout=LISTEN_S))
            except (RedisError, OSError) as error:
                log.warning("redis: %s; trying again", error)
                await asyncio.sleep(RETRY_S)

    def _pass_on(self, message: Any) -> None:
        for flag in self._flags.get(message["data"], ()) if message is not None else ():
            flag.set()

    async def ping(self) -> None:
        await self._redis.ping()


def _cancelled() -> bool:
    """The clients of Redis swallow a cancellation that meets them while they connect; the task still knows of it."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


@asynccontextmanager
async def _heeding_cancellation() -> AsyncIterator[None]:
    """What ends within it ends the task too, where that was cancelled."""
    try:
        yield
    finally:
        if _cancelled():
            raise asyncio.CancelledError


def _stream(session_id: str) -> str:
    return f"voicejury:session:{session_id}:events"


def _progress(session_id: str) -> str:
    return f"voicejury:session:{session_id}:progress"


def _recording(session_id: str) -> str:
    return f"voicejury:session:{session_id}:recording"
