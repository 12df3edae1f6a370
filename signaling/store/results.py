"""Results in SQL: kept with the session's last move, read as history and leaderboard."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, Text, bindparam, cast, func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from voicejury.v1 import song_pb2

from signaling.store.database import first_row, for_reading
from signaling.store.models import ResultRow, SessionRow
from signaling.store.sessions import Session
from signaling.store.spoken import Spoken, SpokenTakes
from signaling.store.states import State, sources_of

CURVE_POINTS = 200  # a small picture in the history; the verdict keeps them all
LEADERBOARD_ROWS = 20
OF_SESSION = ResultRow.session_id == bindparam("session_id")
TAKE_ID = select(ResultRow.take_id).where(OF_SESSION)
SPOKEN = select(cast(ResultRow.verdict, Text).label("text"), ResultRow.verdict["jury"].label("jury")).where(
    ResultRow.take_id == bindparam("take_id")
)
VERSION = select(func.count(), func.max(ResultRow.sung_at)).select_from(ResultRow)


@dataclass(frozen=True, slots=True)
class Take:
    """One line of the public history."""

    take_id: str
    song_id: str
    title: str
    artist: str
    singer: str | None
    total: float | None
    pitch: float | None
    rhythm: float | None
    lyrics: float | None
    sung_at: datetime
    curve: list[dict[str, float]]


@dataclass(frozen=True, slots=True)
class Best:
    """The best take of one singer on one song."""

    song_id: str
    singer: str | None
    total: float
    sung_at: datetime


class Results:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = for_reading(engine)
        self._known = SpokenTakes()

    async def keep(self, session: Session, song: song_pb2.Song, verdict: dict[str, Any]) -> bool:
        """Stores the verdict and ends the session, in one transaction; False when that was done before."""
        row = ResultRow(
            session_id=session.id,
            take_id=uuid.uuid4().hex,
            song_id=song.id,
            title=song.title[:500],
            artist=song.artist[:500],
            singer=session.singer,
            curve=_thin(verdict.get("curve", [])),
            verdict=verdict,
            sung_at=session.ended_at or datetime.now(UTC),
            **{part: verdict.get(part) for part in ("total", "pitch", "rhythm", "lyrics")},
        )
        sources = [state.value for state in sources_of(State.DONE)]
        done = update(SessionRow).where(SessionRow.id == session.id, SessionRow.state.in_(sources))
        async with self._open.begin() as store:
            ended = done.values(state=State.DONE.value, song_pb=b"")  # the row below keeps what history tells of it
            moved = await store.execute(ended.returning(SessionRow.id))
            if moved.first() is None:
                return False
            store.add(row)
            return True

    async def verdict_of(self, session_id: str) -> dict[str, Any] | None:
        async with self._open() as store:
            return await store.scalar(select(ResultRow.verdict).where(ResultRow.session_id == session_id))

    async def spoken(self, session_id: str) -> Spoken | None:
        """What the jury said of this session's take, where it is kept now."""
        row = await first_row(self._reading, TAKE_ID, session_id=session_id)
        return await self.spoken_of(row.take_id) if row is not None else None

    async def spoken_of(self, take_id: str) -> Spoken | None:
        """Of a take whose id the store has just told. What was said of it never changes, so it is read once: the store
        takes longer to write a verdict's thousands of numbers than everything else of an answer."""
        if (known := self._known.get(take_id)) is not None:
            return known
        row = await first_row(self._reading, SPOKEN, take_id=take_id)
        return self._known.keep(take_id, Spoken(row.text.encode(), row.jury or [])) if row is not None else None

    async def version(self) -> tuple[int, datetime | None]:
        """Differs whenever a take was added or deleted; takes do not change."""
        row = await first_row(self._reading, VERSION)
        return (row[0], row[1]) if row is not None else (0, None)

    async def history(self, song_id: str | None, limit: int, before: datetime | None) -> list[Take]:
        """The newest takes first."""
        query = select(ResultRow).order_by(ResultRow.sung_at.desc(), ResultRow.take_id).limit(limit)
        if song_id is not None:
            query = query.where(ResultRow.song_id == song_id)
        if before is not None:
            query = query.where(ResultRow.sung_at < before)
        async with self._open() as store:
            return [_take(row) for row in await store.scalars(query)]

    async def leaderboard(self, song_id: str) -> list[Best]:
        """The best take of each singer; of equal totals the older one stands first."""
        query = _ranked(ResultRow.song_id == song_id, per_singer=True)
        return (await self._best(query))[:LEADERBOARD_ROWS]

    async def best_by_song(self) -> dict[str, Best]:
        return {best.song_id: best for best in await self._best(_ranked(None, per_singer=False))}

    async def _best(self, query: Select[Any]) -> list[Best]:
        async with self._open() as store:
            rows = (await store.execute(query)).all()
        return [Best(row.song_id, row.singer, row.total, row.sung_at) for row in rows]


def _ranked(where: Any, per_singer: bool) -> Select[Any]:
    """The first of each group by total, then date. Who gave no name is ranked for each take."""
    group = [ResultRow.song_id]
    if per_singer:
        group.append(func.coalesce(ResultRow.singer, ResultRow.take_id))  # type: ignore[arg-type]
    place = func.row_number().over(partition_by=group, order_by=(ResultRow.total.desc(), ResultRow.sung_at))
    inner = select(ResultRow.song_id, ResultRow.singer, ResultRow.total, ResultRow.sung_at, place.label("place"))
    inner = inner.where(ResultRow.total.is_not(None))
    if where is not None:
        inner = inner.where(where)
    ranked = inner.subquery()
    columns = (ranked.c.song_id, ranked.c.singer, ranked.c.total, ranked.c.sung_at)
    query = select(*columns).where(ranked.c.place == 1)
    return query.order_by(ranked.c.total.desc(), ranked.c.sung_at).limit(LEADERBOARD_ROWS if per_singer else None)


def _take(row: ResultRow) -> Take:
    return Take(
        take_id=row.take_id,
        song_id=row.song_id,
        title=row.title,
        artist=row.artist,
        singer=row.singer,
        total=row.total,
        pitch=row.pitch,
        rhythm=row.rhythm,
        lyrics=row.lyrics,
        sung_at=row.sung_at,
        curve=row.curve,
    )


def _thin(curve: list[dict[str, float]]) -> list[dict[str, float]]:
    step = max(1, -(-len(curve) // CURVE_POINTS))
    return curve[::step]
