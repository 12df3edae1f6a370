"""What the tables say of how long things are kept."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, union
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.models import LyricsRow, PreparationRow, SessionRow, SourceRow, WordTimesRow
from signaling.store.preparations import QUEUED, RUNNING
from signaling.store.states import OVER


class Keeping:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)

    async def contents_in_use(self, now: datetime, life: timedelta) -> frozenset[str]:
        """Hashes of recordings that are being prepared, or whose session lives or ended less than `life` ago."""
        over = SessionRow.state.in_([state.value for state in OVER])
        lately = func.coalesce(SessionRow.ended_at, SessionRow.created_at) > now - life
        of_sessions = (
            select(SourceRow.content_hash)
            .join(SessionRow, SessionRow.source_id == SourceRow.id)
            .where(SourceRow.content_hash.is_not(None), or_(~over, lately))
        )
        of_preparations = (
            select(SourceRow.content_hash)
            .join(PreparationRow, PreparationRow.source_id == SourceRow.id)
            .where(SourceRow.content_hash.is_not(None), PreparationRow.state.in_([QUEUED, RUNNING]))
        )
        async with self._open() as store:
            found = await store.scalars(union(of_sessions, of_preparations))
            return frozenset(content_hash for content_hash in found if content_hash)

    async def delete_expired(self, now: datetime) -> int:
        """Lyrics and word times that are past their day."""
        deleted = 0
        async with self._open.begin() as store:
            lyrics = delete(LyricsRow).where(LyricsRow.expires_at < now).returning(LyricsRow.track_id)
            deleted += len((await store.execute(lyrics)).all())
            words = delete(WordTimesRow).where(WordTimesRow.expires_at < now).returning(WordTimesRow.track_id)
            deleted += len((await store.execute(words)).all())
        return deleted
