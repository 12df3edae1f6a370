"""Who answers when Spotify does not, and which tracks can be sung at once: YouTube by yt-dlp on a loopback site."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr
from redis.exceptions import RedisError
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from signaling.net.services import ServiceClient
from signaling.search.finder import SearchAnswer, TrackFinder
from signaling.search.spotify import Spotify, SpotifyAccess
from signaling.services import SERVICES
from signaling.songs.catalogue import Catalogue, import_ultrastar
from signaling.sources.model import Found
from signaling.store.database import open_database
from signaling.store.events import open_redis
from signaling.store.models import PreparationRow, SourceRow
from signaling.store.singable import Singable
from tests.contract.conftest import Stores
from tests.contract.signaling_stage import SONG_ID, Stage, signaling_stage, until, write_song
from tests.support.recording_site import Site, recording_site, youtube_at
from tests.support.song_services import CLIENT_ID, CLIENT_SECRET, Mood, Recording, SongServices, song_services

VIDEO_ID = "abcdefghijk"


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        running.recordings.append(Recording("vent", "Le vent", "Personne"))
        yield running


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with recording_site() as running:
        running.hits.append(
            {
                "_type": "url",
                "id": VIDEO_ID,
                "url": f"{running.base}/watch/{VIDEO_ID}",
                "title": "Le vent (clip officiel)",
                "channel": "Personne",
                "duration": 201,
            }
        )
        yield running


@asynccontextmanager
async def a_finder(
    outside: SongServices, site: Site, engine: AsyncEngine, folder: Path, redis_url: str = ""
) -> AsyncIterator[TrackFinder]:
    catalogue = Catalogue(folder / "data")
    import_ultrastar(catalogue, write_song(folder / "import"))
    access = SpotifyAccess(
        f"{outside.url}/spotify/v1",
        f"{outside.url}/accounts/api/token",
        SecretStr(CLIENT_ID),
        SecretStr(CLIENT_SECRET),
        "FR",
    )
    services, client = ServiceClient(), open_redis(redis_url)
    videos = youtube_at(site, folder / "plugins")
    opened = TrackFinder(catalogue, Singable(engine), client, Spotify(services, access), videos)
    try:
        yield opened
    finally:
        for part in (opened, services, client):
            await part.aclose()


@pytest.fixture
async def finder(outside: SongServices, site: Site, tmp_path: Path) -> AsyncIterator[TrackFinder]:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    async with a_finder(outside, site, engine, tmp_path) as opened:
        yield opened
    await engine.dispose()


def told(answer: SearchAnswer) -> dict[str, str]:
    return {one.name: one.status for one in answer.sources}


async def test_youtube_is_not_asked_while_spotify_answers(finder: TrackFinder, site: Site) -> None:
    answer = await finder.search("le vent", 10)
    assert [track.id for track in answer.tracks] == ["spotify:vent"]
    assert site.asked == []


@pytest.mark.parametrize("mood", [Mood.LIMITED, Mood.NONSENSE])
async def test_youtube_answers_when_spotify_does_not_and_its_answer_is_kept(
    finder: TrackFinder, outside: SongServices, site: Site, mood: Mood
) -> None:
    outside.moods["spotify"] = mood
    answer = await finder.search("le vent", 10)
    assert told(answer) == {"catalogue": "answered", "spotify": "failed", "youtube": "answered"}
    assert [(track.id, track.title, track.artist, track.duration_s) for track in answer.tracks] == [
        (f"youtube:{VIDEO_ID}", "Le vent (clip officiel)", "Personne", 201.0)
    ]
    again = await finder.search("Le Vent", 10)
    assert again.tracks == answer.tracks
    assert len(site.asked) == 1
    assert (await finder.find(f"youtube:{VIDEO_ID}")).title == "Le vent (clip officiel)"


async def test_youtube_is_asked_where_spotify_knows_nothing(finder: TrackFinder, site: Site) -> None:
    answer = await finder.search("xyzzy", 10)
    assert told(answer) == {"catalogue": "answered", "spotify": "answered", "youtube": "answered"}
    assert [track.source for track in answer.tracks] == ["youtube"]


async def test_when_both_fail_the_own_songs_answer(finder: TrackFinder, outside: SongServices, site: Site) -> None:
    outside.moods["spotify"] = Mood.BROKEN
    site.base, site.hits = "", [{"no": "hit"}]
    answer = await finder.search("petite chanson", 10)
    assert [track.song_id for track in answer.tracks] == [SONG_ID]
    assert told(answer) == {"catalogue": "answered", "spotify": "failed", "youtube": "failed"}


class SlowVideos:
    """Answers only who asks for less than everything."""

    def __init__(self) -> None:
        self.running = 0
        self.begun = 0

    async def search(self, query: str, limit: int) -> list[Found]:
        self.running, self.begun = self.running + 1, self.begun + 1
        try:
            await asyncio.sleep(60 if query == "begun" else 0)
        finally:
            self.running -= 1
        return []


async def test_a_search_ends_when_the_one_who_typed_it_has_left(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "") as stage:
        assert stage.api.app is not None
        videos = SlowVideos()
        stage.api.app[SERVICES].tracks._videos = videos

        asked = [asyncio.create_task(search(stage, "begun"))]
        await until(lambda: _is(videos.begun == 1))
        asked.append(asyncio.create_task(search(stage, "begun")))  # somebody else, who stays
        await asyncio.sleep(0.2)
        asked[0].cancel()
        await asyncio.sleep(0.5)
        assert videos.running == 1
        asked[1].cancel()
        await until(lambda: _is(videos.running == 0))
        assert videos.begun == 1
        assert await search(stage, "begun again") == 200


async def search(stage: Stage, q: str) -> int:
    async with stage.api.get("/api/search/tracks", params={"q": q}) as reply:
        return reply.status


async def _is(condition: bool) -> bool:
    return condition


async def test_a_search_answers_while_redis_is_away(outside: SongServices, site: Site, tmp_path: Path) -> None:
    engine = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    async with a_finder(outside, site, engine, tmp_path, "redis://127.0.0.1:1") as finder:
        own = await finder.search("petite chanson", 10)
        assert [track.song_id for track in own.tracks][:1] == [SONG_ID]
        answer = await finder.search("le vent", 10)
        assert [track.id for track in answer.tracks] == ["spotify:vent"]
        assert (await finder.find("spotify:vent")).title == "Le vent"
        with pytest.raises(RedisError):
            await finder.recent.newest_first()
    await engine.dispose()


async def test_a_track_that_was_prepared_can_be_sung_at_once(
    stores: Stores, outside: SongServices, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.search.finder.ANSWER_S", -1.0)
    url = stores.database_url.replace("postgresql://", "postgresql+asyncpg://")
    engine = await open_database(url or f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    async with a_finder(outside, site, engine, tmp_path) as finder:

        async def song_of_the_track() -> str | None:
            answer = await finder.search("le vent", 10)
            assert [track.id for track in answer.tracks] == ["spotify:vent"]
            return answer.tracks[0].song_id

        await _prepare(engine, "running", None)
        assert await song_of_the_track() is None
        await _prepare(engine, "ready", SONG_ID)
        assert await song_of_the_track() == SONG_ID
        await _prepare(engine, "ready", "one-that-is-gone")
        assert await song_of_the_track() is None
    await engine.dispose()


@pytest.mark.parametrize(
    ("matches", "ready", "song_id"),
    [
        ({"youtube:cover": 0.16}, ["youtube:cover"], None),
        ({"youtube:close": 0.9, "youtube:closer": 0.97}, ["youtube:close"], None),
        ({"youtube:close": 0.9, "youtube:closer": 0.97, "youtube:given": None}, ["youtube:closer"], "closer"),
        ({"youtube:given": None, "youtube:close": 0.9}, ["youtube:given", "youtube:close"], "close"),
        ({"spotify:vent": None, "youtube:close": 0.9}, ["spotify:vent", "youtube:close"], "vent"),
    ],
)
async def test_only_what_surely_is_the_track_is_sung_in_its_place(
    stores: Stores, tmp_path: Path, matches: dict[str, float | None], ready: list[str], song_id: str | None
) -> None:
    url = stores.database_url.replace("postgresql://", "postgresql+asyncpg://")
    engine = await open_database(url or f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    async with async_sessionmaker(engine).begin() as store:
        await store.execute(delete(PreparationRow))
        await store.execute(delete(SourceRow))
    for source_id, match in matches.items():
        state = "ready" if source_id in ready else "running"
        await _prepare(engine, state, source_id.partition(":")[2], source_id, match)
    found = await Singable(engine).songs_of(["spotify:vent", "spotify:other"])
    assert found == ({"spotify:vent": song_id} if song_id is not None else {})
    await engine.dispose()


async def _prepare(
    engine: AsyncEngine,
    state: str,
    song_id: str | None,
    source_id: str = f"youtube:{VIDEO_ID}",
    match: float | None = 0.9,
) -> None:
    now = datetime.now(UTC)
    names = {"kind": "youtube", "title": "x", "artist": "y", "track_id": "spotify:vent", "match": match}
    times = {"began_at": now, "changed_at": now}
    async with async_sessionmaker(engine).begin() as store:
        await store.merge(SourceRow(id=source_id, details={}, added_at=now, **names))
        await store.flush()
        await store.merge(
            PreparationRow(source_id=source_id, state=state, stage="store", fraction=1.0, song_id=song_id, **times)
        )
