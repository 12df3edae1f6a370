"""Searches over real HTTP, with Spotify on loopback in every mood, on either kind of store."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio

from signaling.net import services as net
from signaling.services import SERVICES
from signaling.sources.model import Kind, Source
from tests.contract.conftest import Stores
from tests.contract.signaling_stage import SONG_ID, Stage, problem, signaling_stage
from tests.support.song_services import (
    CLIENT_SECRET,
    JPEG,
    Mood,
    Recording,
    SongServices,
    params_of,
    patience_s,
    song_services,
)

PNG = b"\x89PNG\r\n\x1a\n" + b"a cover" * 40


@pytest.fixture
async def outside() -> AsyncIterator[SongServices]:
    async with song_services() as running:
        running.recordings += [
            Recording(f"{number:022d}", f"Chanson numéro {number}", "Quelqu'un, Une Autre") for number in range(25)
        ]
        yield running


@pytest.fixture(autouse=True)
def impatience(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "TOTAL_S", patience_s(params_of(request).get("mood")))
    monkeypatch.setattr(net, "CONNECT_S", 60.0)
    monkeypatch.setattr(net, "RETRY_PAUSE_S", 0.01)


@pytest.fixture
async def stage(stores: Stores, tmp_path: Path, outside: SongServices) -> AsyncIterator[Stage]:
    await forget_all(stores.redis_url)
    more = {**outside.settings, "youtube": False}
    async with signaling_stage(tmp_path, stores.database_url, stores.redis_url, **more) as running:
        yield running


async def forget_all(redis_url: str) -> None:
    """Other tests have searched on the same server, and their outside is gone."""
    if redis_url:
        async with redis.asyncio.Redis.from_url(redis_url) as client:
            await client.flushdb()


@pytest.fixture
async def embedded_stage(tmp_path: Path, outside: SongServices) -> AsyncIterator[Stage]:
    async with signaling_stage(tmp_path, "", "", **{**outside.settings, "youtube": False}) as running:
        yield running


async def search(stage: Stage, q: str, **more: Any) -> dict[str, Any]:
    async with stage.api.get("/api/search/tracks", params={"q": q, **more}) as reply:
        assert reply.status == 200, await reply.text()
        found: dict[str, Any] = await reply.json()
        return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["status"] for one in found["sources"]}


async def test_a_search_finds_tracks_page_by_page_and_asks_once_an_hour(stage: Stage, outside: SongServices) -> None:
    found = await search(stage, "chanson numéro", limit=23)
    assert len({track["id"] for track in found["tracks"]}) == 23
    assert states(found) == {"catalogue": "answered", "spotify": "answered", "youtube": "skipped"}
    first = found["tracks"][0] if found["tracks"][0]["source"] == "spotify" else found["tracks"][1]
    assert first == {
        "id": "spotify:0000000000000000000000",
        "title": "Chanson numéro 0",
        "artist": "Quelqu'un, Une Autre",
        "album": "Un album",
        "duration_s": 200.0,
        "cover_url": "/api/search/tracks/spotify:0000000000000000000000/cover",
        "source": "spotify",
        "song_id": None,
    }
    asked = outside.asked("/spotify/v1/search")
    assert [(one.query["limit"], one.query["offset"]) for one in asked] == [("10", "0"), ("10", "10"), ("3", "20")]
    assert {one.query["market"] for one in asked} == {"FR"}
    assert await search(stage, "  CHANSON   Numéro ", limit=23) == {**found, "query": "CHANSON Numéro"}
    await stage.again()
    requests = len(outside.seen)
    if stage.settings.redis_url:
        await search(stage, "chanson numéro", limit=23)
        assert len(outside.seen) == requests


async def test_own_songs_come_first_and_are_not_listed_twice(stage: Stage, outside: SongServices) -> None:
    outside.recordings += [
        Recording("same", "Petite Chanson (Remastered)", "Personne", duration_s=4.0),
        Recording("live", "Petite chanson - Live", "Personne", duration_s=300.0),
        Recording("other", "Petite chanson", "Une autre"),
    ]
    found = await search(stage, "petite chanson")
    assert [(track["id"], track["song_id"]) for track in found["tracks"]] == [
        (f"song:{SONG_ID}", SONG_ID),
        ("spotify:live", None),
        ("spotify:other", None),
    ]


async def test_a_track_that_is_an_own_song_says_so_where_the_own_one_is_not_listed(
    stage: Stage, outside: SongServices
) -> None:
    outside.recordings.append(Recording("same", "Petite chanson", "Personne", album="xyzzy", duration_s=4.0))
    await search(stage, "petite chanson personne")
    async with stage.api.get("/api/search/tracks/spotify:same") as reply:
        assert (await reply.json())["song_id"] == SONG_ID


async def test_one_track_is_known_by_its_id(stage: Stage, outside: SongServices) -> None:
    wanted = outside.recordings[7]
    async with stage.api.get(f"/api/search/tracks/spotify:{wanted.id}") as reply:
        assert (reply.status, (await reply.json())["title"]) == (200, wanted.title)
    async with stage.api.get(f"/api/search/tracks/song:{SONG_ID}") as reply:
        assert (await reply.json())["song_id"] == SONG_ID
    asked = len(outside.seen)
    async with stage.api.get(f"/api/search/tracks/spotify:{wanted.id}") as reply:
        assert reply.status == 200
    assert len(outside.seen) == asked


@pytest.mark.parametrize("track_id", ["spotify:nothing", "youtube:nothing", "song:nothing", "nothing", "spotify:..%2f"])
async def test_an_unknown_track_is_a_problem(embedded_stage: Stage, track_id: str) -> None:
    for leaf in ("", "/cover"):
        reply = await embedded_stage.api.get(f"/api/search/tracks/{track_id}{leaf}")
        assert await problem(reply) == (404, "no-track")


async def test_without_keys_the_own_songs_answer(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", youtube=False) as stage:
        found = await search(stage, "petite chanson")
        assert [track["song_id"] for track in found["tracks"]] == [SONG_ID]
        assert found["sources"] == [
            {"name": "catalogue", "status": "answered", "detail": ""},
            {"name": "spotify", "status": "skipped", "detail": "no keys are set"},
            {"name": "youtube", "status": "skipped", "detail": "switched off"},
        ]


async def test_a_token_is_used_again_and_renewed_once_when_it_is_refused(
    embedded_stage: Stage, outside: SongServices
) -> None:
    await search(embedded_stage, "chanson numéro 1")
    await search(embedded_stage, "chanson numéro 2")
    assert outside.tokens_given == 1
    outside.valid_token = "another one"
    assert (await search(embedded_stage, "chanson numéro 3"))["tracks"]
    assert outside.tokens_given == 2
    outside.token_is_refused = True
    assert states(await search(embedded_stage, "chanson numéro 4"))["spotify"] == "failed"
    assert outside.tokens_given == 3


async def test_a_token_is_renewed_before_it_ends(
    embedded_stage: Stage, outside: SongServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside.token_life_s = 400
    await search(embedded_stage, "chanson numéro 1")
    assert outside.tokens_given == 1
    assert embedded_stage.api.app is not None
    spotify = embedded_stage.api.app[SERVICES].tracks._spotify
    monkeypatch.setattr(spotify, "_clock", lambda: time.monotonic() + 345.0)  # less than a minute before it ends
    await search(embedded_stage, "chanson numéro 2")
    assert outside.tokens_given == 2
    assert all(one.headers["Authorization"].startswith("Bearer ") for one in outside.asked("/spotify"))


@pytest.mark.parametrize(
    ("where", "mood"),
    [
        *(("spotify", mood) for mood in Mood if mood is not Mood.GOOD),
        ("accounts", Mood.LIMITED),
        ("accounts", Mood.NONSENSE),
        ("accounts", Mood.REFUSED),
    ],
)
async def test_a_spotify_in_a_bad_mood_costs_its_answer_only_and_leaves_nothing(
    embedded_stage: Stage, outside: SongServices, mood: Mood, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    outside.moods[where] = mood
    outside.once.add(where)
    if mood is Mood.GONE:
        outside.once.clear()
    with caplog.at_level(logging.DEBUG):
        found = await search(embedded_stage, "petite chanson")
    assert [track["song_id"] for track in found["tracks"]] == [SONG_ID]
    assert states(found)["spotify"] == "failed"
    assert next(one["detail"] for one in found["sources"] if one["name"] == "spotify")
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("signaling"))
    assert "petite" not in ours
    assert CLIENT_SECRET not in ours
    assert "spotify-token" not in ours


async def test_a_failure_on_the_second_page_keeps_no_half_list(
    embedded_stage: Stage, outside: SongServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.search.spotify.PAGE_TRACKS", 11)  # more than the service gives at once
    assert states(await search(embedded_stage, "chanson numéro", limit=20))["spotify"] == "failed"
    monkeypatch.undo()
    found = await search(embedded_stage, "chanson numéro", limit=20)
    assert states(found)["spotify"] == "answered"
    assert len(found["tracks"]) == 20


async def test_a_limited_spotify_is_not_asked_again_until_it_allows(
    embedded_stage: Stage, outside: SongServices
) -> None:
    outside.moods["spotify"] = Mood.LIMITED
    assert states(await search(embedded_stage, "chanson numéro 1"))["spotify"] == "failed"
    asked = len(outside.seen)
    found = await search(embedded_stage, "chanson numéro 2")
    assert next(one for one in found["sources"] if one["name"] == "spotify") == {
        "name": "spotify",
        "status": "failed",
        "detail": "is left alone for 7 s",
    }
    assert len(outside.seen) == asked
    reply = await embedded_stage.api.get(f"/api/search/tracks/spotify:{outside.recordings[0].id}")
    assert await problem(reply) == (503, "service-failed")
    assert 1 <= int(reply.headers["Retry-After"]) <= 7


async def test_many_who_search_the_same_at_once_cost_one_question(embedded_stage: Stage, outside: SongServices) -> None:
    answers = await asyncio.gather(*(search(embedded_stage, "chanson numéro 4") for _ in range(20)))
    assert all(answer == answers[0] for answer in answers)
    assert len(outside.asked("/spotify/v1/search")) == 1


async def test_nobody_outside_is_asked_for_two_letters(embedded_stage: Stage, outside: SongServices) -> None:
    found = await search(embedded_stage, "pe")
    assert [track["song_id"] for track in found["tracks"]] == [SONG_ID]
    assert outside.seen == []


@pytest.mark.parametrize(
    "query", ["", "q=", "q=%20%20", "q=" + "x" * 101, "q=a&limit=0", "q=a&limit=51", "q=a&limit=x", "q=a&more=1"]
)
async def test_a_wrong_search_is_a_problem(embedded_stage: Stage, query: str) -> None:
    assert await problem(await embedded_stage.api.get(f"/api/search/tracks?{query}")) == (400, "bad-request")


async def test_searches_of_one_address_are_limited(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", youtube=False, rate_per_minute=3) as stage:
        for _ in range(3):
            await search(stage, "petite")
        refused = await stage.api.get("/api/search/tracks?q=petite")
        assert await problem(refused) == (429, "busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert (await stage.api.get("/api/search/recent")).status == 200


async def recent(stage: Stage) -> list[str]:
    async with stage.api.get("/api/search/recent") as reply:
        assert reply.status == 200
        return [one["query"] for one in (await reply.json())["searches"]]


async def test_the_last_searches_are_kept_each_once_and_what_was_still_typed_is_not(stage: Stage) -> None:
    for query in ("pet", "petit", "Petite chanson", "chanson", "CHANSON", "qqqqq xyzzy", "Petite Chanson"):
        await search(stage, query)
    assert await recent(stage) == ["Petite Chanson", "CHANSON"]


async def test_twenty_searches_are_kept(embedded_stage: Stage, outside: SongServices) -> None:
    outside.recordings = [Recording(f"r{number}", f"{number:02d} chanson", "X") for number in range(24)]
    for number in range(24):
        await search(embedded_stage, f"{number:02d} chanson")
    assert await recent(embedded_stage) == [f"{number:02d} chanson" for number in range(23, 3, -1)]


async def cover(stage: Stage, track_id: str) -> tuple[int, str, bytes]:
    async with stage.api.get(f"/api/search/tracks/{track_id}/cover") as reply:
        return reply.status, reply.content_type, await reply.read()


async def test_a_cover_comes_through_signaling_and_is_fetched_once(stage: Stage, outside: SongServices) -> None:
    track_id = f"spotify:{outside.recordings[0].id}"
    assert await cover(stage, track_id) == (200, "image/jpeg", JPEG)
    assert await cover(stage, track_id) == (200, "image/jpeg", JPEG)
    assert [one.path for one in outside.asked("/covers")] == [f"/covers/{outside.recordings[0].id}-300.jpg"]
    assert len(list((stage.settings.data_dir / "cache" / "covers").iterdir())) == 1


async def test_a_picture_is_what_its_bytes_say(embedded_stage: Stage, outside: SongServices) -> None:
    outside.cover = PNG
    status, media_type, body = await cover(embedded_stage, f"spotify:{outside.recordings[0].id}")
    assert (status, media_type, body) == (200, "image/png", PNG)
    outside.cover = b"<svg onload='alert(1)'/>"
    assert (await cover(embedded_stage, f"spotify:{outside.recordings[1].id}"))[0] == 404
    assert len(list((embedded_stage.settings.data_dir / "cache" / "covers").iterdir())) == 1


@pytest.mark.parametrize("mood", [Mood.BROKEN, Mood.NONSENSE, Mood.HUGE, Mood.ELSEWHERE])
async def test_a_cover_that_does_not_come_is_a_problem_and_leaves_no_file(
    embedded_stage: Stage, outside: SongServices, mood: Mood
) -> None:
    track_id = f"spotify:{outside.recordings[0].id}"
    outside.moods["covers"] = mood
    reply = await embedded_stage.api.get(f"/api/search/tracks/{track_id}/cover")
    assert await problem(reply) in {(503, "service-failed"), (404, "not-found")}
    folder = embedded_stage.settings.data_dir / "cache" / "covers"
    assert not folder.exists() or list(folder.iterdir()) == []


async def test_a_source_that_no_search_has_found_shows_its_cover(embedded_stage: Stage, outside: SongServices) -> None:
    assert embedded_stage.api.app is not None
    sources = embedded_stage.api.app[SERVICES].sources
    for name, details in (("candidate_1", {"cover_url": f"{outside.url}/covers/c.jpg"}), ("candidate_2", {})):
        source = Source(f"youtube:{name}", Kind.YOUTUBE, "t", "a", 200.0, datetime.now(UTC), details=details)
        await sources.add(source)
    assert await cover(embedded_stage, "youtube:candidate_1") == (200, "image/jpeg", JPEG)
    assert (await cover(embedded_stage, "youtube:candidate_2"))[0] == 404
    assert (await cover(embedded_stage, "youtube:candidate_3"))[0] == 404


async def test_the_cover_of_an_own_song_is_its_own(embedded_stage: Stage) -> None:
    reply = await embedded_stage.api.get(f"/api/search/tracks/song:{SONG_ID}/cover")
    assert await problem(reply) == (404, "not-found")
    song = embedded_stage.settings.data_dir / "songs" / SONG_ID
    document = json.loads((song / "song.json").read_text())
    (song / "cover.png").write_bytes(PNG)
    (song / "song.json").write_text(json.dumps({**document, "cover_key": "cover.png"}))
    assert await cover(embedded_stage, f"song:{SONG_ID}") == (200, "image/png", PNG)
    assert (await search(embedded_stage, "petite"))["tracks"][0]["cover_url"] == f"/api/songs/{SONG_ID}/cover"
