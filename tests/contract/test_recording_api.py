"""What a phone recorded itself, over real HTTP: told what is missing, sent, filled, and judged afterwards."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from aiohttp import ClientError, ClientResponse
from google.protobuf.proto import serialize_length_prefixed
from voicejury.v1 import media_pb2

from media_server.config import Settings as MediaSettings
from media_server.gaps import Gaps
from media_server.peers import Peers
from media_server.server import MediaServicer
from signaling import recordings
from tests.contract.signaling_stage import SECRET, Stage, problem, until
from tests.support.broken_takes import BrokenTake, broken_take, melody

BODY = {"Content-Type": "application/x-protobuf"}
ONE_GAP = ((0.8, 1.4),)


@cache
def take() -> BrokenTake:
    return broken_take(3.0)


def framed(sounds: list[media_pb2.PhoneSound]) -> bytes:
    body = BytesIO()
    for sound in sounds:
        serialize_length_prefixed(sound, body)
    return body.getvalue()


class Sung:
    """A session that is over; its take lies with a real media server."""

    def __init__(self, stage: Stage, takes_dir: Path, session_id: str, token: dict[str, str]) -> None:
        self.stage = stage
        self.folder = takes_dir / session_id
        self.session_id = session_id
        self.token = token

    async def end(self, **wanted: Any) -> None:
        path = f"/api/session/{self.session_id}/end"
        async with self.stage.api.post(path, json=wanted, headers=self.token) as reply:
            assert reply.status == 202, await reply.text()

    async def missing(self) -> ClientResponse:
        return await self.stage.api.get(f"/api/session/{self.session_id}/missing", headers=self.token)

    async def upload(self, body: Any, headers: dict[str, str] | None = None) -> ClientResponse:
        path = f"/api/session/{self.session_id}/upload-recording"
        data = BytesIO(body) if isinstance(body, bytes) else body
        return await self.stage.api.post(path, data=data, headers={**self.token, **BODY, **(headers or {})})

    def sounds(self, sound: Any = None) -> list[media_pb2.PhoneSound]:
        span = media_pb2.MissingSpan(start_song_s=0.8, end_song_s=1.4)
        return take().sounds(self.session_id, media_pb2.MissingReply(spans=[span], margin_s=2.0), sound=sound)

    @property
    def is_filled(self) -> bool:
        return (self.folder / "late.spool").exists()

    async def is_judged(self) -> bool:
        return bool((await self.stage.state(self.session_id, self.token))["state"] == "done")


@pytest.fixture
async def sung(embedded_stage: Stage, tmp_path: Path) -> Sung:
    """Connected, with a gap in the take, and not ended yet."""
    settings = MediaSettings(secret=SECRET, data_dir=tmp_path / "media")
    embedded_stage.media.gaps = MediaServicer(Peers(settings), Gaps(settings.takes_dir))
    session_id, token = await embedded_stage.start()
    assert (await embedded_stage.offer(session_id, token)).status == 200
    one = Sung(embedded_stage, settings.takes_dir, session_id, token)
    take().write(one.folder, ONE_GAP)
    return one


async def test_judging_waits_for_the_sound_that_is_missing_and_goes_on_when_it_is_there(sung: Sung) -> None:
    await sung.end(has_recording=True)
    told = await (await sung.missing()).json()
    assert [(round(span["start_s"], 3), round(span["end_s"], 3)) for span in told["spans"]] == [(0.8, 1.4)]
    assert told["margin_s"] >= 2.0
    await asyncio.sleep(0.6)
    assert sung.stage.jury.asked == []
    reply = await sung.upload(framed(sung.sounds()))
    (span,) = (await reply.json())["spans"]
    assert (reply.status, span["refusal"]) == (200, "")
    assert span["filled_s"] == pytest.approx(0.6, abs=0.001)
    assert abs(span["offset_s"]) <= 0.005
    await until(sung.is_judged)
    assert sung.is_filled


@pytest.mark.parametrize("wanted", [{}, {"has_recording": False}])
async def test_judging_waits_for_nobody_who_has_no_recording(sung: Sung, wanted: dict[str, bool]) -> None:
    await sung.end(**wanted)
    await until(sung.is_judged)


async def test_judging_waits_for_no_take_that_is_whole(sung: Sung) -> None:
    take().write(sung.folder, ())
    (sung.folder / "take.spool").unlink()
    take().write(sung.folder, ())
    await sung.end(has_recording=True)
    await until(sung.is_judged)
    assert (await problem(await sung.missing())) == (409, "session-over")


async def test_a_phone_that_does_not_come_back_holds_up_nobody(sung: Sung, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "BEGIN_S", 0.5)
    await sung.end(has_recording=True)
    await until(sung.is_judged)
    assert not sung.is_filled
    assert await problem(await sung.upload(framed(sung.sounds()))) == (409, "session-over")


async def test_whoever_asks_for_the_judging_waits_for_no_recording(sung: Sung) -> None:
    await sung.end(has_recording=True)
    async with sung.stage.api.post(f"/api/session/{sung.session_id}/analyze", headers=sung.token) as reply:
        assert reply.status == 202
    await until(sung.is_judged)


@pytest.mark.parametrize("name", ["another song", "noise"])
async def test_a_recording_of_something_else_is_refused_and_the_take_judged(sung: Sung, name: str) -> None:
    length = len(take().phone)
    other = melody(3.0, 9) if name == "another song" else np.random.default_rng(2).integers(-9000, 9000, length)
    await sung.end(has_recording=True)
    reply = await sung.upload(framed(sung.sounds(other.astype(np.int16))))
    (span,) = (await reply.json())["spans"]
    assert (reply.status, span["refusal"], span["filled_s"]) == (200, "no-agreement", 0.0)
    await until(sung.is_judged)
    assert not sung.is_filled


HOSTILE: dict[str, tuple[Callable[[Sung], bytes], int, str]] = {
    "half a message": (lambda sung: framed(sung.sounds())[:-1_000], 400, "bad-request"),
    "half a length": (lambda sung: b"\xff", 400, "bad-request"),
    "a length without end": (lambda sung: b"\xff" * 20, 400, "bad-request"),
    "an endless message": (lambda sung: b"\xff\xff\xff\x7f" + bytes(1_000), 413, "too-large"),
    "an empty message": (lambda sung: b"\x00", 413, "too-large"),
    "no protobuf": (lambda sung: b"\x05hello", 400, "bad-request"),
    "a second that is none": (
        lambda sung: framed([media_pb2.PhoneSound(song_s=float("nan"), pcm_s16le=bytes(640))]),
        400,
        "bad-request",
    ),
    "more than is missing": (
        lambda sung: framed([media_pb2.PhoneSound(song_s=n, pcm_s16le=bytes(32_000)) for n in range(60)]),
        413,
        "too-large",
    ),
    "another session": (
        lambda sung: framed([media_pb2.PhoneSound(session_id="somebody", pcm_s16le=bytes(640))]),
        403,
        "foreign-session",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_upload_is_refused_and_the_honest_one_after_it_taken(sung: Sung, name: str) -> None:
    body, status, code = HOSTILE[name]
    await sung.end(has_recording=True)
    assert await problem(await sung.upload(body(sung))) == (status, code)
    assert not sung.is_filled
    assert (await sung.upload(framed(sung.sounds()))).status == 200
    assert sung.is_filled


async def test_an_upload_that_breaks_off_fills_nothing_and_may_be_repeated(sung: Sung) -> None:
    await sung.end(has_recording=True)
    body = framed(sung.sounds())

    async def broken() -> AsyncIterator[bytes]:
        yield body[:40_000]
        raise ConnectionError("the network is gone")

    with pytest.raises(ClientError):
        await sung.upload(broken(), {"Content-Length": str(len(body))})
    await asyncio.sleep(0.3)
    assert not sung.is_filled
    assert (await sung.upload(body)).status == 200
    again = await (await sung.upload(body)).json() if not await sung.is_judged() else {"spans": []}
    assert all(span["refusal"] == "nothing-missing" for span in again["spans"])


async def test_too_large_a_body_is_refused_by_its_length_alone(sung: Sung) -> None:
    await sung.end(has_recording=True)

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(1_000)
        await asyncio.sleep(5)

    reply = await sung.upload(endless(), {"Content-Length": str(10**9)})
    assert await problem(reply) == (413, "too-large")


async def test_only_the_session_itself_may_ask_and_send(sung: Sung) -> None:
    _, foreign = await sung.stage.start()
    for token, expected in (({}, (401, "unauthorized")), (foreign, (403, "foreign-session"))):
        stranger = Sung(sung.stage, sung.folder.parent, sung.session_id, token)
        assert await problem(await stranger.missing()) == expected
        assert await problem(await stranger.upload(b"")) == expected


async def test_a_take_that_is_still_sung_is_not_told_and_takes_nothing(sung: Sung) -> None:
    assert await problem(await sung.missing()) == (409, "not-ready")
    assert await problem(await sung.upload(framed(sung.sounds()))) == (409, "not-ready")


async def test_another_kind_of_body_is_refused(sung: Sung) -> None:
    await sung.end(has_recording=True)
    for headers in ({"Content-Type": "audio/wav"}, {"Content-Encoding": "br"}):
        assert await problem(await sung.upload(framed(sung.sounds()), headers)) == (415, "bad-request")
