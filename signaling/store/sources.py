"""The table `sources`: every way to a song that was found, given or taken in."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Exists, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.sources.model import Candidate, Kind, Source
from signaling.store.database import AnyRow, first_row, for_reading
from signaling.store.models import PreparationRow, ReferenceRow, SourceRow

MAX_NAME_CHARACTERS = 500
MAX_CANDIDATES = 50
MAX_OF_KIND = 5000
COLUMNS = SourceRow.__table__.columns
FIND = select(*COLUMNS).where(SourceRow.id == bindparam("source_id"))
OF_TRACK = (
    select(*COLUMNS, PreparationRow.state, ReferenceRow.confidence)
    .outerjoin(PreparationRow, PreparationRow.source_id == SourceRow.id)
    .outerjoin(ReferenceRow, ReferenceRow.content_hash == SourceRow.content_hash)
    .where(or_(SourceRow.track_id == bindparam("of_track"), SourceRow.id == bindparam("of_track")))
    .limit(MAX_CANDIDATES)
)


class SourceTable:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = for_reading(engine)
        self._insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert

    async def keep(self, sources: Sequence[Source]) -> None:
        """Adds them. Of one that is there nothing known is forgotten, and a prepared upload is not renamed."""
        async with self._open.begin() as store:
            for source in sorted(sources, key=lambda one: one.id):  # everybody in one order: none waits in a circle
                added = self._insert(SourceRow).values(_values(source)).on_conflict_do_nothing().returning(SourceRow.id)
                if (await store.execute(added)).first() is not None:
                    continue
                row = await store.get_one(SourceRow, source.id)
                row.duration_s = source.duration_s if source.duration_s is not None else row.duration_s
                if source.kind is not Kind.UPLOAD or not await store.scalar(select(_is_ready(source.id))):
                    row.title = _name(source.title) or row.title
                    row.artist = _name(source.artist) or row.artist
                    row.details = {**row.details, **_details(source)}
                row.content_hash = source.content_hash or row.content_hash
                if source.track_id is not None:
                    row.track_id, row.match = source.track_id, source.match

    async def find(self, source_id: str) -> Source | None:
        row = await first_row(self._reading, FIND, source_id=source_id)
        return _source(row) if row is not None else None

    async def of_track(self, track_id: str) -> list[Candidate]:
        """What was found for a track: the track itself, then the best match; a ready one before its equals."""
        async with self._reading.connect() as store:
            rows = (await store.execute(OF_TRACK, {"of_track": track_id})).all()
        found = [Candidate(_source(row), row.state == "ready", row.confidence) for row in rows]
        return sorted(found, key=lambda one: _place_of(one, track_id))

    async def note_hash(self, source_id: str, content_hash: str, duration_s: float) -> None:
        change = update(SourceRow).where(SourceRow.id == source_id)
        async with self._open.begin() as store:
            await store.execute(change.values(content_hash=content_hash, duration_s=duration_s))

    async def of_kind(self, kind: Kind) -> list[Source]:
        async with self._open() as store:
            newest = select(SourceRow).where(SourceRow.kind == kind.value).order_by(SourceRow.added_at.desc())
            rows = await store.scalars(newest.limit(MAX_OF_KIND))
            return [_source(row) for row in rows]

    async def forget_unprepared(self, source_ids: Sequence[str]) -> None:
        """What was prepared stays: its song is there without the file."""
        ready = select(PreparationRow.source_id).where(PreparationRow.state == "ready")
        doomed = delete(SourceRow).where(SourceRow.id.in_(source_ids), SourceRow.id.not_in(ready))
        async with self._open.begin() as store:
            await store.execute(doomed)


def _is_ready(source_id: str) -> Exists:
    ready = (PreparationRow.source_id == source_id) & (PreparationRow.state == "ready")
    return select(PreparationRow.source_id).where(ready).exists()


def _place_of(one: Candidate, track_id: str) -> tuple[bool, float, bool, str]:
    return one.source.id != track_id, -(one.source.match or 0.0), not one.is_ready, one.source.id


def _name(told: str) -> str:
    return _without_nul(told)[:MAX_NAME_CHARACTERS]


def _details(source: Source) -> dict[str, Any]:
    return {key: _without_nul(value) if isinstance(value, str) else value for key, value in source.details.items()}


def _without_nul(text: str) -> str:
    """PostgreSQL keeps none, and the tags of files hold anything."""
    return text.replace("\0", "")


def _values(source: Source) -> dict[str, Any]:
    return {
        "id": source.id,
        "kind": source.kind.value,
        "title": _name(source.title),
        "artist": _name(source.artist),
        "duration_s": source.duration_s,
        "track_id": source.track_id,
        "match": source.match,
        "content_hash": source.content_hash,
        "details": _details(source),
        "added_at": source.added_at,
    }


def _source(row: SourceRow | AnyRow) -> Source:
    return Source(
        id=row.id,
        kind=Kind(row.kind),
        title=row.title,
        artist=row.artist,
        duration_s=row.duration_s,
        added_at=row.added_at,
        track_id=row.track_id,
        match=row.match,
        content_hash=row.content_hash,
        details=row.details,
    )
