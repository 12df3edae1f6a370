"""A preparation that ends its process each time is begun three times, then failed; a clean stop does not count."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.store.database import create_engine
from signaling.store.models import PreparationRow
from signaling.store.preparations import RUNNING, Preparations
from tests.contract.conftest import Stores
from tests.contract.preparing_house import OFFLINE, begin, status, until_state, unused_port, upload_pair
from tests.contract.signaling_stage import Stage, signaling_stage, until

STALE = timedelta(seconds=10)
FETCHED = 0.15


@pytest.fixture
async def house(stores: Stores, tmp_path: Path) -> AsyncIterator[Stage]:
    """Its reference service is away, so that what it begins is never over."""
    more = {**OFFLINE, "reference_url": f"127.0.0.1:{unused_port()}"}
    async with signaling_stage(tmp_path, stores.database_url, stores.redis_url, **more) as stage:
        yield stage


@pytest.fixture
async def engine(house: Stage) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(house.settings.sql_url)
    yield engine
    await engine.dispose()


async def attempts(engine: AsyncEngine) -> int:
    async with engine.connect() as store:
        return int((await store.execute(select(PreparationRow.attempts))).scalar_one())


async def leave_dead(engine: AsyncEngine, count: int) -> None:
    """The row as processes leave it that were killed while they worked."""
    dead = datetime.now(UTC) - timedelta(minutes=1)
    values = {"state": RUNNING, "began_at": dead, "changed_at": dead, "attempts": count}
    async with engine.begin() as store:
        await store.execute(update(PreparationRow).values(**values))


async def begun(house: Stage) -> tuple[str, dict[str, str]]:
    session_id, token, _ = await begin(house.api, {"source": {"source_id": await upload_pair(house.api)}})

    async def is_fetched() -> bool:
        return bool((await status(house.api, session_id, token))["progress"]["fraction"] >= FETCHED)

    await until(is_fetched)
    return session_id, token


async def test_the_third_death_is_the_last_and_the_next_singer_may_try_again(house: Stage, engine: AsyncEngine) -> None:
    session_id, token = await begun(house)
    assert await attempts(engine) == 1
    await leave_dead(engine, 3)
    found = await until_state(house.api, session_id, token, "failed")
    assert found["error"]["code"] == "internal"
    assert "three times" in found["error"]["detail"]
    await begun(house)
    assert await attempts(engine) == 1


async def test_a_third_attempt_is_made(house: Stage, engine: AsyncEngine) -> None:
    session_id, token = await begun(house)
    await leave_dead(engine, 2)

    async def is_begun_again() -> bool:
        return await attempts(engine) == 3

    await until(is_begun_again)
    assert (await status(house.api, session_id, token))["state"] == "preparing"


async def test_a_clean_stop_is_no_attempt(house: Stage, engine: AsyncEngine) -> None:
    await begun(house)
    await house.again()

    async def is_begun_again() -> bool:
        async with engine.connect() as store:
            return (await store.execute(select(PreparationRow.state))).scalar_one() == RUNNING

    await until(is_begun_again)
    assert await attempts(engine) == 1


async def test_every_claim_counts_until_the_work_is_given_back(house: Stage, engine: AsyncEngine) -> None:
    await begun(house)
    preparations, now = Preparations(engine), datetime.now(UTC) + timedelta(hours=1)
    (source_id,) = await preparations.to_do(now, STALE)
    claims = [await preparations.claim(source_id, now + timedelta(hours=hour), STALE) for hour in range(2, 5)]
    assert [claim and claim.attempt for claim in claims] == [2, 3, 4]
    last = claims[-1]
    assert last is not None
    assert await preparations.release(last, now + timedelta(hours=6), counts=False)
    assert await attempts(engine) == 3
