"""Stores for the contract tests of signaling: embedded ones, and real servers."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.contract.signaling_stage import Stage, migrated_database, new_database, signaling_stage
from tests.support.killable_analysis import JobRows
from tests.support.servers import postgres_server, redis_server


@dataclass(frozen=True)
class Stores:
    database_url: str  # empty: SQLite in the data folder
    redis_url: str  # empty: inside the process


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with redis_server() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated(postgres_url: str) -> str:
    """The name of the database that each test's own is a copy of."""
    with ThreadPoolExecutor(1) as thread:  # the test's event loop may run in this one
        return thread.submit(asyncio.run, migrated_database(postgres_url)).result()


@pytest.fixture(params=["embedded", pytest.param("servers", marks=pytest.mark.servers)])
async def stores(request: pytest.FixtureRequest) -> Stores:
    if request.param == "embedded":
        return Stores("", "")
    cluster, template = request.getfixturevalue("postgres_url"), request.getfixturevalue("migrated")
    return Stores(await new_database(cluster, template), request.getfixturevalue("redis_url"))


@pytest.fixture
async def stage(stores: Stores, tmp_path: Path) -> AsyncIterator[Stage]:
    """Signaling on either kind of store."""
    async with signaling_stage(tmp_path, stores.database_url, stores.redis_url) as running:
        yield running


@pytest.fixture
async def embedded_stage(tmp_path: Path) -> AsyncIterator[Stage]:
    """Signaling on embedded stores, for what no store can change."""
    async with signaling_stage(tmp_path, "", "") as running:
        yield running


@pytest.fixture
async def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of a job store, in a data folder that is there."""
    (tmp_path / "data").mkdir()
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'jobs.db'}"
    return await new_database(request.getfixturevalue("postgres_url"))


@pytest.fixture
def rows(store_url: str) -> Iterator[JobRows]:
    found = JobRows(store_url)
    yield found
    found.close()
