"""The way of a session over REST and server-sent events, on embedded stores and on real servers."""

import asyncio
import logging

import grpc
import pytest
from sqlalchemy import text, update
from voicejury.tokens import Scope, mint
from voicejury.v1 import live_pb2, song_pb2

from signaling.judging import MAX_ATTEMPTS, MAX_BROKEN_STREAMS
from signaling.services import SERVICES, Services
from signaling.songs.catalogue import Catalogue
from signaling.store.database import create_engine
from signaling.store.models import SessionRow
from tests.contract.signaling_stage import PERSONAS, SECRET, SONG_ID, Stage, problem, until

SCORING = {"stage": "score", "fraction": 0.75, "left_s": 4.5}


async def test_a_sung_session_ends_with_a_verdict_and_its_jury(stage: Stage) -> None:
    session_id, token = await stage.start(singer="  Zoé   Z ", level="strict", language="en")
    assert (await stage.state(session_id, token))["state"] == "created"
    answer = await (await stage.offer(session_id, token)).json()
    assert answer == {"sdp": "v=0 answer", "type": "answer", "resumed": False}
    assert (await stage.state(session_id, token))["state"] == "connected"
    early = await stage.api.get(f"/api/session/{session_id}/results", headers=token)
    assert await problem(early) == (409, "not-ready")
    ended = await stage.api.post(f"/api/session/{session_id}/end", headers=token)
    assert (ended.status, await ended.json()) == (202, {"state": "judging"})

    events = await stage.until_over(session_id, token)
    assert events[-1][0] == "verdict"
    assert [data["persona"] for name, data in events if name == "juror"] == list(PERSONAS)
    results = await stage.api.get(f"/api/session/{session_id}/results", headers=token)
    document = await results.json()
    assert document == events[-1][1]
    assert document["total"] == 72.5
    assert document["rhythm"] is None
    assert [juror["persona"] for juror in document["jury"]] == list(PERSONAS)
    assert (await stage.state(session_id, token))["state"] == "done"

    asked = stage.jury.asked[0]
    assert (asked.take_key, asked.level, asked.language) == ("", live_pb2.LEVEL_STRICT, "en")  # its job seals the take
    assert asked.song.voices[0].reference.melody.phrases[0].text == "La la"
    assert stage.media.offers[0].song.id == SONG_ID


async def test_ending_twice_judges_once(stage: Stage) -> None:
    session_id, token = await stage.sing()
    again = await stage.api.post(f"/api/session/{session_id}/end", headers=token)
    assert again.status == 202
    await stage.until_over(session_id, token)
    later = await stage.api.post(f"/api/session/{session_id}/end", headers=token)
    assert (later.status, await later.json()) == (202, {"state": "done"})
    assert len(stage.jury.asked) == 1


async def test_a_late_listener_is_told_what_it_missed_and_nothing_twice(stage: Stage) -> None:
    stage.jury.go.clear()
    session_id, token = await stage.sing()
    events = _services(stage).events

    async def first_juror_spoke() -> bool:
        return any(event.name == "juror" for event in await events.after(session_id))

    await until(first_juror_spoke)
    assert (await stage.state(session_id, token))["progress"] == SCORING
    listening = [asyncio.create_task(stage.until_over(session_id, token)) for _ in range(2)]
    await asyncio.sleep(0.2)
    stage.jury.go.set()
    for told in await asyncio.gather(*listening):
        names = [name for name, _ in told]
        assert names == ["state", "progress", "scores", "juror", "juror", "juror", "state", "verdict"]
        assert told[0] == ("state", {"state": "judging"})
        assert told[1] == ("progress", SCORING)
    after = await stage.until_over(session_id, token)
    assert [name for name, _ in after] == ["state", "progress", "scores", "juror", "juror", "juror", "verdict"]


async def test_a_session_left_in_judging_is_judged_by_the_next_process(stage: Stage) -> None:
    stage.jury.go.clear()
    session_id, token = await stage.sing()

    async def asked() -> bool:
        return bool(stage.jury.asked)

    await until(asked)
    await stage.again()
    stage.jury.go.set()
    events = await stage.until_over(session_id, token)
    assert events[-1][0] == "verdict"
    assert [data["persona"] for name, data in events if name == "juror"] == list(PERSONAS)
    assert len(stage.jury.asked) == 2


async def test_a_singer_who_went_away_is_judged_after_the_token_expired(stage: Stage) -> None:
    session_id, token = await stage.start()
    await stage.offer(session_id, token)
    await _expire(stage, session_id)
    await stage.again()
    events = await stage.until_over(session_id, token)
    assert events[-1][0] == "verdict"


async def test_an_unused_session_is_purged_after_its_token_expired(stage: Stage) -> None:
    session_id, token = await stage.start()
    kept_id, kept_token = await stage.start()
    await _expire(stage, session_id)
    await stage.again()

    async def purged() -> bool:
        return (await stage.api.get(f"/api/session/{session_id}/status", headers=token)).status == 404

    await until(purged)
    gone = await stage.api.get(f"/api/session/{session_id}/status", headers=token)
    assert await problem(gone) == (404, "unknown-session")
    assert (await stage.state(kept_id, kept_token))["state"] == "created"


async def test_nothing_sung_ends_as_abandoned(stage: Stage) -> None:
    stage.jury.refusals = [grpc.StatusCode.NOT_FOUND]
    session_id, token = await stage.sing()
    events = await stage.until_over(session_id, token)
    assert events[-1][0] == "error"
    assert events[-1][1]["code"] == "no-take"
    status = await stage.state(session_id, token)
    assert (status["state"], status["error"]["code"]) == ("abandoned", "no-take")
    results = await stage.api.get(f"/api/session/{session_id}/results", headers=token)
    assert await problem(results) == (409, "no-take")


async def test_a_session_ended_before_any_offer_is_abandoned(stage: Stage) -> None:
    session_id, token = await stage.start()
    ended = await stage.api.post(f"/api/session/{session_id}/end", headers=token)
    assert await ended.json() == {"state": "abandoned"}
    assert await problem(await stage.offer(session_id, token)) == (409, "session-over")


async def test_an_absent_media_server_and_jury_are_asked_again(stage: Stage) -> None:
    stage.media.close_failures = 1
    stage.jury.refusals = [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.UNKNOWN]
    stage.jury.breaks = 1
    session_id, token = await stage.start()
    await stage.offer(session_id, token)
    await stage.api.post(f"/api/session/{session_id}/end", json={"has_recording": True}, headers=token)
    assert (await stage.until_over(session_id, token))[-1][0] == "verdict"
    assert (len(stage.media.closed), len(stage.jury.asked)) == (2, 5)


async def test_without_a_recording_of_the_phone_the_job_alone_seals_the_take(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.sing()
    assert (await embedded_stage.until_over(session_id, token))[-1][0] == "verdict"
    assert not embedded_stage.media.closed


async def test_a_take_that_the_jury_refuses_fails_with_its_reason(stage: Stage) -> None:
    stage.jury.refusals = [grpc.StatusCode.FAILED_PRECONDITION]
    session_id, token = await stage.sing()
    name, data = (await stage.until_over(session_id, token))[-1]
    assert (name, data["code"]) == ("error", "judge-failed")
    assert "as the test wanted" in data["detail"]
    assert (await stage.state(session_id, token))["state"] == "failed"


async def test_a_take_whose_recording_is_damaged_fails_with_that_reason_and_is_not_judged_again(
    embedded_stage: Stage,
) -> None:
    embedded_stage.jury.refusals = [grpc.StatusCode.DATA_LOSS]
    session_id, token = await embedded_stage.sing()
    name, data = (await embedded_stage.until_over(session_id, token))[-1]
    assert (name, data["code"]) == ("error", "take-damaged")
    assert (await embedded_stage.state(session_id, token))["state"] == "failed"
    await embedded_stage.api.post(f"/api/session/{session_id}/analyze", headers=token)
    assert (await embedded_stage.state(session_id, token))["state"] == "failed"
    assert len(embedded_stage.jury.asked) == 1


async def test_a_take_that_breaks_its_jury_each_time_is_given_up(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.judging.FIRST_WAIT_S", 0.01)
    monkeypatch.setattr("signaling.judging.LONGEST_WAIT_S", 0.01)
    embedded_stage.jury.breaks = 1000
    session_id, token = await embedded_stage.sing()
    name, data = (await embedded_stage.until_over(session_id, token))[-1]
    assert (name, data["code"]) == ("error", "judge-failed")
    assert len(embedded_stage.jury.asked) == MAX_BROKEN_STREAMS


async def test_a_take_that_breaks_the_judging_each_time_is_given_up_after_nine_attempts(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("signaling.judging.ROUND_S", 0.05)
    await embedded_stage.again()
    session_id, token = await embedded_stage.start()
    await embedded_stage.offer(session_id, token)
    engine = create_engine(embedded_stage.settings.sql_url)
    async with engine.begin() as connection:  # a song that no longer parses
        await connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(song_pb=b"\xff\xff"))
    await engine.dispose()
    with caplog.at_level(logging.ERROR):
        await embedded_stage.api.post(f"/api/session/{session_id}/end", headers=token)
        name, data = (await embedded_stage.until_over(session_id, token))[-1]
    assert (name, data) == ("error", {"code": "judge-failed", "detail": "This take cannot be judged."})
    assert (await embedded_stage.state(session_id, token))["state"] == "failed"
    lines = [record.getMessage() for record in caplog.records if session_id in record.getMessage()]
    assert len(lines) == MAX_ATTEMPTS + 1
    assert lines[-1].endswith(f"is given up after {MAX_ATTEMPTS} attempts")


async def test_a_token_outlives_the_longest_take_by_ten_minutes_at_most(embedded_stage: Stage) -> None:
    catalogue = Catalogue(embedded_stage.settings.data_dir)
    song = song_pb2.Song()
    song.CopyFrom(catalogue.find(SONG_ID) or song)
    for duration_s, expires_s in ((60.0, 1860), (1500.0, 2400), (3600.0, 2400)):
        song.duration_s = duration_s
        catalogue.add(song, {})
        async with embedded_stage.api.post("/api/session/start", json={"song_id": SONG_ID}) as reply:
            assert (await reply.json())["expires_s"] == expires_s


async def test_a_resumed_offer_goes_through_as_such(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    await embedded_stage.offer(session_id, token)
    resumed = await embedded_stage.offer(session_id, token, resume=True)
    assert (await resumed.json())["resumed"] is True
    assert [offer.resume for offer in embedded_stage.media.offers] == [False, True]


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        (grpc.StatusCode.INVALID_ARGUMENT, "no-audio: there is no audio line", (400, "no-audio")),
        (grpc.StatusCode.INVALID_ARGUMENT, "bad-sdp: line 3", (400, "bad-sdp")),
        (grpc.StatusCode.INVALID_ARGUMENT, "something else", (400, "bad-sdp")),
        (grpc.StatusCode.ALREADY_EXISTS, "live", (409, "session-live")),
        (grpc.StatusCode.FAILED_PRECONDITION, "sealed", (409, "session-over")),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "full", (503, "busy")),
        (grpc.StatusCode.UNAVAILABLE, "down", (503, "media-unavailable")),
        (grpc.StatusCode.INTERNAL, "Traceback in /secret/place", (503, "media-unavailable")),
    ],
)
async def test_what_the_media_server_refuses_is_a_problem(
    embedded_stage: Stage, status: grpc.StatusCode, details: str, expected: tuple[int, str]
) -> None:
    session_id, token = await embedded_stage.start()
    embedded_stage.media.refusal = (status, details)
    reply = await embedded_stage.offer(session_id, token)
    assert await problem(reply) == expected
    assert "secret" not in await reply.text()
    if expected[0] == 503:
        assert reply.headers["Retry-After"] == ("7" if expected[1] == "busy" else "1")
    embedded_stage.media.refusal = None
    assert (await embedded_stage.offer(session_id, token)).status == 200


async def test_only_the_sessions_own_token_opens_it(embedded_stage: Stage) -> None:
    session_id, token = await embedded_stage.start()
    _, foreign = await embedded_stage.start()
    expired = {"Authorization": f"Bearer {mint(SECRET, Scope.SESSION, session_id, -5)}"}
    tester = {"Authorization": f"Bearer {mint(SECRET, Scope.TESTER, session_id, 60)}"}
    forged = {"Authorization": f"Bearer {mint(SECRET[::-1], Scope.SESSION, session_id, 60)}"}
    cases = [
        ({}, (401, "unauthorized")),
        ({"Authorization": "Basic abc"}, (401, "unauthorized")),
        (forged, (401, "unauthorized")),
        (tester, (401, "unauthorized")),
        (expired, (401, "expired-token")),
        (foreign, (403, "foreign-session")),
    ]
    calls = [("GET", "status"), ("GET", "results"), ("GET", "events"), ("POST", "end"), ("POST", "offer")]
    for headers, expected in cases:
        for method, leaf in calls:
            reply = await embedded_stage.api.request(method, f"/api/session/{session_id}/{leaf}", headers=headers)
            assert await problem(reply) == expected, leaf
    assert (await embedded_stage.state(session_id, token))["state"] == "created"


async def test_judging_goes_on_while_the_event_store_is_away(
    embedded_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise ConnectionError("no redis")

    monkeypatch.setattr(_services(embedded_stage).events, "publish", away)
    session_id, token = await embedded_stage.sing()

    async def done() -> bool:
        return bool((await embedded_stage.state(session_id, token))["state"] == "done")

    await until(done)
    assert (await embedded_stage.until_over(session_id, token))[-1][0] == "verdict"


def _services(stage: Stage) -> Services:
    app = stage.api.app
    assert app is not None
    services: Services = app[SERVICES]
    return services


async def _expire(stage: Stage, session_id: str) -> None:
    engine = create_engine(stage.settings.sql_url)
    past = text("'2020-01-01 00:00:00'") if engine.dialect.name == "sqlite" else text("timestamptz '2020-01-01'")
    async with engine.begin() as connection:
        await connection.execute(update(SessionRow).where(SessionRow.id == session_id).values(expires_at=past))
    await engine.dispose()
