"""Sessions in SQL: made, moved along their states, found again after a restart."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from voicejury.v1 import song_pb2

from signaling.store.models import SessionRow
from signaling.store.states import State, sources_of

MAX_DETAIL_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a session ended without a verdict."""

    code: str
    detail: str  # shown to the singer


@dataclass(frozen=True, slots=True)
class Session:
    id: str
    song_id: str
    singer: str | None
    level: str  # "kind", "normal", "strict"
    language: str  # of the comments
    state: State
    failure: Failure | None
    created_at: datetime
    expires_at: datetime
    ended_at: datetime | None


class Sessions:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)

    async def add(self, session: Session, song: song_pb2.Song) -> None:
        row = SessionRow(
            id=session.id,
            song_id=session.song_id,
            song_pb=song.SerializeToString(),
            singer=session.singer,
            level=session.level,
            language=session.language,
            state=session.state.value,
            created_at=session.created_at,
            expires_at=session.expires_at,
        )
        async with self._open.begin() as store:
            store.add(row)

    async def find(self, session_id: str) -> Session | None:
        async with self._open() as store:
            row = await store.get(SessionRow, session_id)
        return _session(row) if row is not None else None

    async def song_of(self, session_id: str) -> song_pb2.Song:
        """The song as it was when the session began; an empty one once the verdict is kept."""
        async with self._open() as store:
            data = await store.scalar(select(SessionRow.song_pb).where(SessionRow.id == session_id))
        return song_pb2.Song.FromString(data or b"")

    async def move(
        self, session_id: str, target: State, *, failure: Failure | None = None, ended_at: datetime | None = None
    ) -> bool:
        """False when the session's state does not allow the move, so only one of two rivals wins."""
        allowed = [state.value for state in sources_of(target)]
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.state.in_(allowed))
        values: dict[str, object] = {"state": target.value}
        if failure is not None:
            values |= {"error_code": failure.code, "error_detail": failure.detail[:MAX_DETAIL_CHARACTERS]}
        if ended_at is not None:
            values["ended_at"] = ended_at
        async with self._open.begin() as store:
            moved = await store.execute(change.values(values).returning(SessionRow.id))
            return moved.first() is not None

    async def to_judge(self, now: datetime) -> list[Session]:
        """Those in judging, and those whose singer went away: connected with an expired token."""
        left = (SessionRow.state == State.CONNECTED.value) & (SessionRow.expires_at < now)
        query = select(SessionRow).where(or_(SessionRow.state == State.JUDGING.value, left))
        async with self._open() as store:
            return [_session(row) for row in await store.scalars(query.order_by(SessionRow.created_at))]

    async def purge(self, now: datetime, take_life: timedelta) -> int:
        """Deletes sessions that were never used, and those without a verdict whose take is gone."""
        unused = (SessionRow.state == State.CREATED.value) & (SessionRow.expires_at < now)
        without_verdict = SessionRow.state.in_([State.FAILED.value, State.ABANDONED.value])
        fruitless = without_verdict & (SessionRow.expires_at < now - take_life)
        async with self._open.begin() as store:
            purged = await store.execute(delete(SessionRow).where(or_(unused, fruitless)).returning(SessionRow.id))
            return len(purged.all())

    async def ping(self) -> None:
        async with self._open() as store:
            await store.execute(select(func.now()))


def _session(row: SessionRow) -> Session:
    failure = Failure(row.error_code, row.error_detail or "") if row.error_code else None
    return Session(
        id=row.id,
        song_id=row.song_id,
        singer=row.singer,
        level=row.level,
        language=row.language,
        state=State(row.state),
        failure=failure,
        created_at=row.created_at,
        expires_at=row.expires_at,
        ended_at=row.ended_at,
    )
