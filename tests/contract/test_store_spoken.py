"""What the jury said, read again and again: never of a take that the store no longer holds, whoever deleted it."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.v1 import song_pb2

from signaling.config import Settings
from signaling.store.database import open_database
from signaling.store.models import ResultRow
from signaling.store.results import Results
from signaling.store.sessions import Session, Sessions
from signaling.store.states import State
from tests.contract.conftest import Stores

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
SONG = song_pb2.Song(id="air", title="Un air", artist="Anonyme")
VERDICT: dict[str, Any] = {"total": 81.5, "jury": [{"persona": "é", "comment": "Où ça ?"}], "lines": [0.1, 1e-7, None]}


@pytest.fixture
async def engine(stores: Stores, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    url = Settings.model_construct(data_dir=tmp_path, database_url=stores.database_url).sql_url
    engine = await open_database(url)
    yield engine
    await engine.dispose()


async def sung(engine: AsyncEngine) -> Session:
    session = Session(
        f"{1:032x}", "air", "Ana", "normal", "fr", State.JUDGING, None, DAY, DAY + timedelta(hours=1), ended_at=DAY
    )
    await Sessions(engine).add(session, SONG)
    return session


async def test_a_verdict_of_another_process_is_told_as_it_is_kept(engine: AsyncEngine) -> None:
    ours, session = Results(engine), await sung(engine)
    before = await Sessions(engine).with_take(session.id)
    assert before is not None
    assert (before.session.state, before.take_id) == (State.JUDGING, None)
    assert await ours.spoken(session.id) is None
    assert await Results(engine).keep(session, SONG, VERDICT)
    after = await Sessions(engine).with_take(session.id)
    assert after is not None
    assert after.session.state is State.DONE
    assert after.take_id is not None
    told = await ours.spoken(session.id)
    assert told is not None
    assert json.loads(told.verdict_json) == VERDICT
    assert told.jury == VERDICT["jury"]
    assert await ours.spoken_of(after.take_id) == told == await Results(engine).spoken(session.id)


async def test_a_verdict_that_was_deleted_is_not_told_again(engine: AsyncEngine) -> None:
    results, session = Results(engine), await sung(engine)
    assert await results.keep(session, SONG, VERDICT)
    assert await results.spoken(session.id) is not None
    async with engine.begin() as elsewhere:
        await elsewhere.execute(delete(ResultRow))
    assert await results.spoken(session.id) is None
    found = await Sessions(engine).with_take(session.id)
    assert found is not None
    assert found.take_id is None


async def test_questions_that_nobody_waits_for_any_more_leave_the_store_usable(engine: AsyncEngine) -> None:
    sessions, session = Sessions(engine), await sung(engine)
    for wait_s in (0.0, 0.001, 0.005):
        asked = [asyncio.create_task(sessions.find(session.id)) for _ in range(60)]
        await asyncio.sleep(wait_s)
        for one in asked[::2]:
            one.cancel()
        heard = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(one, Session) for one in heard[1::2])
        assert all(isinstance(one, Session | asyncio.CancelledError) for one in heard)
    async with asyncio.timeout(30):
        assert len([one for one in await asyncio.gather(*(sessions.find(session.id) for _ in range(60))) if one]) == 60
    assert "Current Checked out connections: 0" in engine.pool.status()
