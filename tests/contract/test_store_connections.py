"""The connections of a process to its store: so many at most, and dead ones are found before they are used."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from signaling.config import Settings
from signaling.sources.model import Kind, Source
from signaling.store.database import FILE_CONNECTIONS, SERVER_CONNECTIONS, create_engine, open_database
from signaling.store.preparations import Preparations
from signaling.store.sessions import Sessions
from signaling.store.sources import SourceTable
from tests.contract.conftest import Stores

OTHERS = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> "


@pytest.fixture
def url(stores: Stores, tmp_path: Path) -> str:
    return Settings.model_construct(data_dir=tmp_path, database_url=stores.database_url).sql_url


async def test_two_hundred_questions_at_once_share_a_few_connections(url: str) -> None:
    engine = await open_database(url)
    try:
        sessions = Sessions(engine)
        assert await asyncio.gather(*(sessions.find(f"{number}") for number in range(200))) == [None] * 200
        limit = FILE_CONNECTIONS if engine.dialect.name == "sqlite" else SERVER_CONNECTIONS
        assert engine.pool.status().startswith(f"Pool size: {limit} ")
        assert "Current Overflow: 0 " in engine.pool.status()
    finally:
        await engine.dispose()


async def test_a_connection_that_died_while_it_lay_idle_is_replaced(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    engine, other = await open_database(url), create_engine(url)
    if engine.dialect.name != "sqlite":
        monkeypatch.setattr("signaling.store.database.IDLE_S", 0.0)
        async with engine.connect(), engine.connect():
            pass  # two that lie idle
        async with other.connect() as killer:
            killed = (await killer.execute(text(f"{OTHERS} pg_backend_pid()"))).all()
        assert len(killed) >= 2
    assert await Sessions(engine).find("nobody") is None
    assert await Sessions(engine).with_song("nobody") is None
    await other.dispose()
    await engine.dispose()


async def test_a_write_that_is_cancelled_keeps_no_other_out(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.store.database.BUSY_TIMEOUT_MS", 12_000)
    engine = await open_database(url)
    preparations = Preparations(engine)
    await SourceTable(engine).keep([Source("a", Kind.UPLOAD, "x", "y", 4.0, datetime.now(UTC))])
    try:
        for pause in range(40):
            leaving = asyncio.create_task(preparations.join("a", datetime.now(UTC)))
            await asyncio.sleep(0.0002 * pause)  # until it is in the midst of one of its steps
            leaving.cancel()
            with suppress(asyncio.CancelledError):
                await leaving
            await preparations.join("a", datetime.now(UTC))
    finally:
        await engine.dispose()
