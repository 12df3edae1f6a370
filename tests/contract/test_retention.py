"""What is deleted and when, on both stores, by a clock that the test moves."""

import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from voicejury.v1 import song_pb2

from signaling.config import Settings
from signaling.preparing.stems import Stems
from signaling.retention import Deleted, Limits, Retention
from signaling.songs.catalogue import Catalogue
from signaling.sources.model import Kind, Source
from signaling.store.database import open_database
from signaling.store.keeping import Keeping
from signaling.store.models import LyricsRow, WordTimesRow
from signaling.store.preparations import FAILED, QUEUED, RUNNING, Claim, Preparations
from signaling.store.references import PreparedReference, References
from signaling.store.results import Results
from signaling.store.sessions import Failure, Session, Sessions
from signaling.store.sources import SourceTable
from signaling.store.states import State
from tests.contract.conftest import Stores

DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIFE = timedelta(hours=2)
STALE = timedelta(seconds=10)
NOTHING = Deleted(0, 0, 0, 0)


@dataclass
class House:
    """The stores, the folders and a clock; `retention` is a new one each time, as after a restart."""

    engine: AsyncEngine
    data_dir: Path
    now: datetime = DAY
    budget_bytes: int = 10**9
    names: list[str] = field(default_factory=list)

    @property
    def retention(self) -> Retention:
        return Retention(
            Limits(LIFE, self.budget_bytes),
            Stems((self.data_dir / "stems").as_uri()),
            Catalogue(self.data_dir),
            References(self.engine),
            Preparations(self.engine),
            Keeping(self.engine),
            lambda: self.now,
        )

    def write(self, key: str, at: datetime = DAY) -> Path:
        path = self.data_dir / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"sound")
        for touched in (path, path.parent):
            os.utime(touched, (at.timestamp(), at.timestamp()))
        return path

    async def source(self, name: str) -> tuple[str, list[Path]]:
        """A source that was fetched and prepared; its recording and its stems."""
        content_hash = hash_of(name)
        source = Source(f"upload:{name}", Kind.UPLOAD, name, "x", 4.0, DAY, content_hash=content_hash)
        await SourceTable(self.engine).keep([source])
        stems = [f"stems/originals/{content_hash}.flac", f"stems/{content_hash}/vocals.flac"]
        return source.id, [self.write(key) for key in stems]

    async def session(self, number: int, source_id: str | None, state: State, song_id: str = "") -> Session:
        made = Session(
            id=f"{number:032x}",
            song_id=song_id,
            singer=None,
            level="normal",
            language="fr",
            state=state,
            failure=None,
            created_at=self.now,
            expires_at=self.now + timedelta(hours=1),
            ended_at=None,
            source_id=source_id,
        )
        await Sessions(self.engine).add(made, song_pb2.Song(id=song_id))
        return made

    async def reference(self, name: str, sung_at: datetime, size_bytes: int = 100) -> None:
        song = song_pb2.Song(id=name, title=name, artist="x", audio_key="audio.flac")
        song.voices.add(name="P1")
        Catalogue(self.data_dir).add(song, {"audio.flac": self.write("import/audio.flac")})
        source_id = f"upload:{name}"
        await SourceTable(self.engine).keep([Source(source_id, Kind.UPLOAD, name, "x", 4.0, DAY)])
        preparations = Preparations(self.engine)
        await preparations.join(source_id, DAY)
        claim = await preparations.claim(source_id, DAY, STALE)
        assert claim is not None
        assert await preparations.finish(claim, name, DAY)
        kept = PreparedReference(name, hash_of(name), source_id, size_bytes, 0.8, DAY, sung_at)
        assert await References(self.engine).keep(kept) == name

    def songs(self) -> set[str]:
        return {song.id for song in Catalogue(self.data_dir).songs()}


def hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


@pytest.fixture
async def house(stores: Stores, tmp_path: Path) -> AsyncIterator[House]:
    url = Settings.model_construct(data_dir=tmp_path, database_url=stores.database_url).sql_url
    engine = await open_database(url)
    yield House(engine, tmp_path)
    await engine.dispose()


async def test_recordings_go_two_hours_after_their_last_session_ended(house: House) -> None:
    source_id, files = await house.source("air")
    sessions = Sessions(house.engine)
    sung = await house.session(1, source_id, State.CREATED, "air")
    await sessions.move(sung.id, State.CONNECTED)
    house.now = DAY + timedelta(hours=5)
    assert await house.retention.round() == NOTHING  # it is still being sung
    await sessions.move(sung.id, State.JUDGING, ended_at=house.now)
    ended = await sessions.find(sung.id)
    assert ended is not None
    assert await Results(house.engine).keep(ended, song_pb2.Song(id="air"), {"total": 80.0})
    house.now += timedelta(hours=1, minutes=59)
    assert await house.retention.round() == NOTHING
    house.now += timedelta(minutes=2)
    assert (await house.retention.round()).recordings == 1
    assert [path.exists() for path in files] == [False, False]
    assert await house.retention.round() == NOTHING
    assert (await sessions.song_of(sung.id)).id == ""  # the result stays and keeps no song
    assert await Results(house.engine).verdict_of(sung.id) == {"total": 80.0}


async def test_a_recording_that_no_session_sang_goes_two_hours_after_it_came(house: House) -> None:
    _, files = await house.source("left")
    stranger = house.write(f"stems/originals/{hash_of('of no source')}-vocals.flac")
    house.now = DAY + timedelta(hours=1)
    assert await house.retention.round() == NOTHING
    house.now = DAY + timedelta(hours=2, seconds=1)
    assert (await house.retention.round()).recordings == 2
    assert not any(path.exists() for path in [*files, stranger])


async def test_what_is_being_prepared_stays_and_goes_once_that_failed(house: House) -> None:
    source_id, files = await house.source("slow")
    preparations = Preparations(house.engine)
    await preparations.join(source_id, DAY)
    house.now = DAY + timedelta(days=1)
    assert await house.retention.round() == NOTHING
    claim = await preparations.claim(source_id, house.now, STALE)
    assert claim is not None
    assert await house.retention.round() == NOTHING
    assert await preparations.fail(claim, Failure("no-voice", "Nobody sings."), house.now)
    assert (await house.retention.round()).recordings == 1
    assert not any(path.exists() for path in files)


async def test_a_session_whose_preparation_failed_has_an_end_too(house: House) -> None:
    source_id, files = await house.source("failed")
    waiting = await house.session(1, source_id, State.PREPARING)
    house.now = datetime.now(UTC) + timedelta(minutes=1)
    await Sessions(house.engine).move(waiting.id, State.FAILED, failure=Failure("no-voice", "Nobody sings."))
    assert await house.retention.round() == NOTHING
    house.now += LIFE
    assert (await house.retention.round()).recordings == 1
    assert not any(path.exists() for path in files)


async def test_songs_beyond_the_budget_go_the_longest_unsung_first(house: House) -> None:
    for hours, name in enumerate(("oldest", "older", "old", "new")):
        await house.reference(name, DAY + timedelta(hours=hours))
    written = song_pb2.Song(id="demo", title="By hand", artist="x")
    written.voices.add(name="P1")
    Catalogue(house.data_dir).add(written, {})
    await house.session(1, None, State.CREATED, "oldest")  # somebody is about to sing it
    house.budget_bytes = 250
    assert (await house.retention.round()).songs == 2
    assert house.songs() == {"demo", "oldest", "new"}
    assert await References(house.engine).size_bytes() == 200
    assert await Preparations(house.engine).find("upload:older") is None  # prepared anew when it is asked for
    house.budget_bytes = 0
    assert (await house.retention.round()).songs == 1
    assert house.songs() == {"demo", "oldest"}
    await Sessions(house.engine).move(f"{1:032x}", State.ABANDONED)
    assert (await house.retention.round()).songs == 1
    assert house.songs() == {"demo"}


async def test_a_song_that_is_taken_up_at_the_last_moment_stays(house: House) -> None:
    await house.reference("air", DAY)
    references = References(house.engine)
    (due,) = await references.least_recently_sung()
    await references.touch("air", DAY + timedelta(minutes=1))
    assert not await references.drop(due)
    assert house.songs() == {"air"}


async def test_expired_words_go_and_the_others_stay(house: House) -> None:
    common = {"language": "fr", "expires_at": DAY}
    lyrics = {**common, "source": "lrclib", "is_synced": True, "lines": [], "fetched_at": DAY}
    words = {**common, "fingerprint": "f", "method": "syllables", "words": [], "made_at": DAY}
    async with house.engine.begin() as store:
        for track_id, expires_at in (("gone", DAY), ("kept", DAY + timedelta(days=1))):
            row = {"track_id": track_id, "expires_at": expires_at}
            await store.execute(insert(LyricsRow).values({**lyrics, **row}))
            await store.execute(insert(WordTimesRow).values({**words, **row}))
    house.now = DAY + timedelta(minutes=1)
    assert (await house.retention.round()).rows == 2
    async with house.engine.connect() as store:
        for table in (LyricsRow, WordTimesRow):
            assert (await store.scalars(select(table.track_id))).all() == ["kept"]


async def test_what_dead_processes_left_half_made_goes(house: House) -> None:
    for key in ("stems/.fetching-dead/part", "songs/.adding-dead/song.json"):
        house.write(key)
    house.now = DAY + timedelta(hours=5)
    assert await house.retention.round() == NOTHING  # a slow download may still write there
    house.now = DAY + timedelta(hours=7)
    assert (await house.retention.round()).half_made == 2
    assert [path.name for path in (house.data_dir / "songs").iterdir()] == []


async def test_one_of_two_processes_gets_the_work_and_a_dead_one_loses_it(house: House) -> None:
    preparations, rival = Preparations(house.engine), Preparations(house.engine)
    source_id, _ = await house.source("air")
    assert (await preparations.join(source_id, DAY)).state == QUEUED
    assert (await rival.join(source_id, DAY + timedelta(seconds=1))).began_at == DAY
    claim = await preparations.claim(source_id, DAY, STALE)
    assert claim == Claim(source_id, DAY)
    assert await rival.claim(source_id, DAY + timedelta(seconds=5), STALE) is None
    beaten_at = DAY + timedelta(seconds=8)
    assert await preparations.beat(claim, beaten_at, "separate", 0.5, 12.0)
    assert await rival.claim(source_id, DAY + timedelta(seconds=15), STALE) is None
    assert await rival.to_do(DAY + timedelta(seconds=15), STALE) == []
    late = DAY + timedelta(seconds=30)
    assert await rival.to_do(late, STALE) == [source_id]
    taken = await rival.claim(source_id, late, STALE)
    assert taken is not None
    assert not await preparations.beat(claim, late, "separate", 0.6, 9.0)
    assert not await preparations.finish(claim, "air", late)
    found = await preparations.find(source_id)
    assert found is not None
    assert (found.state, found.stage, found.fraction) == (RUNNING, "separate", 0.5)
    assert await rival.fail(taken, Failure("silent", "x" * 1000), late)
    failed = await preparations.find(source_id)
    assert failed is not None
    assert (failed.state, failed.failure) == (FAILED, Failure("silent", "x" * 300))
    assert (await preparations.join(source_id, late)).state == QUEUED


async def test_two_sources_of_one_content_are_one_song(house: House) -> None:
    await house.reference("first", DAY)
    same = PreparedReference("second", hash_of("first"), "youtube:x", 1, None, DAY, DAY)
    assert await References(house.engine).keep(same) == "first"
    assert await References(house.engine).find("second") is None


async def test_a_recording_that_cannot_be_deleted_keeps_nothing_else(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = house.write(f"stems/{hash_of('stuck')}/vocals.flac").parent
    others = [house.write(f"stems/{hash_of(name)}/vocals.flac") for name in "abcdef"]
    monkeypatch.chdir(stuck)  # the folder in which a process stands is not deleted, whoever asks
    house.now = DAY + timedelta(days=1)
    assert await house.retention.round() == Deleted(6, 0, 0, 0)
    assert [path.exists() for path in (stuck, *others)] == [True, *[False] * 6]


@pytest.mark.parametrize("broken", ["sources", "lyrics_cache"])
async def test_a_part_that_breaks_stops_no_other(house: House, broken: str, caplog: pytest.LogCaptureFixture) -> None:
    await house.reference("air", DAY)
    _, files = await house.source("old")
    house.write("stems/.fetching-dead/part")
    async with house.engine.begin() as store:
        await store.execute(text(f"alter table {broken} rename to elsewhere"))
    house.now, house.budget_bytes = DAY + timedelta(days=1), 0
    deleted = await house.retention.round()
    assert (deleted.songs, deleted.half_made) == (1, 1)
    assert [path.exists() for path in files] == [broken == "sources"] * 2
    assert [record.levelname for record in caplog.records].count("ERROR") == 1
