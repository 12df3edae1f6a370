"""MediaService.Missing and Fill over real gRPC: a take with gaps and the phone's own recording of it."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from voicejury.v1 import media_pb2

from inference.audio.take import Take, read_take
from media_server.matching import EXACT_S
from tests.support.broken_takes import RATE_HZ, BrokenTake, broken_take, melody
from tests.support.media import MediaHouse, media_house
from tests.support.small_disk import small_disk

SOUNDS = list[media_pb2.PhoneSound]
ONE_GAP = ((3.0, 8.0),)
EARLY_S = 0.037


@cache
def take() -> BrokenTake:
    return broken_take()


async def missing(house: MediaHouse, session_id: str = "s1") -> media_pb2.MissingReply:
    request = media_pb2.MissingRequest(session_id=session_id)
    reply: media_pb2.MissingReply = await house.stub.Missing(request, metadata=house.metadata, timeout=20.0)
    return reply


def ended(sounds: SOUNDS) -> SOUNDS:
    return [*sounds, media_pb2.PhoneSound(session_id=sounds[-1].session_id)] if sounds else sounds


async def fill(house: MediaHouse, sounds: Iterable[media_pb2.PhoneSound]) -> list[media_pb2.FilledSpan]:
    stream = ended(list(sounds))
    reply: media_pb2.FillReply = await house.stub.Fill(iter(stream), metadata=house.metadata, timeout=60.0)
    return list(reply.spans)


async def refused(call: Any) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await call
    return error.value.code(), str(error.value.details()).partition(":")[0]


def judged(house: MediaHouse, session_id: str = "s1") -> Take:
    """The take as the judge reads it."""
    folder = house.takes_dir / session_id
    late = folder / "late.spool"
    with (folder / "take.spool").open("rb") as file:
        if not late.exists():
            return read_take(file)
        with late.open("rb") as after:
            return read_take(file, after)


async def test_a_gap_is_told_and_filled_to_the_sample_where_the_phone_was_heard(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        told = await missing(house)
        assert [(round(span.start_song_s, 3), round(span.end_song_s, 3)) for span in told.spans] == [(3.0, 8.0)]
        (span,) = await fill(house, take().sounds("s1", told, EARLY_S))
        assert span.refusal == ""
        assert span.filled_s == pytest.approx(5.0, abs=0.001)
        assert span.offset_s == pytest.approx(EARLY_S, abs=EXACT_S)
        assert span.correlation > 0.9
        heard = judged(house)
        assert heard.measured.all()
        assert heard.filled_s == pytest.approx(5.0, abs=0.001)
        filled = np.rint(heard.samples[3 * RATE_HZ : 8 * RATE_HZ] * 32_768)
        true = take().phone[3 * RATE_HZ : 8 * RATE_HZ].astype(float)
        late = [np.dot(filled[200:-200], np.roll(true, shift)[200:-200]) for shift in range(-80, 81)]
        assert abs(int(np.argmax(late)) - 80) <= 8, "the sound stands more than half a millisecond off"
        assert (await missing(house)).spans == []
        (again,) = await fill(house, take().sounds("s1", told, EARLY_S))
        assert (again.refusal, again.filled_s) == ("nothing-missing", 0.0)


def in_three(sounds: SOUNDS, **middle: Any) -> SOUNDS:
    """The sound of one gap from 3 to 8 s with a hole of 20 ms after second 5 and another before second 6."""
    whole, first_s = b"".join(sound.pcm_s16le for sound in sounds), sounds[0].song_s
    pieces = []
    for number, (from_s, to_s) in enumerate(((1.0, 5.0), (5.02, 5.98), (6.0, 10.0))):
        low, high = (round((second - 1.0) * RATE_HZ) * 2 for second in (from_s, to_s))
        piece = {"song_s": first_s + from_s - 1.0, "span": number, **(middle if number == 1 else {})}
        pieces.append(media_pb2.PhoneSound(session_id="s1", pcm_s16le=whole[low:high], **piece))
    return pieces


async def test_a_recording_with_holes_is_placed_by_its_sure_pieces(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        told = await missing(house)
        spans = await fill(house, in_three(take().sounds("s1", told, EARLY_S)))
        assert [span.refusal for span in spans] == ["", "", ""]
        assert [round(span.filled_s, 2) for span in spans] == [2.0, 0.96, 2.0]
        assert spans[1].offset_s == pytest.approx(EARLY_S, abs=EXACT_S)
        assert spans[1].span.start_song_s == pytest.approx(5.02 - EARLY_S, abs=0.001)
        heard = judged(house)
        assert heard.filled_s == pytest.approx(4.96, abs=0.001)
        inside = slice(round(5.1 * RATE_HZ), round(5.9 * RATE_HZ))
        true, filled = take().phone[inside].astype(float), np.rint(heard.samples * 32_768)
        late = [np.dot(filled[inside.start + n : inside.stop + n], true) for n in range(-80, 81)]
        assert abs(int(np.argmax(late)) - 80) <= 8, "the lent place is more than half a millisecond off"


async def test_a_place_is_not_lent_to_the_sound_of_another_microphone(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        told = await missing(house)
        spans = await fill(house, in_three(take().sounds("s1", told, EARLY_S), microphone=1))
        assert [span.refusal for span in spans] == ["", "no-margin", ""]


async def test_two_gaps_are_filled_by_one_call_and_what_was_received_stays(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ((3.0, 4.0), (9.0, 11.0)))
    async with media_house(tmp_path) as house:
        before = judged(house)
        told = await missing(house)
        assert len(told.spans) == 2
        spans = await fill(house, take().sounds("s1", told))
        assert [round(span.filled_s, 2) for span in spans] == [1.0, 2.0]
        after = judged(house)
        assert (after.samples[before.measured] == before.samples[before.measured]).all()


async def test_a_song_that_was_cut_off_is_filled_beyond_what_was_received(tmp_path: Path) -> None:
    whole = take()
    BrokenTake(whole.phone, whole.received[: 6 * RATE_HZ]).write(tmp_path / "takes" / "s1", ((5.0, 6.0),))
    spool = tmp_path / "takes" / "s1" / "take.spool"
    async with media_house(tmp_path) as house:
        told = await missing(house)
        assert told.spans[0].start_song_s == pytest.approx(5.0)
        (span,) = await fill(house, whole.sounds("s1", told))
        assert span.filled_s > 0.9
    assert spool.exists()


@pytest.mark.parametrize("sound", ["another song", "noise", "silence"])
async def test_what_does_not_agree_with_the_take_is_refused(tmp_path: Path, sound: str) -> None:
    length = len(take().phone)
    sounds = {
        "another song": melody(14.0, seed=8),
        "noise": np.random.default_rng(1).integers(-9_000, 9_000, length).astype(np.int16),
        "silence": np.zeros(length, np.int16),
    }
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        told = await missing(house)
        (span,) = await fill(house, take().sounds("s1", told, sound=sounds[sound]))
        assert (span.refusal, span.filled_s) == ("no-agreement", 0.0)
        assert span.correlation < 0.4
        assert len((await missing(house)).spans) == 1


async def test_a_gap_in_silence_has_nothing_to_be_compared_with(tmp_path: Path) -> None:
    quiet = take().received.copy()
    quiet[: 13 * RATE_HZ] = 0
    BrokenTake(take().phone, quiet).write(tmp_path / "takes" / "s1", ((3.0, 4.0),))
    async with media_house(tmp_path) as house:
        told = await missing(house)
        assert told.margin_s == 8.0
        (span,) = await fill(house, BrokenTake(take().phone, quiet).sounds("s1", told)[:8])
        assert span.refusal == "no-margin"


async def test_a_take_without_gaps_lacks_nothing_and_takes_nothing(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ())
    async with media_house(tmp_path) as house:
        told = await missing(house)
        assert told.spans == []
        asked = media_pb2.MissingReply(spans=[media_pb2.MissingSpan(start_song_s=3.0, end_song_s=4.0)], margin_s=1.0)
        (span,) = await fill(house, take().sounds("s1", asked))
        assert span.refusal == "nothing-missing"
        assert not (tmp_path / "takes" / "s1" / "late.spool").exists()


async def test_losses_that_the_decoder_conceals_are_not_asked_for(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ((3.0, 3.04), (5.0, 5.04)))
    async with media_house(tmp_path) as house:
        assert (await missing(house)).spans == []


def sound(**changes: Any) -> media_pb2.PhoneSound:
    usual: dict[str, Any] = {"session_id": "s1", "span": 0, "song_s": 3.0, "pcm_s16le": bytes(32_000)}
    return media_pb2.PhoneSound(**{**usual, **changes})


HOSTILE: dict[str, tuple[SOUNDS, str]] = {
    "no sound at all": ([], "bad-request"),
    "half a sample": ([sound(pcm_s16le=b"abc")], "bad-request"),
    "a time that is none": ([sound(song_s=math.nan)], "bad-request"),
    "a time without end": ([sound(song_s=math.inf)], "bad-request"),
    "a time beyond any song": ([sound(song_s=1e9)], "bad-request"),
    "a hole": ([sound(), sound(song_s=4.5)], "bad-request"),
    "two microphones in one piece": ([sound(), sound(song_s=4.0, microphone=1)], "bad-request"),
    "spans that run backwards": ([sound(span=4), sound(span=3, song_s=4.0)], "bad-request"),
    "two takes": ([sound(), sound(session_id="s2", song_s=4.0)], "bad-request"),
    "a message without measure": ([sound(pcm_s16le=bytes(1 << 20))], "too-large"),
    "more than is missing": ([sound(song_s=float(second)) for second in range(60)], "too-large"),
    "an id that leads away": ([sound(session_id="../s1")], "bad-session"),
    "an id of nobody": ([sound(session_id="s9")], "no-take"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_upload_is_refused_by_name_and_fills_nothing(tmp_path: Path, name: str) -> None:
    sounds, code = HOSTILE[name]
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        assert (await refused(fill(house, sounds)))[1] == code
        assert [path.name for path in (tmp_path / "takes" / "s1").iterdir()] == ["take.spool"]
        assert len((await missing(house)).spans) == 1


async def test_an_upload_that_breaks_off_fills_nothing_and_can_be_repeated(tmp_path: Path) -> None:
    take().write(tmp_path / "takes" / "s1", ONE_GAP)
    async with media_house(tmp_path) as house:
        told = await missing(house)
        sounds = take().sounds("s1", told)

        async def half() -> AsyncIterator[media_pb2.PhoneSound]:
            for one in sounds[:4]:
                yield one
            await asyncio.sleep(60)

        call = house.stub.Fill(half(), metadata=house.metadata, timeout=60.0)
        await asyncio.sleep(0.5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        silent_end = house.stub.Fill(iter(sounds[:4]), metadata=house.metadata, timeout=60.0)
        assert (await refused(silent_end))[1] == "bad-request"
        assert not (tmp_path / "takes" / "s1" / "late.spool").exists()
        (span,) = await fill(house, sounds)
        assert span.filled_s == pytest.approx(5.0, abs=0.001)


async def test_a_take_that_is_sung_or_judged_takes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "takes" / "s1"
    take().write(folder, ONE_GAP, sealed=False)
    async with media_house(tmp_path) as house:
        assert await refused(missing(house)) == (grpc.StatusCode.FAILED_PRECONDITION, "not-ready")
        assert await refused(fill(house, [sound()])) == (grpc.StatusCode.FAILED_PRECONDITION, "not-ready")
        await house.close("s1")
        assert len((await missing(house)).spans) == 1
        (folder / "verdict.pb").write_bytes(b"")
        assert await refused(fill(house, [sound()])) == (grpc.StatusCode.FAILED_PRECONDITION, "session-over")


async def test_a_full_disk_keeps_nothing_of_the_sound_and_all_of_the_take(tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "400k") as disk:
        folder = disk / "takes" / "s1"
        take().write(folder, ONE_GAP)
        async with media_house(disk) as house:
            told = await missing(house)
            assert await refused(fill(house, take().sounds("s1", told))) == (
                grpc.StatusCode.UNAVAILABLE,
                "spool-failed",
            )
            assert [path.name for path in folder.iterdir()] == ["take.spool"]
            assert len((await missing(house)).spans) == 1


async def test_only_services_may_ask_and_fill(tmp_path: Path) -> None:
    async with media_house(tmp_path) as house:
        for call in (house.stub.Missing(media_pb2.MissingRequest(session_id="s1")), house.stub.Fill(iter([sound()]))):
            assert (await refused(call))[0] is grpc.StatusCode.UNAUTHENTICATED
