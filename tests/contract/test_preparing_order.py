"""Which preparation goes first when more wait than there is room for."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.v1 import song_pb2

from signaling.errors import SourceError
from signaling.metrics import Metrics
from signaling.preparing.audience import Audience
from signaling.preparing.preparing import MAX_AT_ONCE, Preparing
from signaling.preparing.progress import Speeds, Whole
from signaling.songs.catalogue import Catalogue
from signaling.sources.model import Kind, Source
from signaling.store.database import open_database
from signaling.store.events import Events, open_redis
from signaling.store.preparations import Preparations
from signaling.store.sessions import Session, Sessions
from signaling.store.sources import SourceTable
from signaling.store.states import State
from tests.contract.signaling_stage import until


class Bench:
    """Work at the seam: it notes what it is given, waits to be let go, and then refuses."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go = asyncio.Event()

    async def prepare(self, source_id: str, _whole: Whole) -> str:
        self.begun.append(source_id)
        await self.go.wait()
        raise SourceError("no-voice", "Nobody sings.")


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    opened = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'house.db'}")
    yield opened
    await opened.dispose()


def waiting_session(source_id: str) -> Session:
    values: dict[str, Any] = {"song_id": "", "singer": None, "level": "normal", "language": "fr", "failure": None}
    now = datetime.now(UTC)
    times: dict[str, Any] = {"created_at": now, "expires_at": now + timedelta(hours=1), "ended_at": None}
    return Session(id="5" * 32, state=State.PREPARING, source_id=source_id, **values, **times)


async def test_what_a_session_waits_for_goes_before_what_nobody_waits_for(engine: AsyncEngine, tmp_path: Path) -> None:
    left = [f"upload:left-{number}" for number in range(MAX_AT_ONCE + 4)]
    wanted = "upload:wanted"
    sources = [Source(name, Kind.UPLOAD, "x", "y", 4.0, datetime.now(UTC)) for name in (*left, wanted)]
    await SourceTable(engine).keep(sources)
    bench, sessions = Bench(), Sessions(engine)
    audience = Audience(sessions, Events(open_redis("")))
    parts: Any = bench
    preparing = Preparing(Preparations(engine), parts, audience, Catalogue(tmp_path), Metrics(), Speeds())
    running = asyncio.create_task(preparing.run())
    try:
        await asyncio.sleep(0)
        for name in left:
            await preparing.ask(name)

        async def is_full() -> bool:
            return len(bench.begun) == MAX_AT_ONCE

        await until(is_full)
        await sessions.add(waiting_session(wanted), song_pb2.Song())
        await preparing.ask(wanted)
        bench.go.set()

        async def is_over() -> bool:
            return len(bench.begun) == len(left) + 1

        await until(is_over)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    assert bench.begun.index(wanted) == MAX_AT_ONCE
    assert sorted(bench.begun) == sorted([*left, wanted])
