"""Which tracks of a search were prepared already."""

from collections.abc import Sequence

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.store.models import PreparationRow, SourceRow

READY = "ready"


class Singable:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)

    async def songs_of(self, track_ids: Sequence[str]) -> dict[str, str]:
        """Song ids by track id, of the tracks that a ready source was found for, the best match of each."""
        query = (
            select(SourceRow.id, SourceRow.track_id, PreparationRow.song_id)
            .join(PreparationRow, PreparationRow.source_id == SourceRow.id)
            .where(PreparationRow.state == READY, PreparationRow.song_id.is_not(None))
            .where(or_(SourceRow.track_id.in_(track_ids), SourceRow.id.in_(track_ids)))
            .order_by(SourceRow.match)  # the last one stays
        )
        async with self._open() as store:
            rows = (await store.execute(query)).all()
        wanted = set(track_ids)
        songs: dict[str, str] = {}
        for source_id, track_id, song_id in rows:
            songs.update({key: song_id or "" for key in (source_id, track_id or "") if key in wanted})
        return songs
