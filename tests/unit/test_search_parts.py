"""What the search is built of: the bounded cache, recent searches, covers, runs that are shared."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import redis.asyncio

from signaling.errors import ProblemError, ServiceError
from signaling.net.moment import Moment
from signaling.net.once import Once
from signaling.net.services import ServiceClient
from signaling.search import covers as covers_module
from signaling.search.cache import BoundedCache
from signaling.search.covers import Covers, picture_kind
from signaling.search.recent import RecentSearches
from signaling.search.tracks import Track
from signaling.store.events import open_redis
from tests.support.song_services import JPEG, SongServices, song_services


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
async def client() -> AsyncIterator[redis.asyncio.Redis]:
    opened = open_redis("")
    yield opened
    await opened.aclose()


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        yield running


@pytest.fixture
async def services() -> AsyncIterator[ServiceClient]:
    running = ServiceClient()
    yield running
    await running.aclose()


async def test_a_full_cache_lets_the_oldest_go_and_nothing_of_it_stays(client: redis.asyncio.Redis) -> None:
    clock = Clock()
    cache = BoundedCache(client, "things", 60, 3, clock)
    for number in range(5):
        clock.now_s += 1
        await cache.put({f"key {number}": str(number)})
    assert [value for _, value, _ in await cache.newest(10)] == ["4", "3", "2"]
    assert await cache.get("key 1") is None
    assert await client.hlen("voicejury:things:values") == await client.zcard("voicejury:things:times") == 3


async def test_what_is_old_is_not_given_and_goes_with_the_next_that_comes(client: redis.asyncio.Redis) -> None:
    clock = Clock()
    cache = BoundedCache(client, "things", 60, 3, clock)
    await cache.put({"old": "1"})
    clock.now_s += 61
    assert await cache.get("old") is None
    assert await cache.newest(3) == []
    await cache.put({"new": "2"})
    assert await client.hkeys("voicejury:things:values") == ["new"]
    assert 0 < await client.ttl("voicejury:things:values") <= 60


async def test_who_goes_on_typing_later_searches_anew(client: redis.asyncio.Redis) -> None:
    clock = Clock()
    recent = RecentSearches(client, clock)
    await recent.note("vent")
    clock.now_s += 60
    await recent.note("vent du nord")
    clock.now_s += 5
    await recent.note("vent du nord et")
    assert [one.query for one in await recent.newest_first()] == ["vent du nord et", "vent"]


@pytest.mark.parametrize(
    ("url", "is_allowed"),
    [
        ("https://i.scdn.co/image/ab67", True),
        ("https://image-cdn-ak.spotifycdn.com/image/ab67", True),
        ("https://i.ytimg.com/vi/x/hq720.jpg", True),
        ("http://services.test:8080/cover.jpg", True),
        ("http://services.test:9090/cover.jpg", False),
        ("http://i.scdn.co/image/ab67", False),
        ("https://i.scdn.co:8443/image/ab67", False),
        ("https://user@i.scdn.co/image/ab67", False),
        ("https://i.scdn.co.evil.example/image", False),
        ("https://evilytimg.com/x.jpg", False),
        ("https://169.254.169.254/latest/meta-data", False),
        ("http://127.0.0.1/x.jpg", False),
        ("file:///etc/passwd", False),
        ("//i.scdn.co/x", False),
        ("", False),
        ("http://[::1", False),
    ],
)
async def test_only_hosts_of_pictures_are_asked_for_covers(
    services: ServiceClient, tmp_path: Path, url: str, is_allowed: bool
) -> None:
    covers = Covers(services, tmp_path, ["http://services.test:8080/spotify/v1"])
    assert covers.is_allowed(url) is is_allowed


def files_in(folder: Path) -> set[Path]:
    return set(folder.iterdir())


def a_track(url: str | None) -> Track:
    return Track("youtube:a", "t", "a", "", None, url, "youtube")


@pytest.mark.parametrize("url", [None, "https://example.org/x.jpg"])
async def test_a_cover_elsewhere_is_none(services: ServiceClient, tmp_path: Path, url: str | None) -> None:
    with pytest.raises(ProblemError, match="no cover"):
        await Covers(services, tmp_path, []).of(a_track(url))
    assert files_in(tmp_path) == set()


async def test_the_covers_that_nobody_looks_at_make_room(
    services: ServiceClient, outside: SongServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(covers_module, "MAX_KEPT_BYTES", 2 * len(JPEG))
    covers = Covers(services, tmp_path, [outside.url])
    kept = []
    for number in range(2):
        path, _ = await covers.of(a_track(f"{outside.url}/covers/{number}.jpg"))
        assert isinstance(path, Path)
        os.utime(path, (number, number))
        kept.append(path)
    await covers.of(a_track(f"{outside.url}/covers/0.jpg"))  # looked at again
    newest, _ = await covers.of(a_track(f"{outside.url}/covers/2.jpg"))
    assert files_in(tmp_path) == {kept[0], newest}


async def test_a_disk_that_takes_nothing_costs_no_cover(
    services: ServiceClient, outside: SongServices, tmp_path: Path
) -> None:
    (tmp_path / "covers").write_text("a file where the folder should be")
    cover, media_type = await Covers(services, tmp_path / "covers", [outside.url]).of(
        a_track(f"{outside.url}/covers/0.jpg")
    )
    assert (cover, media_type) == (JPEG, "image/jpeg")


async def test_a_cover_that_is_too_large_is_not_taken(
    services: ServiceClient, outside: SongServices, tmp_path: Path
) -> None:
    outside.cover = JPEG + b"x" * covers_module.MAX_COVER_BYTES
    with pytest.raises(ServiceError, match="larger than"):
        await Covers(services, tmp_path, [outside.url]).of(a_track(f"{outside.url}/covers/0.jpg"))
    assert files_in(tmp_path) == set()


@pytest.mark.parametrize(
    ("data", "kind"),
    [(JPEG, "jpg"), (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "webp"), (b"RIFF\x00\x00\x00\x00WAVE", None), (b"", None)],
)
def test_pictures_are_known_by_their_first_bytes(data: bytes, kind: str | None) -> None:
    assert picture_kind(data) == kind


async def test_a_shared_run_goes_on_when_one_who_waits_leaves() -> None:
    once: Once[int] = Once()
    go, runs = asyncio.Event(), []

    async def work() -> int:
        runs.append(1)
        await go.wait()
        return 7

    first, second = (asyncio.create_task(once.run("key", work)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await second == 7
    assert len(runs) == 1
    assert await once.run("key", work) == 7
    assert len(runs) == 2


async def test_a_run_that_nobody_wants_any_more_ends_and_the_next_begins_anew() -> None:
    once: Once[int] = Once(ends_unwanted=True)
    ended = asyncio.Event()

    async def endless() -> int:
        try:
            return await asyncio.sleep(60, 7)
        finally:
            ended.set()

    first, second = (asyncio.create_task(once.run("key", endless)) for _ in range(2))
    await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.sleep(0.01)
    assert not ended.is_set()
    second.cancel()
    await asyncio.gather(first, second, return_exceptions=True)

    async def work() -> int:
        return 8

    assert await once.run("key", work) == 8
    assert ended.is_set()


async def test_a_shared_failure_reaches_everybody_and_is_not_kept() -> None:
    once: Once[int] = Once()

    async def fail() -> int:
        await asyncio.sleep(0)
        raise ServiceError("x", "broken", "is broken")

    answers = await asyncio.gather(*(once.run("key", fail) for _ in range(3)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [ServiceError] * 3

    async def work() -> int:
        return 1

    assert await once.run("key", work) == 1


async def test_closing_ends_what_still_runs() -> None:
    once: Once[None] = Once()
    task = asyncio.create_task(once.run("key", lambda: asyncio.sleep(60)))
    await asyncio.sleep(0)
    await once.aclose()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_moment_passes_and_holds_no_more_than_it_may() -> None:
    clock = Clock()
    moment: Moment[str] = Moment(2.0, 2, clock)
    moment.put("a", "1")
    clock.now_s += 1.9
    assert moment.get("a") == "1"
    moment.put("b", "2")
    moment.put("c", "3")
    assert [moment.get(key) for key in "abc"] == [None, "2", "3"]
    clock.now_s += 2.0
    assert [moment.get(key) for key in "abc"] == [None, None, None]
    moment.put("b", "4")
    moment.clear()
    assert moment.get("b") is None
