"""Every source under one roof, on real stores: what is kept, what is asked again, what a failure leaves."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.errors import SourceError
from signaling.net.addresses import allowed_hosts
from signaling.sources.model import Fetched, Kind, OnProgress, Source, Wanted
from signaling.sources.sources import FRESH_S, Sources
from signaling.sources.youtube import Downloads, YouTube
from signaling.store.database import open_database
from signaling.store.models import PreparationRow, ReferenceRow
from signaling.store.sources import SourceTable
from tests.contract.conftest import Stores

WANTED = Wanted("spotify:1", "Air", "Her", 200.0)
NOW = datetime(2026, 5, 1, tzinfo=UTC)
VIDEO_ID = "dQw4w9WgXcQ"


@dataclass(eq=False)
class Place:
    """A place at the seam: it has what it is given, or fails."""

    has: list[Source] = field(default_factory=list)
    error: SourceError | None = None
    asked: int = 0

    async def named(self, wanted: Wanted) -> Source | None:
        return next((replace(source, match=None) for source in self.has if source.id == wanted.id), None)

    async def candidates(self, wanted: Wanted) -> list[Source]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return [replace(source, track_id=wanted.id) for source in self.has]

    async def fetch(self, source: Source, folder: Path, on_progress: OnProgress) -> Fetched:
        if self.error is not None:
            raise self.error
        on_progress(1.0, 0.0)
        return Fetched(folder / "a.ogg", None, None, "h" * 64, source.title or "Named", source.artist, 201.5)


def source(name: str, match: float, kind: Kind = Kind.YOUTUBE) -> Source:
    return Source(f"{kind.value}:{name}", kind, "Air", "Her", 200.0, NOW, match=match, details={"url": name})


@pytest.fixture
async def engine(tmp_path: Path, stores: Stores) -> AsyncIterator[AsyncEngine]:
    served = stores.database_url.replace("postgresql://", "postgresql+asyncpg://")
    opened = await open_database(served or f"sqlite+aiosqlite:///{tmp_path / 'sources.db'}")
    yield opened
    await opened.dispose()


def sources_of(engine: AsyncEngine, video: Place, folder: Place, clock: list[float] | None = None) -> Sources:
    youtube = YouTube(Downloads(allowed_hosts("youtube.com,www.youtube.com,youtu.be"), 600.0, 1000))
    now = clock if clock is not None else [0.0]
    origins = {Kind.YOUTUBE: video, Kind.LINK: video, Kind.FOLDER: folder}
    return Sources(SourceTable(engine), origins, youtube.accept, lambda: now[0])


async def test_every_place_is_asked_once_and_the_best_match_stands_first(engine: AsyncEngine) -> None:
    video = Place([source("a", 0.5), source("b", 0.9)])
    folder = Place([source("c", 0.7, Kind.FOLDER)])
    clock = [0.0]
    sources = sources_of(engine, video, folder, clock)
    found = await sources.candidates(WANTED)
    assert [one.source.id for one in found] == ["youtube:b", "folder:c", "youtube:a"]
    assert (video.asked, folder.asked) == (1, 1)
    assert await sources.candidates(WANTED) == found
    assert (video.asked, folder.asked) == (1, 1)
    clock[0] = FRESH_S + 1
    await sources.candidates(WANTED)
    assert (video.asked, folder.asked) == (2, 2)


async def test_a_place_that_fails_hides_nothing_and_is_asked_again(engine: AsyncEngine) -> None:
    video = Place(error=SourceError("no-network", "off"))
    folder = Place([source("c", 0.7, Kind.FOLDER)])
    sources = sources_of(engine, video, folder)
    assert [one.source.id for one in await sources.candidates(WANTED)] == ["folder:c"]
    video.error, video.has = None, [source("b", 0.9)]
    assert (await sources.best(WANTED)).id == "youtube:b"


async def test_only_failures_are_told_and_nothing_at_all_is_no_source(engine: AsyncEngine) -> None:
    video = Place(error=SourceError("no-network", "off"))
    sources = sources_of(engine, video, Place())
    with pytest.raises(SourceError) as refused:
        await sources.candidates(WANTED)
    assert refused.value.code == "no-network"
    video.error = None
    with pytest.raises(SourceError) as refused:
        await sources.best(WANTED)
    assert refused.value.code == "no-source"


async def test_what_was_prepared_is_told_with_its_confidence(engine: AsyncEngine) -> None:
    sources = sources_of(engine, Place([source("a", 0.9), source("b", 0.9)]), Place())
    await sources.candidates(WANTED)
    await sources.fetch("youtube:b", Path("/x"), lambda *_: None)
    async with engine.begin() as store:
        row = {"source_id": "youtube:b", "state": "ready", "stage": "store", "fraction": 1.0, "song_id": "air"}
        await store.execute(insert(PreparationRow).values(**row, began_at=NOW, changed_at=NOW))
        kept = {"song_id": "air", "content_hash": "h" * 64, "source_id": "youtube:b", "size_bytes": 1}
        await store.execute(insert(ReferenceRow).values(**kept, confidence=0.8, prepared_at=NOW, sung_at=NOW))
    first, second = await sources.candidates(WANTED)
    assert (first.source.id, first.is_ready, first.confidence) == ("youtube:b", True, 0.8)
    assert (second.source.id, second.is_ready, second.confidence) == ("youtube:a", False, None)
    await sources.table.forget_unprepared(["youtube:a", "youtube:b"])
    assert await sources.find("youtube:a") is None
    assert await sources.find("youtube:b") is not None


async def test_fetching_keeps_the_hash_and_finding_it_again_does_not_forget_it(engine: AsyncEngine) -> None:
    clock = [0.0]
    sources = sources_of(engine, Place([source("a", 0.9)]), Place(), clock)
    await sources.candidates(WANTED)
    await sources.fetch("youtube:a", Path("/x"), lambda *_: None)
    clock[0] = FRESH_S + 1
    await sources.candidates(WANTED)
    kept = await sources.find("youtube:a")
    assert kept is not None
    assert (kept.content_hash, kept.added_at) == ("h" * 64, NOW)


async def test_a_source_that_was_an_address_only_gets_its_names_by_the_fetch(engine: AsyncEngine) -> None:
    sources = sources_of(engine, Place(), Place())
    nameless = replace(source("a", 0.5), title="", artist="", match=None, details={"url": "https://x"})
    await sources.add(nameless)
    await sources.fetch("youtube:a", Path("/x"), lambda *_: None)
    kept = await sources.find("youtube:a")
    assert kept is not None
    assert (kept.title, kept.details["url"], kept.content_hash) == ("Named", "https://x", "h" * 64)


async def test_a_failed_fetch_leaves_no_hash(engine: AsyncEngine) -> None:
    video = Place([source("a", 0.9)])
    sources = sources_of(engine, video, Place())
    await sources.candidates(WANTED)
    video.error = SourceError("disk-full", "full")
    with pytest.raises(SourceError, match="full"):
        await sources.fetch("youtube:a", Path("/x"), lambda *_: None)
    kept = await sources.find("youtube:a")
    assert kept is not None
    assert kept.content_hash is None
    with pytest.raises(SourceError) as refused:
        await sources.fetch("youtube:unknown", Path("/x"), lambda *_: None)
    assert refused.value.code == "no-source"


async def test_the_same_source_kept_by_many_at_once_is_one_row(engine: AsyncEngine) -> None:
    table = SourceTable(engine)
    await asyncio.gather(*(table.keep([source("a", 0.1 * n)]) for n in range(8)))
    assert [one.id for one in await table.of_kind(Kind.YOUTUBE)] == ["youtube:a"]


async def test_a_track_that_is_a_video_needs_no_search(engine: AsyncEngine) -> None:
    youtube = YouTube(Downloads(allowed_hosts("youtube.com"), 600.0, 1000))
    sources = Sources(SourceTable(engine), {Kind.YOUTUBE: youtube}, youtube.accept)
    found = await sources.best(Wanted(f"youtube:{VIDEO_ID}", "Air", "Her", 200.0))
    assert (found.id, found.details["url"]) == (f"youtube:{VIDEO_ID}", f"https://www.youtube.com/watch?v={VIDEO_ID}")
    assert await sources.find(found.id) is not None


async def test_the_track_itself_stands_first_among_other_versions_and_stays_with_who_found_it(
    engine: AsyncEngine,
) -> None:
    video = Place([source("a", 0.9), source("b", 0.95)])
    sources = sources_of(engine, video, Place())
    await sources.candidates(WANTED)
    own = await sources.candidates(Wanted("youtube:a", "Air", "Her", 200.0))
    assert [one.source.id for one in own] == ["youtube:a", "youtube:b"]
    again = await sources.candidates(WANTED)
    assert {one.source.id for one in again} == {"youtube:a", "youtube:b"}


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.mp3",
        "https://127.0.0.1/x.mp3",
        "https://localhost/x.mp3",
        "file:///etc/passwd",
        "https://evil.example/watch?v=" + VIDEO_ID,
    ],
)
async def test_an_address_that_is_not_allowed_becomes_no_source(engine: AsyncEngine, url: str) -> None:
    sources = sources_of(engine, Place(), Place())
    with pytest.raises(SourceError) as refused:
        await sources.add_url(url)
    assert refused.value.code == "source-refused"
    assert await sources.table.of_kind(Kind.YOUTUBE) == await sources.table.of_kind(Kind.LINK) == []


async def test_the_same_sources_kept_in_opposite_orders_never_lock_each_other(engine: AsyncEngine) -> None:
    table = SourceTable(engine)
    for track in range(6):
        hits = [source(f"{track}-{number}", 0.5) for number in range(30)]
        await asyncio.gather(table.keep(hits), table.keep(hits[::-1]))
        again = [replace(one, duration_s=201.0) for one in hits]
        await asyncio.gather(table.keep(again), table.keep(again[::-1]))
    assert len(await table.of_kind(Kind.YOUTUBE)) == 180


async def test_the_address_of_a_known_video_takes_no_name_away(engine: AsyncEngine) -> None:
    sources = sources_of(engine, Place([source(VIDEO_ID, 0.9)]), Place())
    await sources.candidates(WANTED)
    nameless = Source(f"youtube:{VIDEO_ID}", Kind.YOUTUBE, "", "", None, NOW, details={"url": "https://x"})
    await sources.add(nameless)  # as an address alone tells it
    kept = await sources.find(nameless.id)
    assert kept is not None
    assert (kept.title, kept.artist, kept.duration_s, kept.track_id) == ("Air", "Her", 200.0, WANTED.id)


async def test_the_tags_of_a_file_may_hold_what_no_store_keeps(engine: AsyncEngine) -> None:
    table = SourceTable(engine)
    await table.keep([replace(source("a", 0.5), title="A\0ir", details={"lyrics": "la\0la"})])
    kept = await table.find("youtube:a")
    assert kept is not None
    assert (kept.title, kept.details) == ("Air", {"lyrics": "lala"})
