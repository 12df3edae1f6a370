"""Preparations in SQL. The row is the lock: whoever claims it works on it, and keeps it by a heartbeat.

A claim is told by its `began_at`. Its owner changes the row only while that stands, so a process that was thought
dead and comes back finds that it lost the work, and leaves it alone.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.models import PreparationRow
from signaling.store.sessions import MAX_DETAIL_CHARACTERS, Failure

QUEUED, RUNNING, READY, FAILED = "queued", "running", "ready", "failed"


@dataclass(frozen=True, slots=True)
class Preparation:
    source_id: str
    state: str  # "queued", "running", "ready", "failed"
    stage: str
    fraction: float
    left_s: float | None
    failure: Failure | None
    song_id: str | None
    began_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on one source."""

    source_id: str
    began_at: datetime
    attempt: int = 1  # those before it broke, or their process died


class Preparations:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def join(self, source_id: str, now: datetime) -> Preparation:
        """The preparation of the source, begun if there is none; a failed one is begun anew."""
        fresh = _fresh(now)
        again = (PreparationRow.source_id == source_id) & (PreparationRow.state == FAILED)
        async with self._open.begin() as store:
            await store.execute(
                self._insert(PreparationRow).values(source_id=source_id, **fresh).on_conflict_do_nothing()
            )
            await store.execute(update(PreparationRow).where(again).values(**fresh))
            return _preparation(await store.get_one(PreparationRow, source_id, populate_existing=True))

    async def begin_anew(self, source_id: str, now: datetime) -> None:
        """Puts a ready one back into the queue: its song is gone."""
        ready = (PreparationRow.source_id == source_id) & (PreparationRow.state == READY)
        async with self._open.begin() as store:
            await store.execute(update(PreparationRow).where(ready).values(**_fresh(now)))

    async def find(self, source_id: str) -> Preparation | None:
        async with self._open() as store:
            row = await store.get(PreparationRow, source_id)
        return _preparation(row) if row is not None else None

    async def claim(self, source_id: str, now: datetime, stale: timedelta) -> Claim | None:
        """None when another has it and is alive."""
        free = and_(PreparationRow.source_id == source_id, _is_free(now, stale))
        attempts = PreparationRow.attempts + 1
        values = {"state": RUNNING, "began_at": now, "changed_at": now, "attempts": attempts}
        async with self._open.begin() as store:
            change = update(PreparationRow).where(free).values(**values).returning(PreparationRow.attempts)
            attempt = await store.scalar(change)
        return Claim(source_id, now, attempt) if attempt is not None else None

    async def to_do(self, now: datetime, stale: timedelta) -> list[str]:
        """Sources that wait, and those whose worker is dead; the oldest first."""
        query = select(PreparationRow.source_id).where(_is_free(now, stale)).order_by(PreparationRow.began_at)
        async with self._open() as store:
            return list(await store.scalars(query))

    async def beat(self, claim: Claim, now: datetime, stage: str, fraction: float, left_s: float | None) -> bool:
        """Keeps the claim and tells how far the work is; False when the claim is lost."""
        return await self._change(claim, changed_at=now, stage=stage, fraction=fraction, left_s=left_s)

    async def release(self, claim: Claim, now: datetime, counts: bool) -> bool:
        """Back into the queue, for the next process; it `counts` as an attempt where the work itself broke."""
        attempts = claim.attempt if counts else claim.attempt - 1
        return await self._change(claim, state=QUEUED, changed_at=now, attempts=attempts)

    async def finish(self, claim: Claim, song_id: str, now: datetime) -> bool:
        done = {"state": READY, "stage": "store", "fraction": 1.0, "left_s": 0.0, "song_id": song_id}
        return await self._change(claim, changed_at=now, error_code=None, error_detail=None, **done)

    async def fail(self, claim: Claim, failure: Failure, now: datetime) -> bool:
        reason = {"error_code": failure.code, "error_detail": failure.detail[:MAX_DETAIL_CHARACTERS]}
        return await self._change(claim, state=FAILED, changed_at=now, left_s=None, **reason)

    async def forget_song(self, song_id: str) -> None:
        """The song left the house, so whoever asks for its sources begins anew."""
        async with self._open.begin() as store:
            await store.execute(delete(PreparationRow).where(PreparationRow.song_id == song_id))

    async def _change(self, claim: Claim, **values: Any) -> bool:
        mine = and_(
            PreparationRow.source_id == claim.source_id,
            PreparationRow.state == RUNNING,
            PreparationRow.began_at == claim.began_at,
        )
        async with self._open.begin() as store:
            change = update(PreparationRow).where(mine).values(**values).returning(PreparationRow.source_id)
            return (await store.execute(change)).first() is not None


def _is_free(now: datetime, stale: timedelta) -> Any:
    dead = (PreparationRow.state == RUNNING) & (PreparationRow.changed_at < now - stale)
    return or_(PreparationRow.state == QUEUED, dead)


def _fresh(now: datetime) -> dict[str, Any]:
    return {
        "state": QUEUED,
        "stage": QUEUED,
        "fraction": 0.0,
        "left_s": None,
        "error_code": None,
        "error_detail": None,
        "song_id": None,
        "attempts": 0,
        "began_at": now,
        "changed_at": now,
    }


def _preparation(row: PreparationRow) -> Preparation:
    return Preparation(
        source_id=row.source_id,
        state=row.state,
        stage=row.stage,
        fraction=row.fraction,
        left_s=row.left_s,
        failure=Failure(row.error_code, row.error_detail or "") if row.error_code else None,
        song_id=row.song_id,
        began_at=row.began_at,
        changed_at=row.changed_at,
    )
