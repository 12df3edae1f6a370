"""MediaService over real gRPC with real aiortc peers on loopback."""

import asyncio
import gc
import os
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
import prometheus_client
import psutil
import pytest
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpreceiver import StreamStatistics
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.spool import SpoolWriter
from voicejury.tokens import Scope, mint
from voicejury.v1 import audio_pb2, media_pb2

from media_server import session as media_session
from media_server.uplink import Uplink
from tests.support.media import (
    LAST_PITCH,
    PATIENCE_S,
    SECRET,
    MediaHouse,
    RecordingJudge,
    free_port,
    judge_server,
    kept_audio,
    media_house,
    next_message,
    tone,
    until,
)
from tests.support.real_time import holds_once


async def refusal(call: Awaitable[Any]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value


@pytest.mark.parametrize("receiver", ["tap", "aiortc"])
async def test_a_sung_tone_reaches_the_spool_the_judge_and_the_phone(tmp_path: Path, receiver: str) -> None:
    async with media_house(tmp_path, receiver=receiver) as house:
        phone, reply = await house.call("s1", tone(1.0))
        assert not reply.resumed
        assert "useinbandfec=1" in reply.sdp
        await phone.sing()
        points = await next_message(phone, "pitch")
        assert points.points[0].f0_hz == pytest.approx(220.0)
        await phone.microphone.finished.wait()
        await until(lambda: len(kept_audio(house, "s1")) >= 16_000)
        summary = await house.close("s1")
        assert summary.take_key == "s1/take.spool"
        assert summary.sample_count >= 16_000
        assert summary.gap_samples == 0
        kept = kept_audio(house, "s1")
        assert len(kept) == summary.sample_count
        assert 5_000 < np.abs(kept).max() < 10_000
        await until(lambda: house.judge.heard("end"))
        heard = b"".join(chunk.pcm_s16le for chunk in house.judge.heard("audio"))
        assert heard == kept.tobytes()
        assert house.judge.heard("start")[0].song.id == "test-song"


async def test_the_song_clock_lands_on_the_first_sung_sample(tmp_path: Path) -> None:
    await holds_once(song_clock_lands, tmp_path)


async def song_clock_lands(folder: Path) -> None:
    async with media_house(folder) as house:
        phone, _ = await house.call("s1", tone(3.0))
        await asyncio.sleep(0.3)
        await phone.sing()
        await phone.microphone.finished.wait()
        await house.close("s1")
        sung_s = np.argmax(np.abs(kept_audio(house, "s1").astype(float)) > 2_000) / 16_000
        anchors = [record.anchor for record in house.records("s1") if record.HasField("anchor")]
        assert anchors[-1].playing
        assert anchors[-1].sample / 16_000 - anchors[-1].song_s == pytest.approx(sung_s, abs=0.025)


async def test_a_second_offer_is_refused_and_the_first_connection_lives_on(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(5.0))
        await phone.sing()
        await next_message(phone, "pitch")
        second = house.phone(tone(0.1))
        error = await refusal(house.connect("s1", await second.offer()))
        assert error.code() is grpc.StatusCode.ALREADY_EXISTS
        assert str(error.details()).startswith("session-live: ")
        assert (await next_message(phone, "pitch")).points


async def test_an_offer_with_resume_replaces_the_connection_and_the_take_goes_on(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        first, _ = await house.call("s1", tone(5.0))
        await first.sing()
        await next_message(first, "pitch")
        held = len(kept_audio(house, "s1"))
        second, reply = await house.call("s1", tone(5.0, 330.0), resume=True)
        assert reply.resumed
        await second.sing()
        await next_message(second, "pitch")
        summary = await house.close("s1")
        assert summary.sample_count > held
        gaps = [record.gap for record in house.records("s1") if record.HasField("gap")]
        assert {gap.reason for gap in gaps} <= {audio_pb2.GAP_REASON_RECONNECT}
        assert len(house.judge.heard("start")) == 1


@pytest.mark.parametrize(
    ("sdp", "code"),
    [("garbage", "no-audio"), ("m=audio 9 X", "bad-sdp"), ("v=0\r\n" + "a=x:y\r\n" * 20_000, "bad-sdp")],
)
async def test_a_bad_offer_is_refused_by_name_and_leaves_no_session(tmp_path: Path, sdp: str, code: str) -> None:
    async with media_house(tmp_path) as house:
        error = await refusal(house.connect("s1", sdp))
        assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert str(error.details()).startswith(f"{code}: ")
        assert not house.spool("s1").exists()


async def test_an_offer_of_data_channels_only_has_no_audio(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        offer = await house.phone(tone(0.1)).offer()
        head, channels = offer.split("m=audio")[0], offer.split("m=application")[1]
        error = await refusal(house.connect("s1", f"{head}m=application{channels}".replace("BUNDLE 0 1", "BUNDLE 1")))
        assert str(error.details()).startswith("no-audio: ")


async def test_a_session_id_cannot_leave_the_takes_folder(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        for call in (house.connect("../evil", "v=0"), house.close("../evil")):
            error = await refusal(call)
            assert error.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert not (tmp_path / "evil").exists()


async def test_a_full_server_says_when_to_come_back(tmp_path: Path) -> None:
    async with media_house(tmp_path, max_peers=1) as house:
        await house.call("s1", tone(0.1))
        error = await refusal(house.connect("s2", await house.phone(tone(0.1)).offer()))
        assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        trailing = {str(key): str(value) for key, value in error.trailing_metadata()}
        assert int(trailing["retry-after-s"]) > 0


@pytest.mark.parametrize("scope", [Scope.SESSION, Scope.TESTER])
async def test_only_services_may_call(tmp_path: Path, scope: Scope) -> None:
    async with media_house(tmp_path) as house:
        metadata = bearer_metadata(mint(SECRET, scope, "s1", 60.0))
        error = await refusal(house.stub.Close(media_pb2.CloseRequest(session_id="s1"), metadata=metadata))
        assert error.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_close_may_be_repeated_and_seals_what_a_dead_process_left(tmp_path: Path) -> None:
    spool = SpoolWriter(tmp_path / "takes" / "left" / "take.spool")
    chunk = audio_pb2.PcmChunk(session_id="left", sample_rate_hz=16_000, pcm_s16le=b"\1\0" * 320)
    spool.append(audio_pb2.TakeRecord(audio=chunk))
    spool.close()
    async with media_house(tmp_path) as house:
        first = await house.close("left")
        assert (first.take_key, first.sample_count) == ("left/take.spool", 320)
        assert await house.close("left") == first
        assert house.records("left")[-1].HasField("end")
        assert await house.close("nothing") == media_pb2.CloseReply()
        error = await refusal(house.connect("left", await house.phone(tone(0.1)).offer(), resume=True))
        assert error.code() is grpc.StatusCode.FAILED_PRECONDITION


async def test_garbage_on_the_control_channel_is_answered_and_the_session_goes_on(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(5.0))
        for garbage in (b"\xff\xff", "text", b"\x0a" + b"x" * 20_000):
            phone.control.send(garbage)
            assert (await next_message(phone, "problem")).code == "bad-message"
        await phone.sing()
        assert (await next_message(phone, "pong")).seq == 0
        assert (await next_message(phone, "pitch")).points


async def test_each_pitch_message_repeats_the_last_five_points(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(1.0))
        await phone.sing()
        for _ in range(10):
            points = (await next_message(phone, "pitch")).points
        assert len(points) == 5
        assert np.diff([point.seq for point in points]).tolist() == [1] * 4


async def test_a_silent_microphone_and_a_lost_one_are_told(tmp_path: Path) -> None:
    async with media_house(tmp_path, mic_lost_s=3.0) as house:
        phone, _ = await house.call("s1", tone(0.1))
        states = []
        async with asyncio.timeout(90):
            while media_pb2.MIC_STATE_SILENT not in states:
                states.append((await next_message(phone, "stats")).mic)
            phone.mute()
            while media_pb2.MIC_STATE_LOST not in states:
                states.append((await next_message(phone, "stats")).mic)
        assert states[0] == media_pb2.MIC_STATE_OK


async def test_a_phone_that_vanished_is_closed_and_its_take_sealed_after_the_time_to_resume(tmp_path: Path) -> None:
    async with media_house(tmp_path, mic_lost_s=0.2, peer_lost_s=3.0, resume_s=0.5) as house:
        phone, _ = await house.call("s1", tone(1.0))
        await phone.sing()
        await next_message(phone, "pitch")
        phone.mute()
        await until(lambda: house.records("s1")[-1].HasField("end"))
        await until(lambda: house.judge.heard("end"))


async def test_the_last_word_of_the_live_judge_is_kept_with_the_take(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(5.0))
        await phone.sing()
        await next_message(phone, "pitch")
        await house.close("s1")
        assert house.records("s1")[-1].end.live_pitch == LAST_PITCH


async def test_a_phone_that_went_quiet_before_the_end_leaves_a_gap_up_to_it(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(5.0))
        await phone.sing()
        await next_message(phone, "pitch")
        phone.mute()
        muted_s = time.monotonic()
        await asyncio.sleep(2.0)
        closing_s = time.monotonic()
        summary = await house.close("s1")
        closed_s = time.monotonic()
        last = next(record for record in reversed(house.records("s1")) if not record.HasField("end"))
        assert last.gap.first_sample + last.gap.sample_count == summary.sample_count
        assert closing_s - muted_s - 0.5 <= last.gap.sample_count / 16_000 <= closed_s - muted_s + 0.5


async def test_a_take_is_deleted_when_its_time_is_over(tmp_path: Path) -> None:
    async with media_house(tmp_path, take_ttl_s=1.0) as house:
        phone, _ = await house.call("s1", tone(5.0))
        await phone.sing()
        await asyncio.sleep(1.5)
        assert house.spool("s1").exists()
        await house.close("s1")
        await until(lambda: not house.spool("s1").parent.exists())


async def test_a_connection_that_never_comes_about_makes_room_again(tmp_path: Path) -> None:
    async with media_house(tmp_path, max_peers=1, connect_timeout_s=4.0) as house:
        await house.connect("s1", await house.phone(tone(0.1)).offer())
        full = await refusal(house.connect("s2", await house.phone(tone(0.1)).offer()))
        assert full.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        async with asyncio.timeout(PATIENCE_S):
            while not await _has_room(house):
                continue


async def _has_room(house: MediaHouse) -> bool:
    await asyncio.sleep(0.1)
    try:
        await house.call("s2", tone(0.1))
    except grpc.aio.AioRpcError as refused:
        if refused.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
            raise
        return False
    return True


async def test_a_judge_that_dies_is_told_the_take_again(tmp_path: Path) -> None:
    async with media_house(tmp_path, judge_port=free_port()) as house:
        first, second = RecordingJudge(), RecordingJudge()
        phone, _ = await house.call("s1", tone(20.0))
        async with judge_server(first, house.judge_port):
            await phone.sing()
            await until(lambda: len(first.heard("audio")) > 30)
        while (await next_message(phone, "stats")).judge_connected:
            continue
        async with judge_server(second, house.judge_port):
            await until(lambda: len(second.heard("audio")) > 100)
            assert (await next_message(phone, "pitch")).points
            await house.close("s1")
            await until(lambda: second.heard("end"))
        chunks = second.heard("audio")
        assert b"".join(chunk.pcm_s16le for chunk in chunks) == kept_audio(house, "s1").tobytes()
        assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
        assert second.heard("anchor")


async def _sing_once(house: MediaHouse, name: str) -> None:
    phone, _ = await house.call(name, tone(0.1))
    await house.close(name)
    await phone.close()
    house.phones.clear()


async def _census() -> tuple[int, int]:
    """(tasks, open files) once everything has settled."""
    await asyncio.sleep(0.3)
    gc.collect()
    return len(asyncio.all_tasks()), psutil.Process(os.getpid()).num_fds()


async def test_a_stop_in_the_moment_when_the_judge_becomes_ready_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def stopped_when_ready(address: str) -> AsyncIterator[grpc.aio.Channel]:
        async with client_channel(address) as channel:
            is_ready = channel.channel_ready

            async def channel_ready() -> None:
                await is_ready()
                running[0].cancel()

            monkeypatch.setattr(channel, "channel_ready", channel_ready)
            yield channel

    monkeypatch.setattr("media_server.uplink.client_channel", stopped_when_ready)
    async with judge_server(RecordingJudge()) as port:
        running.append(asyncio.create_task(Uplink(f"127.0.0.1:{port}", SECRET, lambda _judgement: None).run()))
        _, left = await asyncio.wait(running, timeout=20)
        running[0].cancel()
        await asyncio.wait(running)
        assert not left


async def test_twenty_connections_leave_no_task_and_no_file_behind(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        await _sing_once(house, "warm")
        before: npt.NDArray[np.int64] = np.array(await _census())
        for index in range(20):
            await _sing_once(house, f"s{index}")
        async with asyncio.timeout(PATIENCE_S):
            while (np.array(await _census()) > before).any():
                continue


@pytest.mark.parametrize("receiver", ["tap", "aiortc"])
async def test_a_phone_that_changes_its_ssrc_without_end_leaves_four_behind(tmp_path: Path, receiver: str) -> None:
    async with media_house(tmp_path, receiver=receiver) as house:
        gc.collect()
        refused, held = _strangers(), _streams()
        phone, _ = await house.call("s1", tone(60.0))
        await phone.sing()
        await next_message(phone, "pitch")
        sender = phone.connection.getSenders()[0]
        ssrcs = count(1_000)
        async with asyncio.timeout(PATIENCE_S):
            while _strangers() < refused + 8:
                sender._ssrc = next(ssrcs)
                await asyncio.sleep(0.06)
        known = [set(router.ssrc_table) for router in gc.get_objects() if isinstance(router, RtpRouter)]
        assert max(len(ssrcs) for ssrcs in known) <= 4
        assert _streams() - held <= 4


async def test_a_take_that_the_disk_does_not_give_can_be_closed_later(tmp_path: Path) -> None:
    in_the_way = tmp_path / "takes" / "left" / "take.spool"
    in_the_way.mkdir(parents=True)
    async with media_house(tmp_path) as house:
        error = await refusal(house.close("left"))
        assert error.code() is grpc.StatusCode.UNAVAILABLE
        assert "spool-failed" in (error.details() or "")
        in_the_way.rmdir()
        assert await house.close("left") == media_pb2.CloseReply()


async def test_a_full_take_is_told_to_the_phone_and_grows_no_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(media_session, "MAX_TAKE_SAMPLES", 8_000)
    async with media_house(tmp_path) as house:
        phone, _ = await house.call("s1", tone(2.0))
        await phone.sing()
        assert (await next_message(phone, "problem")).code == "take-full"
        await phone.microphone.finished.wait()
        assert 7_000 < (await house.close("s1")).sample_count <= 8_000


def _strangers() -> float:
    labels = {"fate": "stranger"}
    return prometheus_client.REGISTRY.get_sample_value("voicejury_media_rtp_packets_total", labels) or 0.0


def _streams() -> int:
    return sum(isinstance(item, StreamStatistics) for item in gc.get_objects())
