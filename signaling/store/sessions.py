"""Sessions in SQL: made, moved along their states, found again after a restart."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Update, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker
from voicejury.v1 import song_pb2

from signaling.store.database import AnyRow, first_row, for_reading
from signaling.store.models import ResultRow, SessionRow
from signaling.store.states import OVER, State, sources_of

MAX_DETAIL_CHARACTERS = 300
JUDGE_FAILED = "judge-failed"  # of a take that is there: it can be judged again
TOLD = [column for column in SessionRow.__table__.columns if column.name != "song_pb"]
BY_ID = SessionRow.id == bindparam("session_id")
FIND = select(*TOLD).where(BY_ID)
FIND_WITH_SONG = select(*TOLD, SessionRow.song_pb).where(BY_ID)
FIND_WITH_TAKE = select(*TOLD, ResultRow.take_id).outerjoin_from(SessionRow, ResultRow).where(BY_ID)


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
    source_id: str | None = None  # of the recording that its song is made from; None where the song was there
    key_shift_semitones: float = 0.0
    tempo: float = 1.0
    attempt: int = 0  # one more each time that a failed take is judged again
    for_children: bool = False  # how the jury speaks

    @property
    def had_song(self) -> bool:
        """Without one nobody could connect."""
        return bool(self.song_id)

    @property
    def may_change_source(self) -> bool:
        """Unsung, or failed because its source did; `Sessions.prepare_anew` asks the same of the row."""
        never_had_song = self.state is State.FAILED and self.source_id is not None and not self.had_song
        return self.state in (State.PREPARING, State.CREATED) or never_had_song


@dataclass(frozen=True, slots=True)
class WithSong:
    """A session and its song as it is kept: empty while it is prepared, and once the verdict is kept."""

    session: Session
    song_pb: bytes


@dataclass(frozen=True, slots=True)
class WithTake:
    """A session and the public id of its verdict: None while the jury has not spoken, and where it never will."""

    session: Session
    take_id: str | None


class Sessions:
    def __init__(self, engine: AsyncEngine) -> None:
        self._open = async_sessionmaker(engine, expire_on_commit=False)
        self._reading = for_reading(engine)

    async def add(self, session: Session, song: song_pb2.Song) -> None:
        """`song` as it will be sung; an empty one while it is prepared."""
        row = SessionRow(
            id=session.id,
            song_id=session.song_id,
            song_pb=song.SerializeToString(),
            source_id=session.source_id,
            key_shift_semitones=session.key_shift_semitones,
            tempo=session.tempo,
            attempt=session.attempt,
            for_children=session.for_children,
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
        row = await first_row(self._reading, FIND, session_id=session_id)
        return _session(row) if row is not None else None

    async def with_song(self, session_id: str) -> WithSong | None:
        """Both of the same moment."""
        row = await first_row(self._reading, FIND_WITH_SONG, session_id=session_id)
        return WithSong(_session(row), row.song_pb) if row is not None else None

    async def with_take(self, session_id: str) -> WithTake | None:
        """Both of the same moment."""
        row = await first_row(self._reading, FIND_WITH_TAKE, session_id=session_id)
        return WithTake(_session(row), row.take_id) if row is not None else None

    async def song_of(self, session_id: str) -> song_pb2.Song:
        """The song as it was when the session began; an empty one once the verdict is kept."""
        async with self._open() as store:
            data = await store.scalar(select(SessionRow.song_pb).where(SessionRow.id == session_id))
        return song_pb2.Song.FromString(data or b"")

    async def move(
        self, session_id: str, target: State, *, failure: Failure | None = None, ended_at: datetime | None = None
    ) -> bool:
        """False when the session's state does not allow the move, so only one of two rivals wins.

        A session that is over has an end: `ended_at`, now without one, or the end that it had before.
        """
        allowed = [state.value for state in sources_of(target)]
        change = update(SessionRow).where(SessionRow.id == session_id, SessionRow.state.in_(allowed))
        values: dict[str, object] = {"state": target.value}
        if failure is not None:
            values |= {"error_code": failure.code, "error_detail": failure.detail[:MAX_DETAIL_CHARACTERS]}
        if target in OVER:
            values["ended_at"] = func.coalesce(SessionRow.ended_at, ended_at or datetime.now(UTC))
        elif ended_at is not None:
            values["ended_at"] = ended_at
        return await self._change(change.values(values))

    async def keep_song(self, session_id: str, song: song_pb2.Song) -> bool:
        """As it will be sung, until somebody has connected; False from then on."""
        unsung = (SessionRow.id == session_id) & (SessionRow.state == State.CREATED.value)
        return await self._change(update(SessionRow).where(unsung).values(song_pb=song.SerializeToString()))

    async def waiting_for(self, source_id: str) -> list[Session]:
        """Those whose song is prepared from this source."""
        waits = (SessionRow.state == State.PREPARING.value) & (SessionRow.source_id == source_id)
        async with self._open() as store:
            return [_session(row) for row in await store.scalars(select(SessionRow).where(waits))]

    async def waited_for(self) -> list[str]:
        """The sources that sessions wait for."""
        query = select(SessionRow.source_id).where(SessionRow.state == State.PREPARING.value).distinct()
        async with self._open() as store:
            return [source_id for source_id in await store.scalars(query) if source_id is not None]

    async def give_song(self, session: Session, song: song_pb2.Song) -> bool:
        """From preparing to created, with the song as it will be sung; False when it waits for that source no more."""
        waits = (SessionRow.state == State.PREPARING.value) & (SessionRow.source_id == session.source_id)
        values = {"state": State.CREATED.value, "song_id": song.id, "song_pb": song.SerializeToString()}
        return await self._change(update(SessionRow).where(SessionRow.id == session.id, waits).values(**values))

    async def prepare_anew(self, session_id: str, source_id: str) -> bool:
        """Lets an unsung session wait for another source; also one that failed because its source did."""
        unsung = SessionRow.state.in_([State.PREPARING.value, State.CREATED.value])
        failed = (SessionRow.state == State.FAILED.value) & SessionRow.source_id.is_not(None)
        never_had_it = failed & (SessionRow.song_id == "")
        change = update(SessionRow).where(SessionRow.id == session_id, or_(unsung, never_had_it))
        values = {"state": State.PREPARING.value, "source_id": source_id, "song_id": "", "song_pb": b""}
        return await self._change(change.values(**values, error_code=None, error_detail=None, ended_at=None))

    async def judge_anew(self, session_id: str, *, is_new_attempt: bool) -> bool:
        """From failed to judging; False where it was not the judging that failed."""
        failed = (SessionRow.state == State.FAILED.value) & (SessionRow.error_code == JUDGE_FAILED)
        change = update(SessionRow).where(SessionRow.id == session_id, failed)
        attempt = SessionRow.attempt + (1 if is_new_attempt else 0)
        return await self._change(
            change.values(state=State.JUDGING.value, attempt=attempt, error_code=None, error_detail=None)
        )

    async def failed_judging(self) -> list[str]:
        failed = (SessionRow.state == State.FAILED.value) & (SessionRow.error_code == JUDGE_FAILED)
        async with self._open() as store:
            return list(await store.scalars(select(SessionRow.id).where(failed)))

    async def _change(self, change: Update) -> bool:
        async with self._open.begin() as store:
            return (await store.execute(change.returning(SessionRow.id))).first() is not None

    async def to_judge(self, now: datetime) -> list[Session]:
        """Those in judging, and those whose singer went away: connected with an expired token."""
        left = (SessionRow.state == State.CONNECTED.value) & (SessionRow.expires_at < now)
        query = select(SessionRow).where(or_(SessionRow.state == State.JUDGING.value, left))
        async with self._open() as store:
            return [_session(row) for row in await store.scalars(query.order_by(SessionRow.created_at))]

    async def purge(self, now: datetime, take_life: timedelta) -> int:
        """Deletes sessions that were never used, and those without a verdict whose take is gone."""
        unsung = SessionRow.state.in_([State.PREPARING.value, State.CREATED.value])
        unused = unsung & (SessionRow.expires_at < now)
        without_verdict = SessionRow.state.in_([State.FAILED.value, State.ABANDONED.value])
        fruitless = without_verdict & (SessionRow.expires_at < now - take_life)
        async with self._open.begin() as store:
            purged = await store.execute(delete(SessionRow).where(or_(unused, fruitless)).returning(SessionRow.id))
            return len(purged.all())

    async def ping(self) -> None:
        async with self._open() as store:
            await store.execute(select(func.now()))


def _session(row: SessionRow | AnyRow) -> Session:
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
        source_id=row.source_id,
        key_shift_semitones=row.key_shift_semitones,
        tempo=row.tempo,
        attempt=row.attempt,
        for_children=row.for_children,
    )
