"""Prepared songs in SQL: one for each content, with its size and when it was last sung."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Exists, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.models import ReferenceRow, SessionRow
from signaling.store.states import OVER


@dataclass(frozen=True, slots=True)
class PreparedReference:
    song_id: str
    content_hash: str
    source_id: str
    size_bytes: int
    confidence: float | None
    prepared_at: datetime
    sung_at: datetime  # or prepared, when nobody sang it yet


class References:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def keep(self, reference: PreparedReference) -> str:
        """The song of this content: the given one, or the one that a rival kept before."""
        async with self._open.begin() as store:
            row = self._insert(ReferenceRow).values(**asdict(reference)).on_conflict_do_nothing()
            await store.execute(row)
            same = select(ReferenceRow.song_id).where(ReferenceRow.content_hash == reference.content_hash)
            return (await store.scalars(same)).one()

    async def of_content(self, content_hash: str) -> PreparedReference | None:
        async with self._open() as store:
            row = await store.scalar(select(ReferenceRow).where(ReferenceRow.content_hash == content_hash))
        return _reference(row) if row is not None else None

    async def find(self, song_id: str) -> PreparedReference | None:
        async with self._open() as store:
            row = await store.get(ReferenceRow, song_id)
        return _reference(row) if row is not None else None

    async def touch(self, song_id: str, now: datetime) -> None:
        """It is about to be sung, so it is not the next to go. Does nothing for a song that was written by hand."""
        async with self._open.begin() as store:
            await store.execute(update(ReferenceRow).where(ReferenceRow.song_id == song_id).values(sung_at=now))

    async def resize(self, song_id: str, size_bytes: int) -> None:
        """Does nothing for a song that was written by hand."""
        async with self._open.begin() as store:
            row = update(ReferenceRow).where(ReferenceRow.song_id == song_id)
            await store.execute(row.values(size_bytes=size_bytes))

    async def size_bytes(self) -> int:
        async with self._open() as store:
            return int(await store.scalar(select(func.coalesce(func.sum(ReferenceRow.size_bytes), 0))) or 0)

    async def least_recently_sung(self) -> list[PreparedReference]:
        """Those that no living session sings, the longest unsung first."""
        query = select(ReferenceRow).where(~_is_sung()).order_by(ReferenceRow.sung_at, ReferenceRow.song_id)
        async with self._open() as store:
            return [_reference(row) for row in await store.scalars(query)]

    async def drop(self, reference: PreparedReference) -> bool:
        """False when somebody took it up to sing since it was read."""
        same = (ReferenceRow.song_id == reference.song_id) & (ReferenceRow.sung_at == reference.sung_at)
        async with self._open.begin() as store:
            gone = delete(ReferenceRow).where(same, ~_is_sung()).returning(ReferenceRow.song_id)
            return (await store.execute(gone)).first() is not None


def _is_sung() -> Exists:
    living = SessionRow.state.not_in([state.value for state in OVER])
    return select(SessionRow.id).where(SessionRow.song_id == ReferenceRow.song_id, living).exists()


def _reference(row: ReferenceRow) -> PreparedReference:
    return PreparedReference(
        song_id=row.song_id,
        content_hash=row.content_hash,
        source_id=row.source_id,
        size_bytes=row.size_bytes,
        confidence=row.confidence,
        prepared_at=row.prepared_at,
        sung_at=row.sung_at,
    )
