"""Which tracks of a search were prepared already."""

from collections.abc import Sequence

from sqlalchemy import BindParameter, Select, and_, bindparam, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import aliased

from signaling.store.database import for_reading
from signaling.store.models import PreparationRow, SourceRow

READY = "ready"
SURE_MATCH = 0.85  # below this it may be a cover or another song: somebody has to choose it


def _prepared() -> Select[str, str | None, str | None, bool]:
    """Sources of `track_ids` whose song is there: the worst match first."""
    rival = aliased(SourceRow)
    track_ids: BindParameter[str] = bindparam("track_ids", expanding=True)
    best = select(func.max(rival.match)).where(rival.track_id == SourceRow.track_id).scalar_subquery()
    is_sure = and_(SourceRow.match >= SURE_MATCH, SourceRow.match >= best)
    return (
        select(SourceRow.id, SourceRow.track_id, PreparationRow.song_id, func.coalesce(is_sure, False))
        .join(PreparationRow, PreparationRow.source_id == SourceRow.id)
        .where(PreparationRow.state == READY, PreparationRow.song_id.is_not(None))
        .where(or_(SourceRow.track_id.in_(track_ids), SourceRow.id.in_(track_ids)))
        .order_by(SourceRow.match.asc().nulls_first(), SourceRow.id)
    )


PREPARED = _prepared()


class Singable:
    def __init__(self, engine: AsyncEngine) -> None:
        self._reading = for_reading(engine)

    async def songs_of(self, track_ids: Sequence[str]) -> dict[str, str]:
        """Song ids by track id: of the track's own recording, or of the best that was found for it and surely is it."""
        async with self._reading.connect() as store:
            rows = (await store.execute(PREPARED, {"track_ids": track_ids})).all()
        wanted = set(track_ids)
        found = {track_id: song_id or "" for _, track_id, song_id, sure in rows if sure and track_id in wanted}
        return found | {source_id: song_id or "" for source_id, _, song_id, _ in rows if source_id in wanted}
