"""Fetched lyrics and their offsets in SQL. A miss is kept as well, for a shorter time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.database import first_row, for_reading
from signaling.store.models import LyricsOffsetRow, LyricsRow

OFFSET = select(LyricsOffsetRow.offset_s).where(
    LyricsOffsetRow.track_id == bindparam("track_id"), LyricsOffsetRow.source == bindparam("source")
)


@dataclass(frozen=True, slots=True)
class KeptLyrics:
    """Without lines: the source was asked and has none, or says that nobody sings."""

    source: str
    language: str
    is_synced: bool
    lines: list[dict[str, Any]]
    fetched_at: datetime
    expires_at: datetime
    offset_s: float | None = None  # None: not looked up

    @property
    def is_instrumental(self) -> bool:
        """Kept as synced lyrics without a line."""
        return self.is_synced and not self.lines


class LyricsStore:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = for_reading(engine)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def kept(self, key: str, track_id: str, now: datetime) -> dict[str, KeptLyrics]:
        """What has not expired under this key, by source, with the offsets of this track."""
        offset = (LyricsOffsetRow.track_id == track_id) & (LyricsOffsetRow.source == LyricsRow.source)
        query = select(LyricsRow, LyricsOffsetRow.offset_s).outerjoin(LyricsOffsetRow, offset)
        query = query.where(LyricsRow.track_id == key, LyricsRow.expires_at > now)
        async with self._open() as store:
            return {row.source: _kept(row, offset_s or 0.0) for row, offset_s in await store.execute(query)}

    async def keep(
        self,
        track_id: str,
        source: str,
        life: timedelta,
        lines: Sequence[dict[str, Any]] = (),
        language: str = "",
        is_synced: bool = False,
    ) -> KeptLyrics:
        """Replaces what this source said before, and lets go of all that has expired."""
        now = datetime.now(UTC)
        kept = KeptLyrics(source, language, is_synced, list(lines), now, now + life)
        values = {
            "language": language,
            "is_synced": is_synced,
            "lines": kept.lines,
            "fetched_at": now,
            "expires_at": kept.expires_at,
        }
        added = self._insert(LyricsRow).values(track_id=track_id, source=source, **values)
        key = [LyricsRow.track_id, LyricsRow.source]
        async with self._open.begin() as store:
            await store.execute(delete(LyricsRow).where(LyricsRow.expires_at < now))
            await store.execute(added.on_conflict_do_update(index_elements=key, set_=values))
        return kept

    async def offset_s(self, track_id: str, source: str) -> float:
        """0 where nobody has set one."""
        row = await first_row(self._reading, OFFSET, track_id=track_id, source=source)
        return row.offset_s if row is not None else 0.0

    async def set_offset(self, track_id: str, source: str, offset_s: float) -> None:
        values = {"offset_s": offset_s, "set_at": datetime.now(UTC)}
        added = self._insert(LyricsOffsetRow).values(track_id=track_id, source=source, **values)
        key = [LyricsOffsetRow.track_id, LyricsOffsetRow.source]
        async with self._open.begin() as store:
            await store.execute(added.on_conflict_do_update(index_elements=key, set_=values))


def _kept(row: LyricsRow, offset_s: float) -> KeptLyrics:
    return KeptLyrics(row.source, row.language, row.is_synced, row.lines, row.fetched_at, row.expires_at, offset_s)
