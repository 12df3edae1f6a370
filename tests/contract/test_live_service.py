"""LiveService over real gRPC, with the real network."""

import asyncio
from collections.abc import AsyncIterator, Callable

import grpc
import numpy as np
import pytest
import pytest_asyncio
from voicejury.rpc import client_channel, is_serving
from voicejury.tokens import Scope, mint
from voicejury.v1 import live_pb2

from tests.contract.singing import (
    CHUNK,
    RATE_HZ,
    SECRET,
    anchor,
    audio,
    chunks,
    end,
    errors,
    gap,
    live_judge,
    points,
    replies,
    scale_song,
    send,
    sing_call,
    start,
    sung_scale,
    take,
)

HOP = 320


@pytest_asyncio.fixture
async def address() -> AsyncIterator[str]:
    async with live_judge() as address:
        yield address


async def judged(address: str, *inputs: live_pb2.SingerInput) -> list[live_pb2.Judgement]:
    async with sing_call(address) as call:
        await send(call, *inputs)
        return await replies(call)


async def test_a_well_sung_take_earns_every_note_and_ends(address: str) -> None:
    pcm = sung_scale()
    said = await judged(address, *take("a", pcm))
    notes = [j.note for j in said if j.HasField("note")]
    lines = [j.line for j in said if j.HasField("line")]
    assert [(note.phrase, note.note) for note in notes] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert all(note.credit > 0.95 and note.measured for note in notes)
    assert [line.rating for line in lines] == [live_pb2.LINE_RATING_PERFECT] * 2
    assert said[-1].ended.sample_count == len(pcm)
    assert said[-1].ended.score.pitch > 95


async def test_every_hop_up_to_the_last_sample_has_its_point_before_the_end_is_told(address: str) -> None:
    pcm = sung_scale()
    said = await judged(address, *take("a", pcm))
    found = points(said, "a")
    assert [point.sample for point in found] == list(range(0, len(pcm), HOP))
    assert [point.seq for point in found] == list(range(len(found)))
    assert said[-1].HasField("ended")


async def test_points_carry_the_song_second_of_their_window(address: str) -> None:
    pcm = sung_scale()
    inputs = [start("a"), anchor("a", 3200, -0.1), *chunks("a", pcm), end("a")]
    found = points(await judged(address, *inputs), "a")
    assert not any(point.HasField("song_s") for point in found if point.sample < 3200)
    told = [(point.song_s, -0.1 + (point.sample - 3200) / RATE_HZ) for point in found if point.sample >= 3200]
    assert told
    assert all(song_s == pytest.approx(expected, abs=1e-9) for song_s, expected in told)


async def test_singers_of_one_stream_are_judged_as_if_they_were_alone(address: str) -> None:
    pcm = sung_scale()
    alone = points(await judged(address, *take("a", pcm)), "a")
    together = [take(name, np.roll(pcm, shift)) for name, shift in (("a", 0), ("b", 1000), ("c", 5000))]
    said = await judged(address, *(message for trio in zip(*together, strict=True) for message in trio))
    assert points(said, "a") == alone or _cents_apart(points(said, "a"), alone) < 0.1
    assert len(points(said, "b")) == len(points(said, "c")) == len(alone)
    assert sum(judgement.HasField("ended") for judgement in said) == 3


def _cents_apart(one: list[live_pb2.PitchPoint], other: list[live_pb2.PitchPoint]) -> float:
    f0_hz = np.array([[a.f0_hz, b.f0_hz] for a, b in zip(one, other, strict=True)])
    assert ((f0_hz[:, 0] > 0) == (f0_hz[:, 1] > 0)).all()
    voiced = f0_hz[f0_hz[:, 0] > 0]
    return float(np.abs(1200 * np.log2(voiced[:, 0] / voiced[:, 1])).max())


async def test_a_gap_is_not_drawn_and_costs_no_points(address: str) -> None:
    pcm = sung_scale()
    lost = slice(8000, 16_000)  # the second note
    inputs = [start("a"), anchor("a")]
    inputs += [audio("a", n, pcm[n : n + CHUNK]) for n in range(0, len(pcm), CHUNK) if not lost.start <= n < lost.stop]
    inputs.insert(2 + lost.start // CHUNK, gap("a", lost.start, lost.stop - lost.start))
    said = await judged(address, *inputs, end("a"))
    assert not [point for point in points(said, "a") if lost.start - 512 < point.sample < lost.stop + 512]
    notes = [j.note for j in said if j.HasField("note")]
    assert [note.measured for note in notes] == [True, False, True, True]
    assert said[-1].ended.score.pitch > 95
    assert said[-1].ended.score.measured == pytest.approx(0.75, abs=0.03)


async def test_a_jump_without_a_gap_message_is_a_gap_too(address: str) -> None:
    pcm = sung_scale()
    inputs = [message for message in take("a", pcm) if not 8000 <= message.audio.first_sample < 16_000]
    told = await judged(address, *inputs)
    assert [j.note.measured for j in told if j.HasField("note")] == [True, False, True, True]
    assert told[-1].ended.sample_count == len(pcm)


async def test_concealed_sound_is_drawn_and_never_scored(address: str) -> None:
    pcm = sung_scale()
    inputs = [audio("a", n, pcm[n : n + CHUNK], concealed=8000 <= n < 16_000) for n in range(0, len(pcm), CHUNK)]
    said = await judged(address, start("a"), anchor("a"), *inputs, end("a"))
    inside = [point for point in points(said, "a") if 8600 <= point.sample < 15_400]
    assert inside
    assert all(point.concealed and point.hit == live_pb2.POINT_HIT_UNSPECIFIED for point in inside)
    assert all(point.f0_hz > 0 for point in inside)
    assert [j.note.measured for j in said if j.HasField("note")] == [True, False, True, True]


async def test_a_take_fed_again_in_large_pieces_gives_the_same_judgement(address: str) -> None:
    pcm = np.concatenate([sung_scale(12, rest_s=0.0)] * 3)  # 18 s
    song = scale_song(36)
    first = [start("a", song), anchor("a"), *chunks("a", pcm)]
    async with sing_call(address) as call:
        await send(call, *first[: len(first) // 2])
        await send(call, start("a", song), anchor("a"), *chunks("a", pcm, 16_000), end("a"))
        said = await replies(call)
    (ended,) = [j.ended for j in said if j.HasField("ended")]
    once = await judged(address, *first, end("a"))
    assert errors(said) == []
    assert ended.sample_count == len(pcm)
    assert ended.score == once[-1].ended.score
    again = points(said, "a")[-len(pcm) // HOP :]
    assert _cents_apart(again, points(once, "a")) < 0.1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (audio("a", 0, np.zeros(CHUNK, np.int16), sample_rate_hz=48_000), "bad-audio"),
        (audio("a", 0, np.zeros(16_001, np.int16)), "bad-audio"),
        (audio("a", 0, np.zeros(0, np.int16)), "bad-audio"),
        (audio("a", 2**63, np.zeros(CHUNK, np.int16)), "bad-audio"),
        (gap("a", 2**63, 2**63 - 1), "bad-audio"),
        (anchor("a", 0, float("nan")), "bad-anchor"),
        (anchor("a", 2**62), "bad-anchor"),
        (audio("b", 0, np.zeros(CHUNK, np.int16)), "unknown-session"),
        (end("b"), "unknown-session"),
        (start("", scale_song()), "bad-session"),
        (start("b" * 500, scale_song()), "bad-session"),
        (start("b", live_pb2.SingStart().song), "bad-song"),
        (live_pb2.SingerInput(), "unknown-session"),
    ],
)
async def test_a_bad_message_is_answered_and_disturbs_nobody(
    address: str, message: live_pb2.SingerInput, code: str
) -> None:
    said = await judged(address, start("a"), anchor("a"), message, *chunks("a", sung_scale()), end("a"))
    assert errors(said) == [code]
    assert said[-1].ended.score.pitch > 95


async def test_half_a_sample_is_refused(address: str) -> None:
    message = audio("a", 0, np.zeros(CHUNK, np.int16))
    message.audio.pcm_s16le = b"\0" * 3
    assert errors(await judged(address, start("a"), message)) == ["bad-audio"]


async def test_sound_after_the_end_is_refused(address: str) -> None:
    said = await judged(address, *take("a", sung_scale()), audio("a", 50_000, np.zeros(CHUNK, np.int16)))
    assert errors(said) in (["session-over"], ["unknown-session"])


async def test_a_stream_that_breaks_off_never_tells_an_end(address: str) -> None:
    said = await judged(address, *take("a", sung_scale())[:-1])
    assert not any(judgement.HasField("ended") for judgement in said)


async def test_a_cancelled_call_leaves_the_judge_to_others(address: str) -> None:
    async with sing_call(address) as call:
        await send(call, *take("a", sung_scale())[:-1])
        await call.read()
        call.cancel()
    said = await judged(address, *take("a", sung_scale()))
    assert said[-1].HasField("ended")


async def test_judgements_come_while_the_singer_sings(address: str) -> None:
    async with sing_call(address) as call:
        await send(call, start("a"), anchor("a"), *list(chunks("a", sung_scale()))[:20])
        async with asyncio.timeout(60):
            reply = await call.read()
        assert isinstance(reply, live_pb2.SingReply)
        assert reply.judgements[0].pitch.points


@pytest.mark.parametrize(
    "token",
    [
        lambda: "no token at all",
        lambda: mint(SECRET, Scope.SESSION, "a", 60),
        lambda: mint(SECRET, Scope.SERVICE, "a", -60),
        lambda: mint("another secret, long enough as well", Scope.SERVICE, "a", 60),
    ],
    ids=["none", "of a session", "expired", "of another house"],
)
async def test_a_wrong_token_is_refused(address: str, token: Callable[[], str]) -> None:
    async with sing_call(address, token()) as call:
        assert await call.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_tester_may_sing(address: str) -> None:
    async with sing_call(address, mint(SECRET, Scope.TESTER, "a tester", 60)) as call:
        await send(call, *take("a", sung_scale()))
        assert (await replies(call))[-1].HasField("ended")


async def test_health_is_open_and_serving_once_the_model_is_loaded(address: str) -> None:
    async with client_channel(address) as channel:
        assert await is_serving(channel, 5)
        assert await is_serving(channel, 5, "voicejury.v1.LiveService")
