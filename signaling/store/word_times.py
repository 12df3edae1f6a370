"""Timed words in two tiers, Redis for an hour and SQL for 90 days, and the states of the tasks that make them."""

import json
import logging
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import redis.asyncio
from redis.exceptions import RedisError
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.database import AnySelect, first_row, for_reading
from signaling.store.models import WordTimesRow

NEAR_LIFE_S = 3600
LIFE = timedelta(days=90)
TASK_LIFE_S = 3600
ALIVE_S = 30  # a task whose process has said nothing for so long is over
VOICE_CHARACTERS = 24  # of a fingerprint: they name the voice that was listened to
TaskState = Literal["queued", "running", "done", "failed"]
NEWEST = (
    select(*WordTimesRow.__table__.columns)
    .where(WordTimesRow.expires_at > bindparam("now"))
    .order_by(WordTimesRow.made_at.desc())
    .limit(1)
)
OF_TRACK = NEWEST.where(
    WordTimesRow.track_id == bindparam("track_id"), WordTimesRow.fingerprint.startswith(bindparam("voice"))
)
OF_FINGERPRINT = NEWEST.where(WordTimesRow.fingerprint == bindparam("fingerprint"))
INTERRUPTED = {"code": "unavailable", "detail": "The service was restarted meanwhile; ask again."}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KeptWordTimes:
    track_id: str
    fingerprint: str  # of the voice (its first VOICE_CHARACTERS), the lines and the method asked
    language: str
    method: str
    words: list[dict[str, Any]]  # {text, onset_s, offset_s, line, timed_by, certainty}
    made_at: datetime


@dataclass(frozen=True, slots=True)
class WordTask:
    """`task_id` is the fingerprint of what is made."""

    task_id: str
    state: TaskState
    fraction: float = 0.0
    error: dict[str, str] | None = None  # {code, detail}


class WordTimesStore:
    """Without Redis everything still comes from SQL; what Redis alone knows is then not known."""

    def __init__(self, engine: AsyncEngine, client: redis.asyncio.Redis) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = for_reading(engine)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
        self._redis = client

    async def of_track(self, track_id: str, voice: str) -> KeptWordTimes | None:
        """The newest on this voice, the first characters of a fingerprint."""
        near = await self._near(_track_key(track_id))
        if near is not None and near.fingerprint.startswith(voice):
            return near
        kept = await self._from_sql(OF_TRACK, track_id=track_id, voice=voice)
        if kept is not None:
            await self._bring_near(kept)
        return kept

    async def of_fingerprint(self, fingerprint: str) -> KeptWordTimes | None:
        """It may be an older one: the track's answer stays the newest."""
        return await self._from_sql(OF_FINGERPRINT, fingerprint=fingerprint)

    async def keep(self, made: KeptWordTimes) -> None:
        """In both tiers; lets go of all that has expired."""
        values = {
            "language": made.language,
            "method": made.method,
            "words": made.words,
            "made_at": made.made_at,
            "expires_at": made.made_at + LIFE,
        }
        added = self._insert(WordTimesRow).values(track_id=made.track_id, fingerprint=made.fingerprint, **values)
        key = [WordTimesRow.track_id, WordTimesRow.fingerprint]
        async with self._open.begin() as store:
            await store.execute(delete(WordTimesRow).where(WordTimesRow.expires_at < datetime.now(UTC)))
            await store.execute(added.on_conflict_do_update(index_elements=key, set_=values))
        await self._bring_near(made)

    async def tell(self, task: WordTask) -> None:
        """Says where a task of this process stands, and that the process is alive."""
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                pipe.set(_task_key(task.task_id), json.dumps(asdict(task)), ex=TASK_LIFE_S)
                pipe.set(_alive_key(task.task_id), "1", ex=ALIVE_S)
                await pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)

    async def claim(self, task_id: str) -> bool:
        """False where another process is at it; True also without Redis."""
        try:
            return bool(await self._redis.set(_alive_key(task_id), "1", ex=ALIVE_S, nx=True))
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)
            return True

    async def release(self, task_id: str) -> None:
        try:
            await self._redis.delete(_alive_key(task_id))
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)

    async def task(self, task_id: str) -> WordTask | None:
        """What is true of it now: a running one whose process is gone has failed; what is kept is done."""
        told, is_alive = await self._told(task_id)
        if told is not None and told.state == "failed":
            return told
        if told is not None and told.state != "done" and is_alive:
            return told
        if await self.of_fingerprint(task_id) is not None:
            return WordTask(task_id, "done", 1.0)
        return WordTask(task_id, "failed", told.fraction, INTERRUPTED) if told is not None else None

    async def _told(self, task_id: str) -> tuple[WordTask | None, bool]:
        try:
            text, alive = await self._redis.mget(_task_key(task_id), _alive_key(task_id))
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)
            return None, False
        return (WordTask(**json.loads(text)) if text else None), bool(alive)

    async def _from_sql(self, query: AnySelect, **values: str) -> KeptWordTimes | None:
        row = await first_row(self._reading, query, now=datetime.now(UTC), **values)
        if row is None:
            return None
        return KeptWordTimes(row.track_id, row.fingerprint, row.language, row.method, row.words, row.made_at)

    async def _near(self, key: str) -> KeptWordTimes | None:
        try:
            text = await self._redis.get(key)
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)
            return None
        if not text:
            return None
        document = json.loads(text)
        return KeptWordTimes(**document | {"made_at": datetime.fromisoformat(document["made_at"])})

    async def _bring_near(self, made: KeptWordTimes) -> None:
        text = json.dumps(asdict(made) | {"made_at": made.made_at.isoformat()}, ensure_ascii=False)
        try:
            await self._redis.set(_track_key(made.track_id), text, ex=NEAR_LIFE_S)
        except (RedisError, OSError) as error:
            log.warning("redis: %s", error)


def _track_key(track_id: str) -> str:
    return f"voicejury:words:track:{track_id}"


def _task_key(task_id: str) -> str:
    return f"voicejury:words:task:{task_id}"


def _alive_key(task_id: str) -> str:
    return f"voicejury:words:alive:{task_id}"
