"""Migrations and queries on SQLite and on PostgreSQL."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.v1 import song_pb2

from signaling.config import Settings
from signaling.store.database import alembic_config, create_engine, open_database, told, upgrade
from signaling.store.models import Base
from signaling.store.results import CURVE_POINTS, Results
from signaling.store.sessions import Failure, Session, Sessions
from signaling.store.states import State
from tests.contract.conftest import Stores

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
TAKE_LIFE = timedelta(hours=2)
SONG = song_pb2.Song(id="air", title="Un air", artist="Anonyme")


@pytest.fixture
def url(stores: Stores, tmp_path: Path) -> str:
    return Settings.model_construct(data_dir=tmp_path, database_url=stores.database_url).sql_url


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    engine = await open_database(url)
    yield engine
    await engine.dispose()


def session(number: int, singer: str | None = None, **more: Any) -> Session:
    values: dict[str, Any] = {
        "id": f"{number:032x}",
        "song_id": "air",
        "singer": singer,
        "level": "normal",
        "language": "fr",
        "state": State.CREATED,
        "failure": None,
        "created_at": DAY,
        "expires_at": DAY + timedelta(hours=1),
        "ended_at": None,
    }
    return Session(**{**values, **more})


async def sung(engine: AsyncEngine, number: int, singer: str | None, total: float | None, minute: int) -> Session:
    sessions = Sessions(engine)
    made = session(number, singer)
    await sessions.add(made, SONG)
    assert await sessions.move(made.id, State.CONNECTED)
    assert await sessions.move(made.id, State.JUDGING, ended_at=DAY + timedelta(minutes=minute))
    ended = await sessions.find(made.id)
    assert ended is not None
    curve = [{"song_s": step / 20, "sung_midi": 60.0, "written_midi": 60.0} for step in range(1001)]
    assert await Results(engine).keep(ended, SONG, {"total": total, "pitch": total, "curve": curve})
    return ended


async def test_migrations_go_up_without_drift_and_down_again(url: str) -> None:
    engine = create_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: command.check(alembic_config(sync)))
        await connection.run_sync(upgrade)
    async with engine.begin() as connection:
        assert await connection.run_sync(tables) == {"alembic_version", *Base.metadata.tables}
        assert {"sessions", "session_results", "lyrics_cache", "lyrics_offsets"} < set(Base.metadata.tables)
        await connection.run_sync(lambda sync: command.downgrade(alembic_config(sync), "base"))
    async with engine.begin() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
    await engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


async def test_times_come_back_in_utc_whatever_the_store(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    paris = datetime.fromisoformat("2026-03-01T13:00:00.123456+01:00")
    await sessions.add(session(1, created_at=paris), SONG)
    found = await sessions.find(session(1).id)
    assert found is not None
    assert found.created_at == paris
    assert found.created_at.tzinfo is UTC
    assert await sessions.song_of(found.id) == SONG
    await sessions.ping()


async def test_only_one_of_two_rivals_moves_a_session(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    made = session(1)
    await sessions.add(made, SONG)
    assert not await sessions.move(made.id, State.DONE)
    assert not await sessions.move(made.id, State.JUDGING)
    assert await sessions.move(made.id, State.CONNECTED)
    assert not await sessions.move(made.id, State.CONNECTED)
    assert await sessions.move(made.id, State.FAILED, failure=Failure("judge-failed", "x" * 1000))
    assert not await sessions.move(made.id, State.ABANDONED)
    found = await sessions.find(made.id)
    assert found is not None
    assert found.failure == Failure("judge-failed", "x" * 300)


async def test_a_verdict_is_kept_once(engine: AsyncEngine) -> None:
    ended = await sung(engine, 1, "Ana", 80.0, 1)
    assert not await Results(engine).keep(ended, SONG, {"total": 1.0})
    verdict = await Results(engine).verdict_of(ended.id)
    assert verdict is not None
    assert verdict["total"] == 80.0


async def test_work_that_was_left_is_found(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    for number, states in enumerate([[], [State.CONNECTED], [State.CONNECTED, State.JUDGING], [State.ABANDONED]]):
        await sessions.add(session(number), SONG)
        for state in states:
            await sessions.move(session(number).id, state)
    early, late = DAY, DAY + timedelta(hours=2)
    assert {found.id for found in await sessions.to_judge(early)} == {session(2).id}
    assert {found.id for found in await sessions.to_judge(late)} == {session(1).id, session(2).id}
    assert await sessions.purge(early, TAKE_LIFE) == 0
    assert await sessions.purge(late, TAKE_LIFE) == 1
    assert await sessions.find(session(0).id) is None


async def test_a_data_folder_made_for_the_database_is_its_owners_alone(tmp_path: Path) -> None:
    engine = await open_database(Settings.model_construct(data_dir=tmp_path / "data", database_url="").sql_url)
    await engine.dispose()
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


async def test_a_session_without_a_verdict_is_deleted_once_its_take_is_gone(engine: AsyncEngine) -> None:
    sessions = Sessions(engine)
    for number, end in enumerate([State.ABANDONED, State.FAILED, State.CONNECTED]):
        await sessions.add(session(number), SONG)
        await sessions.move(session(number).id, end)
    done = await sung(engine, 3, "Ana", 80.0, 1)
    expiry = session(0).expires_at
    assert await sessions.purge(expiry + TAKE_LIFE, TAKE_LIFE) == 0
    assert await sessions.purge(expiry + TAKE_LIFE + timedelta(seconds=1), TAKE_LIFE) == 2
    assert [await sessions.find(session(number).id) is None for number in range(3)] == [True, True, False]
    assert await Results(engine).verdict_of(done.id) is not None


async def test_the_song_is_dropped_once_the_verdict_is_kept_and_its_title_stays(engine: AsyncEngine) -> None:
    ended = await sung(engine, 1, "Ana", 80.0, 1)
    assert await Sessions(engine).song_of(ended.id) == song_pb2.Song()
    assert [take.title for take in await Results(engine).history(None, 5, None)] == ["Un air"]


async def test_the_leaderboard_keeps_each_singers_best_and_the_older_of_equals_first(engine: AsyncEngine) -> None:
    takes = [("Ana", 70.0), ("Bo", 90.0), ("Ana", 90.0), ("Bo", 50.0), (None, 60.0), (None, 65.0), ("Cy", None)]
    for number, (singer, total) in enumerate(takes):
        await sung(engine, number, singer, total, number)
    board = await Results(engine).leaderboard("air")
    assert [(best.singer, best.total) for best in board] == [("Bo", 90.0), ("Ana", 90.0), (None, 65.0), (None, 60.0)]
    best = await Results(engine).best_by_song()
    assert (best["air"].singer, best["air"].total) == ("Bo", 90.0)
    assert await Results(engine).leaderboard("other") == []


async def test_the_history_pages_backwards_through_all_takes(engine: AsyncEngine) -> None:
    for number in range(5):
        await sung(engine, number, "Ana", float(number), number)
    results = Results(engine)
    first = await results.history(None, 2, None)
    second = await results.history("air", 2, first[-1].sung_at)
    third = await results.history("air", 2, second[-1].sung_at)
    assert [take.total for take in [*first, *second, *third]] == [4.0, 3.0, 2.0, 1.0, 0.0]
    assert len({take.take_id for take in [*first, *second, *third]}) == 5
    assert len(first[0].curve) <= CURVE_POINTS
    assert (first[0].title, first[0].artist) == ("Un air", "Anonyme")
    assert await results.history("other", 2, None) == []


async def test_what_was_to_be_kept_is_in_no_error(engine: AsyncEngine) -> None:
    refused = text("INSERT INTO no_such_table (lyrics) VALUES (:lyrics)")
    with pytest.raises(SQLAlchemyError) as error:
        async with engine.begin() as connection:
            await connection.execute(refused, {"lyrics": "la vie est belle"})
    assert "la vie est belle" not in str(error.value)
    assert told(error.value) == type(error.value).__name__
    assert told(OSError("no disk")) == "OSError: no disk"
