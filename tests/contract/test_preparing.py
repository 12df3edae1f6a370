"""Any song over HTTP, with the real reference service: prepared once, told as it goes, never half there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from signaling.app import build_app
from signaling.lyrics.wanted import WantedLyrics
from signaling.songs.marks import source_mark
from tests.contract.conftest import Stores
from tests.contract.preparing_house import (
    LRC,
    OFFLINE,
    begin,
    events_until,
    metric,
    pair,
    preparing_stage,
    reference_service,
    services,
    status,
    until_state,
    unused_port,
    upload,
    upload_pair,
)
from tests.contract.signaling_stage import SONG_ID, Stage, problem, signaling_stage, until

READY = 'voicejury_preparations_total{outcome="ready"}'


@pytest.fixture
async def house(stores: Stores, tmp_path: Path) -> AsyncIterator[Stage]:
    async with preparing_stage(tmp_path, stores.database_url, stores.redis_url) as stage:
        yield stage


@pytest.fixture
async def embedded_house(tmp_path: Path) -> AsyncIterator[Stage]:
    async with preparing_stage(tmp_path) as stage:
        yield stage


async def test_two_singers_of_one_pair_cause_one_preparation_and_both_sing_it(house: Stage) -> None:
    source = {"source": {"source_id": await upload_pair(house.api)}}
    (first, token, state), (second, other, _) = await asyncio.gather(
        begin(house.api, source), begin(house.api, {**source, "key_shift_semitones": 2, "tempo": 0.5})
    )
    assert state == "preparing"
    told, told_other = await asyncio.gather(
        events_until(house.api, first, token, "created"), events_until(house.api, second, other, "created")
    )
    assert told[0] == ("state", {"state": "preparing"})
    assert told_other[-1] == ("state", {"state": "created"})
    progress = [data for name, data in told if name == "progress"]
    fractions = [one["fraction"] for one in progress]
    assert fractions == sorted(fractions)
    assert {one["stage"] for one in progress} <= {"queued", "download", "decode", "pitch", "words", "store"}
    assert await metric(house.api, READY) == 1

    song, slow = await song_of(house, first, token), await song_of(house, second, other)
    assert (song["title"], song["artist"], song["source"]) == ("Un essai", "Personne", "upload")
    assert song["id"] == slow["id"]
    note, slow_note = song_note(song), song_note(slow)
    assert slow_note["onset_s"] == pytest.approx(2 * note["onset_s"], abs=1e-6)
    assert slow_note["midi"] == pytest.approx(note["midi"] + 2)
    assert slow["duration_s"] == pytest.approx(2 * song["duration_s"])
    assert (slow["key_shift_semitones"], slow["tempo"]) == (2, 0.5)

    third, its_token, state = await begin(house.api, source)
    assert state == "created"
    assert await metric(house.api, READY) == 1
    for url in (song["audio_url"], song["guide_url"]):
        assert (await house.api.get(url)).status == 200
    assert (await house.offer(third, its_token)).status == 200
    assert [one.song.id for one in house.media.offers] == [song["id"]]
    listed = await (await house.api.get("/api/songs")).json()
    assert {one["id"] for one in listed["songs"]} == {SONG_ID, song["id"]}


async def test_the_words_that_a_singer_typed_go_first_and_are_timed(
    embedded_house: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "signaling")
    source_id = await upload_pair(embedded_house.api)
    session_id, token, _ = await begin(embedded_house.api, {"source": {"source_id": source_id}})
    await until_state(embedded_house.api, session_id, token, "created")
    song = await song_of(embedded_house, session_id, token)
    assert f"{source_mark(source_id)} is ready" in caplog.text
    for told in (source_id, song["id"], "essai", "personne", "Sing"):
        assert told not in caplog.text
    reference = song["voices"][0]["reference"]
    assert [word["text"] for word in reference["lyrics"]["words"]] == ["Sing", "with", "me", "Once", "again"]
    assert reference["lyrics"]["source"] == "user"
    kept = await services(embedded_house).lyrics.lyrics_for(WantedLyrics(source_id, "?", "?", is_known=True))
    assert kept is not None
    assert (kept.source, kept.lines[0].text) == ("user", "Sing with me")
    onsets_s = [word["onset_s"] for word in reference["lyrics"]["words"]]
    assert onsets_s == sorted(onsets_s)
    assert all(word["timed_by"] for word in reference["lyrics"]["words"])
    assert "no-lyrics" not in song["confidence"]["remarks"]


async def test_two_processes_on_the_same_stores_prepare_once(stores: Stores, tmp_path: Path) -> None:
    async with (
        preparing_stage(tmp_path, stores.database_url, stores.redis_url) as stage,
        TestClient(TestServer(build_app(stage.settings))) as second,
    ):
        source = {"source": {"source_id": await upload_pair(stage.api)}}
        sessions = [await begin(api, source) for api in (stage.api, second, stage.api, second)]
        for (session_id, token, _), api in zip(sessions, (second, stage.api, second, stage.api), strict=True):
            await until_state(api, session_id, token, "created")
        assert await metric(stage.api, READY) + await metric(second, READY) == 1
        assert len(list((stage.settings.data_dir / "songs").glob("personne-un-essai-*"))) == 1


async def test_a_preparation_waits_for_an_absent_service_and_survives_a_restart(stores: Stores, tmp_path: Path) -> None:
    port = unused_port()
    more = {**OFFLINE, "reference_url": f"127.0.0.1:{port}"}
    async with signaling_stage(tmp_path, stores.database_url, stores.redis_url, **more) as stage:
        session_id, token, _ = await begin(stage.api, {"source": {"source_id": await upload_pair(stage.api)}})

        async def has_fetched() -> bool:
            found = await status(stage.api, session_id, token)
            return bool(found["progress"]["fraction"] >= 0.15)

        await until(has_fetched)
        before = (await status(stage.api, session_id, token))["progress"]["fraction"]
        await stage.again()
        found = await status(stage.api, session_id, token)
        assert found["state"] == "preparing"
        assert found["progress"]["fraction"] >= before
        other, its_token = await stage.start()  # a song of the list is sung meanwhile
        assert (await stage.offer(other, its_token)).status == 200
        async with reference_service(stage.settings.data_dir, port):
            await until_state(stage.api, session_id, token, "created")
        assert await metric(stage.api, READY) == 1


async def test_a_recording_that_cannot_be_split_here_fails_with_a_remedy_and_another_source_helps(
    house: Stage,
) -> None:
    mix = {"audio": pair()["vocals"]}
    source_id = await upload(house.api, mix, title="Le tout")
    session_id, token, _ = await begin(house.api, {"source": {"source_id": source_id}})
    told = await events_until(house.api, session_id, token, "created")
    assert told[-1][0] == "error"
    assert told[-1][1]["code"] == "separation-missing"
    assert told[-1][1]["detail"]
    found = await status(house.api, session_id, token)
    assert (found["state"], found["error"]["code"]) == ("failed", "separation-missing")
    assert await problem(await song_reply(house, session_id, token)) == (409, "separation-missing")
    assert await services(house).references.size_bytes() == 0
    assert [path.name for path in (house.settings.data_dir / "songs").iterdir()] == [SONG_ID]

    wanted = {"session_id": session_id, "source_id": await upload_pair(house.api)}
    reply = await house.api.post("/api/session/fallback-source", json=wanted, headers=token)
    assert (reply.status, await reply.json()) == (202, {"state": "preparing", "source_id": wanted["source_id"]})
    found = await until_state(house.api, session_id, token, "created")
    assert found["error"] is None
    assert (await song_of(house, session_id, token))["source_id"] == wanted["source_id"]


async def test_without_a_reference_service_the_songs_of_the_list_are_sung_and_the_page_is_told(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", **OFFLINE) as stage:
        session_id, token, _ = await begin(stage.api, {"source": {"source_id": await upload_pair(stage.api)}})
        found = await until_state(stage.api, session_id, token, "failed")
        assert found["error"]["code"] == "separation-missing"
        assert "UltraStar" in found["error"]["detail"]
        sung, its_token = await stage.sing()
        assert (await stage.until_over(sung, its_token))[-1][0] == "verdict"
        abilities = (await (await stage.api.get("/api/abilities")).json())["abilities"]
        by_name = {one["name"]: one for one in abilities}
        assert set(by_name) == {"search", "youtube", "lyrics", "separation", "word-times", "whisper"}
        assert not by_name["separation"]["is_there"]
        assert "VOICEJURY_YOUTUBE" in by_name["youtube"]["detail"]
        health = await (await stage.api.get("/health")).json()
        assert (health["status"], health["dependencies"]["reference"]["status"]) == ("ok", "down")


async def test_the_abilities_name_what_is_missing_for_separation(embedded_house: Stage) -> None:
    abilities = (await (await embedded_house.api.get("/api/abilities")).json())["abilities"]
    separation = next(one for one in abilities if one["name"] == "separation")
    assert separation["is_there"] is False
    assert separation["detail"]
    whisper = next(one for one in abilities if one["name"] == "whisper")
    assert whisper["is_there"] is False
    assert "voicejury models fetch whisper" in whisper["detail"]
    health = await (await embedded_house.api.get("/health")).json()
    assert health["dependencies"]["reference"]["status"] == "ok"


async def test_a_session_that_waits_cannot_be_sung_and_ends_without_ending_the_preparation(
    embedded_house: Stage,
) -> None:
    house = embedded_house
    source = {"source": {"source_id": await upload_pair(house.api)}}
    session_id, token, _ = await begin(house.api, source)
    assert await problem(await house.offer(session_id, token)) == (409, "not-ready")
    assert await problem(await song_reply(house, session_id, token)) == (409, "not-ready")
    ended = await house.api.post(f"/api/session/{session_id}/end", headers=token)
    assert (ended.status, await ended.json()) == (202, {"state": "abandoned"})
    second, its_token, _ = await begin(house.api, source)
    await until_state(house.api, second, its_token, "created")
    assert await metric(house.api, READY) == 1
    assert (await status(house.api, session_id, token))["state"] == "abandoned"


async def test_another_source_is_taken_until_the_song_is_sung(embedded_house: Stage) -> None:
    house = embedded_house
    session_id, token = await house.start()
    wanted = {"session_id": session_id, "source_id": await upload_pair(house.api)}
    url = "/api/session/fallback-source"
    assert (await house.api.post(url, json=wanted, headers=token)).status == 202
    await until_state(house.api, session_id, token, "created")
    assert await problem(await house.api.post(url, json=wanted)) == (401, "unauthorized")
    _, foreign = await house.start()
    assert await problem(await house.api.post(url, json=wanted, headers=foreign)) == (403, "foreign-session")
    nothing = {**wanted, "source_id": "upload:none"}
    assert await problem(await house.api.post(url, json=nothing, headers=token)) == (404, "no-source")
    assert (await house.offer(session_id, token)).status == 200
    assert await problem(await house.api.post(url, json=wanted, headers=token)) == (409, "session-over")
    assert (await status(house.api, session_id, token))["state"] == "connected"


async def test_a_prepared_upload_keeps_its_first_names(embedded_house: Stage) -> None:
    house = embedded_house
    source_id = await upload_pair(house.api, title="Un air", artist="Elle")
    assert await upload_pair(house.api, title="Mon air", artist="Elle") == source_id  # nobody has sung it yet
    session_id, token, _ = await begin(house.api, {"source": {"source_id": source_id}})
    await until_state(house.api, session_id, token, "created")
    assert await upload_pair(house.api, title="Volé", artist="Lui", lyrics="autre") == source_id
    kept = await services(house).sources.find(source_id)
    assert kept is not None
    assert (kept.title, kept.artist, kept.details["lyrics"]) == ("Mon air", "Elle", LRC.strip())


async def test_a_session_that_is_over_begins_no_preparation(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", **OFFLINE) as stage:
        session_id, token = await stage.sing()
        await stage.until_over(session_id, token)
        wanted = {"session_id": session_id, "source_id": await upload_pair(stage.api)}
        reply = await stage.api.post("/api/session/fallback-source", json=wanted, headers=token)
        assert await problem(reply) == (409, "session-over")
        assert await services(stage).preparing.look(wanted["source_id"]) is None


async def test_a_failed_preparation_waits_in_the_queue_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with signaling_stage(tmp_path, "", "", **OFFLINE) as stage:
        wanted = {"source": {"source_id": await upload_pair(stage.api)}}
        session_id, token, _ = await begin(stage.api, wanted)
        await until_state(stage.api, session_id, token, "failed")
        monkeypatch.setattr("signaling.preparing.preparing.MAX_WAITING", 0)
        assert await problem(await stage.api.post("/api/session/start", json=wanted)) == (503, "busy")
        monkeypatch.undo()
        _, _, state = await begin(stage.api, wanted)
        assert state == "preparing"


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"song_id": SONG_ID, "source": {"source_id": "x"}},
        {"source": {}},
        {"source": {"source_id": "x", "url": "https://youtu.be/x"}},
        {"source": {"url": "file:///etc/passwd"}},
        {"track": {"id": "elsewhere:1", "title": "x", "artist": "y"}},
        {"song_id": SONG_ID, "key_shift_semitones": 13},
        {"song_id": SONG_ID, "tempo": 0.4},
        {"song_id": SONG_ID, "tempo": "nan"},
    ],
)
async def test_a_start_that_is_not_well_formed_is_a_bad_request(stage_once: Stage, wanted: dict[str, Any]) -> None:
    assert await problem(await stage_once.api.post("/api/session/start", json=wanted)) == (400, "bad-request")


async def test_a_start_with_what_is_not_there_says_so(stage_once: Stage) -> None:
    for wanted, answer in (
        ({"source": {"source_id": "upload:none"}}, (404, "no-source")),
        ({"track": {"id": "song:none", "title": "x", "artist": "y"}}, (404, "unknown-song")),
    ):
        assert await problem(await stage_once.api.post("/api/session/start", json=wanted)) == answer
    refused = await stage_once.api.post("/api/session/start", json={"source": {"url": "http://127.0.0.1/x"}})
    assert (await refused.json())["code"] == "source-refused"


async def test_a_track_of_the_catalogue_and_a_move_start_at_once(stage_once: Stage) -> None:
    track = {"id": f"song:{SONG_ID}", "title": "Petite chanson", "artist": "Personne"}
    session_id, token, state = await begin(stage_once.api, {"track": track, "tempo": 0.8, "key_shift_semitones": -3})
    assert state == "created"
    song, plain = await song_of(stage_once, session_id, token), await song_of(stage_once, *await stage_once.start())
    assert song_note(song)["midi"] == song_note(plain)["midi"] - 3
    assert song["duration_s"] == pytest.approx(plain["duration_s"] / 0.8)
    await stage_once.offer(session_id, token)
    assert stage_once.media.offers[-1].song.key_shift_semitones == -3
    await stage_once.api.post(f"/api/session/{session_id}/end", headers=token)
    await stage_once.until_over(session_id, token)
    assert await song_of(stage_once, session_id, token) == song  # told after the verdict too


@pytest.fixture
async def stage_once(tmp_path: Path) -> AsyncIterator[Stage]:
    async with signaling_stage(tmp_path, "", "", **OFFLINE) as stage:
        yield stage


async def song_reply(stage: Stage, session_id: str, token: dict[str, str]) -> Any:
    return await stage.api.get(f"/api/session/{session_id}/song", headers=token)


async def song_of(stage: Stage, session_id: str, token: dict[str, str]) -> dict[str, Any]:
    reply = await song_reply(stage, session_id, token)
    assert reply.status == 200, await reply.text()
    found: dict[str, Any] = await reply.json()
    return found


def song_note(song: dict[str, Any]) -> dict[str, Any]:
    phrases = song["voices"][0]["reference"]["melody"]["phrases"]
    found: dict[str, Any] = next(phrase["notes"][0] for phrase in phrases if phrase["notes"])
    return found
