"""Which of a track's word times is its answer, in both tiers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from signaling.config import Settings
from signaling.store.database import open_database
from signaling.store.events import open_redis
from signaling.store.word_times import VOICE_CHARACTERS, KeptWordTimes, WordTimesStore
from tests.contract.conftest import Stores

VOICE = "a" * VOICE_CHARACTERS
NOW = datetime.now(UTC)


@pytest.fixture
async def store(stores: Stores, tmp_path: Path) -> AsyncIterator[WordTimesStore]:
    url = Settings.model_construct(data_dir=tmp_path, database_url=stores.database_url).sql_url
    engine, client = await open_database(url), open_redis(stores.redis_url)
    yield WordTimesStore(engine, client)
    await client.aclose()
    await engine.dispose()


async def test_to_look_at_older_times_leaves_the_newest_the_answer(store: WordTimesStore, tmp_path: Path) -> None:
    track_id = f"upload:{tmp_path.name}"
    older = KeptWordTimes(track_id, VOICE + "1", "fr", "syllables", [{"text": "la"}], NOW - timedelta(hours=1))
    newer = KeptWordTimes(track_id, VOICE + "2", "fr", "whisper", [{"text": "la"}], NOW)
    await store.keep(older)
    await store.keep(newer)
    assert await store.of_fingerprint(older.fingerprint) == older
    assert await store.of_track(track_id, VOICE) == newer
