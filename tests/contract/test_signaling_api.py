"""Songs, history, the page, limits and refusals over real HTTP."""

import asyncio
import json
import logging
import shutil
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from voicejury.rpc import add_open_services, build_server, set_serving
from voicejury.tokens import Scope
from voicejury.v1 import song_pb2
from yarl import URL

from signaling.services import SERVICES
from signaling.songs.catalogue import Catalogue, import_ultrastar
from signaling.store.events import Events
from tests.contract.signaling_stage import (
    SDP,
    SECRET,
    SONG,
    SONG_ID,
    Stage,
    problem,
    signaling_stage,
    until,
    write_song,
)


async def document(stage: Stage, path: str) -> Any:
    async with stage.api.get(path) as reply:
        assert reply.status == 200, await reply.text()
        return await reply.json()


async def test_history_and_leaderboard_show_takes_and_no_session(stage: Stage) -> None:
    secrets = []
    for singer, total in (("Ana", 70.0), ("Ana", 80.0), ("Bo", None)):
        stage.jury.total = total
        session_id, token = await stage.sing(singer=singer)
        await stage.until_over(session_id, token)
        secrets += [session_id, token["Authorization"].removeprefix("Bearer ")]
    found = await document(stage, f"/api/results/history?song_id={SONG_ID}&limit=2")
    assert [(take["singer"], take["total"]) for take in found["takes"]] == [("Bo", None), ("Ana", 80.0)]
    assert found["leaderboard"] == [
        {"rank": 1, "singer": "Ana", "total": 80.0, "sung_at": found["takes"][1]["sung_at"]}
    ]
    older = await stage.api.get(
        "/api/results/history", params={"song_id": SONG_ID, "before": found["takes"][-1]["sung_at"]}
    )
    assert [take["total"] for take in (await older.json())["takes"]] == [70.0]
    everything = json.dumps(found) + await older.text() + json.dumps(await document(stage, "/api/songs"))
    assert not any(secret in everything for secret in secrets)
    songs = (await document(stage, "/api/songs"))["songs"]
    assert songs[0]["best"] == {"singer": "Ana", "total": 80.0}

    shutil.rmtree(stage.settings.data_dir / "songs" / SONG_ID)
    kept = await document(stage, "/api/results/history")
    assert [take["title"] for take in kept["takes"]] == ["Petite chanson"] * 3
    assert kept["leaderboard"] == []


async def test_a_song_added_while_the_server_runs_is_served(embedded_stage: Stage, tmp_path: Path) -> None:
    text = SONG.replace("Petite chanson", "Nouvelle")
    added = import_ultrastar(Catalogue(embedded_stage.settings.data_dir), write_song(tmp_path / "new", text))
    listed = (await document(embedded_stage, "/api/songs"))["songs"]
    assert [song["id"] for song in listed] == ["personne-nouvelle", SONG_ID]
    assert listed[0]["cover_url"] is None
    assert listed[0]["guide_url"] is None
    song = await document(embedded_stage, f"/api/songs/{added.id}")
    assert song["audio_url"] == f"/api/songs/{added.id}/audio"
    assert song["voices"][0]["reference"]["melody"]["phrases"][0]["notes"][0]["syllable"] == "La"


async def test_audio_is_served_whole_in_part_and_by_its_tag(embedded_stage: Stage) -> None:
    url = f"/api/songs/{SONG_ID}/audio"
    whole = await embedded_stage.api.get(url)
    sound = await whole.read()
    assert (whole.status, whole.content_type, sound[:4]) == (200, "audio/wav", b"RIFF")
    part = await embedded_stage.api.get(url, headers={"Range": "bytes=100-199"})
    assert (part.status, await part.read()) == (206, sound[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(sound)}"
    beyond = await embedded_stage.api.get(url, headers={"Range": f"bytes={len(sound) + 1}-"})
    assert beyond.status == 416
    known = await embedded_stage.api.get(url, headers={"If-None-Match": whole.headers["ETag"]})
    assert known.status == 304
    head = await embedded_stage.api.head(url)
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(sound)))


async def test_guide_and_cover_are_served_where_the_song_has_them(embedded_stage: Stage, tmp_path: Path) -> None:
    catalogue = Catalogue(embedded_stage.settings.data_dir)
    song = song_pb2.Song()
    song.CopyFrom(catalogue.find(SONG_ID) or song)
    song.id, song.guide_key, song.cover_key = "guided", "guide.wav", "cover.png"
    air = catalogue.file_of(song_pb2.Song(id=SONG_ID), "audio.wav")
    assert air is not None
    picture = tmp_path / "x.png"
    picture.write_bytes(b"\x89PNG")
    catalogue.add(song, {"audio.wav": air, "guide.wav": air, "cover.png": picture})
    for leaf, media_type in (("guide", "audio/wav"), ("cover", "image/png")):
        reply = await embedded_stage.api.get(f"/api/songs/guided/{leaf}")
        assert (reply.status, reply.content_type) == (200, media_type)
        missing = await embedded_stage.api.get(f"/api/songs/{SONG_ID}/{leaf}")
        assert await problem(missing) == (404, "unknown-song")


@pytest.mark.parametrize("path", ["nothing", "..%2f..%2fsecret", "%2e%2e", "UPPER", "a" * 300])
@pytest.mark.parametrize("leaf", ["", "/audio", "/guide", "/cover"])
async def test_an_unknown_song_is_a_problem(embedded_stage: Stage, path: str, leaf: str) -> None:
    reply = await embedded_stage.api.get(f"/api/songs/{path}{leaf}")
    status, code = await problem(reply)
    assert (status, code) in {(404, "unknown-song"), (404, "not-found")}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"song_id": "nothing"}, (404, "unknown-song")),
        ({}, (400, "bad-request")),
        ({"song_id": 7}, (400, "bad-request")),
        ({"song_id": SONG_ID, "singer": "x" * 25}, (400, "bad-request")),
        ({"song_id": SONG_ID, "singer": ""}, (400, "bad-request")),
        ({"song_id": SONG_ID, "level": "easy"}, (400, "bad-request")),
        ({"song_id": SONG_ID, "language": "de"}, (400, "bad-request")),
        ({"song_id": SONG_ID, "more": 1}, (400, "bad-request")),
        ([], (400, "bad-request")),
        ({"song_id": SONG_ID, "singer": "x" * 70_000}, (413, "too-large")),
    ],
)
async def test_a_wrong_start_is_a_problem(embedded_stage: Stage, body: Any, expected: tuple[int, str]) -> None:
    reply = await embedded_stage.api.post("/api/session/start", json=body)
    assert await problem(reply) == expected


@pytest.mark.parametrize(
    ("sent", "content_type", "expected"),
    [
        (b"{", "application/json", (400, "bad-request")),
        (b"\xff\xfe", "application/json", (400, "bad-request")),
        (b"", "application/json", (400, "bad-request")),
        (json.dumps({"sdp": "", "type": "offer"}).encode(), "application/json", (400, "bad-sdp")),
        (json.dumps({"sdp": 5, "type": "offer"}).encode(), "application/json", (400, "bad-sdp")),
        (json.dumps({"sdp": SDP, "type": "answer"}).encode(), "application/json", (400, "bad-sdp")),
        (json.dumps({"sdp": "x" * 61_000, "type": "offer"}).encode(), "application/json", (400, "bad-sdp")),
        (json.dumps({"sdp": "x" * 90_000, "type": "offer"}).encode(), "application/json", (413, "too-large")),
        (b"sdp=1", "application/x-www-form-urlencoded", (415, "bad-request")),
    ],
)
async def test_a_wrong_offer_never_reaches_the_media_server(
    embedded_stage: Stage, sent: bytes, content_type: str, expected: tuple[int, str]
) -> None:
    session_id, token = await embedded_stage.start()
    headers = {**token, "Content-Type": content_type}
    reply = await embedded_stage.api.post(f"/api/session/{session_id}/offer", data=sent, headers=headers)
    assert await problem(reply) == expected
    assert not embedded_stage.media.offers


@pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "before=yesterday", "other=1"])
async def test_a_wrong_history_query_is_a_problem(embedded_stage: Stage, query: str) -> None:
    reply = await embedded_stage.api.get(f"/api/results/history?{query}")
    assert await problem(reply) == (400, "bad-request")


async def test_unknown_paths_and_methods_are_problems(embedded_stage: Stage) -> None:
    assert await problem(await embedded_stage.api.get("/api/nothing")) == (404, "not-found")
    wrong = await embedded_stage.api.get("/api/session/start")
    assert await problem(wrong) == (405, "method-not-allowed")
    assert wrong.headers["Allow"] == "POST"
    assert await problem(await embedded_stage.api.post("/somewhere")) == (404, "not-found")


async def test_a_break_inside_is_one_log_line_and_tells_the_client_nothing(
    embedded_stage: Stage, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("signaling.songs.catalogue.Catalogue.songs", broken)
    with caplog.at_level(logging.ERROR):
        reply = await embedded_stage.api.get("/api/songs")
    assert await problem(reply) == (500, "internal")
    assert "the inside" not in await reply.text()
    assert len(caplog.records) == 1
    assert "RuntimeError: the inside" in caplog.text
    assert "Traceback" not in caplog.text


async def test_starts_of_one_address_are_limited_and_nothing_else_is(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", rate_per_minute=3) as stage:
        for _ in range(3):
            await stage.start()
        refused = await stage.api.post("/api/session/start", json={"song_id": SONG_ID})
        assert await problem(refused) == (429, "busy")
        assert int(refused.headers["Retry-After"]) >= 1
        assert (await stage.api.get("/api/songs")).status == 200


async def test_ends_of_one_address_are_limited_apart_from_its_starts(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "", rate_per_minute=3) as stage:
        sessions = [await stage.start() for _ in range(3)]
        url = f"/api/session/{sessions[0][0]}/end"
        for session_id, token in sessions:
            ended = await stage.api.post(f"/api/session/{session_id}/end", headers=token)
            assert ended.status == 202
        assert await problem(await stage.api.post(url, headers=sessions[0][1])) == (429, "busy")


async def test_no_token_and_no_name_reaches_the_log(embedded_stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="signaling"):
        session_id, token = await embedded_stage.sing(singer="Clothilde")
        await embedded_stage.until_over(session_id, token)
        await embedded_stage.api.get("/api/Clothilde-in-a-path")
    ours = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("signaling"))
    assert ours
    assert "Clothilde" not in ours
    assert token["Authorization"].split()[1] not in ours


async def test_the_page_is_served_with_its_assets_and_a_strict_policy(embedded_stage: Stage) -> None:
    missing = await embedded_stage.api.get("/")
    assert missing.status == 503
    assert "make setup" in await missing.text()
    page = embedded_stage.settings.page_dir
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<title>the page</title>")
    (page / "icon.svg").write_text("<svg/>")
    (page / "assets" / "app-1a2b.js").write_text("1")
    (page.parent / "secret.txt").write_text("secret")
    for path in ("/", "/sing/demo", "/history"):
        reply = await embedded_stage.api.get(path)
        assert (reply.status, reply.content_type) == (200, "text/html")
        assert "the page" in await reply.text()
        assert reply.headers["Cache-Control"] == "no-cache"
    policy = reply.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy  # no script from elsewhere
    assert "frame-ancestors 'none'" in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    asset = await embedded_stage.api.get("/assets/app-1a2b.js")
    assert "immutable" in asset.headers["Cache-Control"]
    assert (await embedded_stage.api.get("/icon.svg")).content_type == "image/svg+xml"
    for path in ("/assets/..%2f..%2fsecret.txt", "/assets/none.js", "/..%2fsecret.txt"):
        reply = await embedded_stage.api.get(path)
        assert "secret" not in await reply.text()


async def test_api_answers_are_never_stored(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    for path in ("/api/songs", f"/api/session/{session_id}/status", "/health"):
        reply = await embedded_stage.api.get(path, headers=token)
        assert reply.headers["Cache-Control"] == "no-store"
        assert "aiohttp" not in reply.headers.get("Server", "")


async def test_health_names_each_dependency(stage: Stage) -> None:
    found = await document(stage, "/health")
    assert found["status"] == "ok"
    needed = {"database", "redis", "media_server", "live", "analysis", "background"}
    assert set(found["dependencies"]) == {*needed, "reference", "youtube"}
    assert all(found["dependencies"][name]["status"] == "ok" for name in needed)
    assert found["dependencies"]["reference"] == {"status": "down", "detail": "not set up (VOICEJURY_REFERENCE_URL)"}


async def test_health_without_a_judge_is_degraded_and_without_media_down(tmp_path: Path) -> None:
    async with signaling_stage(tmp_path, "", "") as stage:
        nowhere = {"live_url": "127.0.0.1:1", "analysis_url": "127.0.0.1:1"}
        stage.settings.__dict__.update(nowhere)
        await stage.again()
        found = await document(stage, "/health")
        assert found["status"] == "degraded"
        assert found["dependencies"]["live"]["status"] == "down"
        stage.settings.__dict__.update({"media_url": "127.0.0.1:1"})
        await stage.again()
        async with asyncio.timeout(30), stage.api.get("/health") as reply:
            assert reply.status == 503
            assert (await reply.json())["status"] == "down"


async def test_health_of_a_judge_that_is_there_but_not_ready_is_degraded(embedded_stage: Stage) -> None:
    server = build_server(SECRET, frozenset({Scope.SERVICE}))
    await set_serving(add_open_services(server, []), [], False)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        embedded_stage.settings.__dict__.update(live_url=f"127.0.0.1:{port}")
        await embedded_stage.again()
        found = await document(embedded_stage, "/health")
    finally:
        await server.stop(0)
    assert found["status"] == "degraded"
    assert found["dependencies"]["live"] == {"status": "degraded", "detail": "answers, but is not ready"}
    assert found["dependencies"]["analysis"]["status"] == "ok"


async def test_health_of_a_slow_store_is_degraded(embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.routes.health.SLOW_S", 0.0)
    found = await document(embedded_stage, "/health")
    assert found["status"] == "degraded"
    assert found["dependencies"]["database"]["status"] == "degraded"
    assert "answered after" in found["dependencies"]["database"]["detail"]


async def test_metrics_count_what_happened(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.sing()
    await embedded_stage.until_over(session_id, token)
    text = await (await embedded_stage.api.get("/metrics")).text()
    assert "voicejury_sessions_started_total 1.0" in text
    assert 'voicejury_takes_total{end="done"} 1.0' in text
    assert 'route="/api/session/{id}/offer",status="200"' in text
    assert session_id not in text


async def test_a_listener_that_leaves_leaves_nothing_behind(embedded_stage: Stage) -> None:
    embedded_stage.jury.go.clear()
    session_id, token = await embedded_stage.sing()
    reply = await embedded_stage.api.get(f"/api/session/{session_id}/events", headers=token)
    await reply.content.readline()
    reply.close()
    embedded_stage.jury.go.set()
    assert (await embedded_stage.until_over(session_id, token))[-1][0] == "verdict"
    app = embedded_stage.api.app
    assert app is not None
    await until(partial(_listens_no_more, app[SERVICES].events))


async def _listens_no_more(events: Events) -> bool:
    return not events.listening


async def test_a_session_has_room_for_a_few_listeners_only(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.routes.events.MAX_LISTENERS", 2)
    session_id, token = await embedded_stage.start()
    url = f"/api/session/{session_id}/events"
    open_ones = [await embedded_stage.api.get(url, headers=token) for _ in range(2)]
    assert await problem(await embedded_stage.api.get(url, headers=token)) == (429, "busy")
    for reply in open_ones:
        reply.close()


async def test_listeners_that_come_at_the_same_moment_are_counted_too(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.routes.events.MAX_LISTENERS", 2)
    session_id, token = await embedded_stage.start()
    url = f"/api/session/{session_id}/events"
    replies = await asyncio.gather(*(embedded_stage.api.get(url, headers=token) for _ in range(12)))
    let_in = [reply for reply in replies if reply.status == 200]
    assert 1 <= len(let_in) <= 2
    assert len(replies) - len(let_in) == sum(reply.status == 429 for reply in replies)
    for reply in replies:
        reply.close()


async def test_a_file_that_the_page_does_not_have_is_a_problem(embedded_stage: Stage) -> None:
    for name in ("nothing.js", "..%2findex.html", "%2e%2e/%2e%2e/etc/passwd"):
        reply = await embedded_stage.api.get(URL(f"/assets/{name}", encoded=True))
        assert await problem(reply) == (404, "not-found")
        assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("singer", "said"), [("x" * 25, "singer: at most 24 characters"), ("", "singer: at least 1 character")]
)
async def test_a_wrong_singer_name_is_told_in_plain_words(embedded_stage: Stage, singer: str, said: str) -> None:
    reply = await embedded_stage.api.post("/api/session/start", json={"song_id": SONG_ID, "singer": singer})
    assert (await reply.json())["detail"] == said


async def test_a_quiet_stream_gets_a_heartbeat(embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.story.HEARTBEAT_S", 0.05)
    session_id, token = await embedded_stage.start()
    reply = await embedded_stage.api.get(f"/api/session/{session_id}/events", headers=token)
    async with asyncio.timeout(60):
        while await reply.content.readline() != b": still here\n":
            pass
    reply.close()
