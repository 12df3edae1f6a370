"""TesterService over real gRPC: what each field does, and what is said of a field that is wrong."""

import io
from collections.abc import AsyncIterator
from importlib.util import find_spec
from typing import Any

import grpc
import numpy as np
import pytest
import pytest_asyncio
import soundfile
from voicejury.tokens import Scope
from voicejury.v1 import song_pb2, tester_pb2, tester_pb2_grpc

from inference.analysis.judging import JudgeTools, judge, rules_of, sung_file
from inference.audio.files import load_mono_16k
from inference.models.estimators import build_estimator
from inference.service.tester_requests import MAX_HEARD_BYTES, MAX_SECONDS
from tests.contract.test_analysis_service import MIDIS, RATE_HZ, analysis_over, metadata, song, sung

pytestmark = pytest.mark.asyncio(loop_scope="module")  # of the one service that they ask
LATE_S = 0.2
FREE, FIXED = tester_pb2.KEY_MODE_FREE, tester_pb2.KEY_MODE_FIXED
NORMAL, KIND, STRICT = 0, 1, 2  # live_pb2.Level


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def channel(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[grpc.aio.Channel]:
    """Of one service for all: an answer depends on its request alone."""
    async with analysis_over(tmp_path_factory.mktemp("tester")) as channel:
        yield channel


def wav(sound: np.ndarray[tuple[int], np.dtype[np.float32]]) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, RATE_HZ, format="WAV")
    return file.getvalue()


def late(sound: np.ndarray[tuple[int], np.dtype[np.float32]], late_s: float = LATE_S) -> bytes:
    return wav(np.concatenate([np.zeros(round(late_s * RATE_HZ), np.float32), sound]))


def stub_of(channel: grpc.aio.Channel) -> "tester_pb2_grpc.TesterServiceAsyncStub":
    return tester_pb2_grpc.TesterServiceStub(channel)


async def scored(channel: grpc.aio.Channel, sound: bytes, **fields: Any) -> Any:
    against: dict[str, Any] = {} if "reference_audio_file" in fields else {"song": song()}
    request = tester_pb2.ScoreTakeRequest(audio_file=sound, **against, **fields)
    return await stub_of(channel).ScoreTake(request, metadata=metadata(Scope.TESTER), timeout=60)


async def test_a_late_take_in_another_key_is_placed_on_its_song(channel: grpc.aio.Channel) -> None:
    request = tester_pb2.AlignRequest(audio_file=late(sung(2.0)), song=song())
    found = await stub_of(channel).Align(request, metadata=metadata(Scope.TESTER), timeout=60)
    assert found.key_shift_semitones == 2
    assert found.latency_s == pytest.approx(LATE_S, abs=0.05)  # a window hears an onset before its centre
    assert [onset.written_s for onset in found.onsets] == [0.5 + number for number in range(len(MIDIS))]
    assert [onset.sung_s for onset in found.onsets] == pytest.approx([0.5, 1.5, 2.5, 3.5], abs=0.05)
    assert found.cost_semitones < 0.3
    assert max(map(abs, found.path_frames)) <= 5
    assert found.estimator
    assert found.rules_version


async def test_a_note_that_was_not_sung_has_no_onset(channel: grpc.aio.Channel) -> None:
    half = sung()
    half[round(2.4 * RATE_HZ) :] = 0
    request = tester_pb2.AlignRequest(audio_file=wav(half), song=song())
    found = await stub_of(channel).Align(request, metadata=metadata(Scope.TESTER), timeout=60)
    assert [onset.HasField("sung_s") for onset in found.onsets] == [True, True, False, False]


async def test_in_a_fixed_key_another_key_costs(channel: grpc.aio.Channel) -> None:
    higher = wav(sung(2.0))
    assert (await scored(channel, higher)).pitch >= 95
    assert (await scored(channel, higher, key=FIXED)).pitch <= 10
    assert (await scored(channel, higher, level=STRICT)).pitch <= 10
    free = await scored(channel, higher, level=STRICT, key=FREE)
    assert free.pitch >= 90
    assert free.key_free


async def test_a_transcript_stands_in_for_the_recogniser(channel: grpc.aio.Channel) -> None:
    assert not (await scored(channel, wav(sung()))).HasField("lyrics")
    assert (await scored(channel, wav(sung()), heard="la")).lyrics == 100
    assert (await scored(channel, wav(sung()), heard="thank you for watching")).lyrics == 0
    assert (await scored(channel, wav(sung()), heard="")).lyrics == 0
    assert (await scored(channel, wav(np.zeros(5 * RATE_HZ, np.float32)), heard="la")).lyrics == 0


async def test_once_the_route_is_known_lateness_costs_rhythm(channel: grpc.aio.Channel) -> None:
    take = late(sung(), 0.35)
    unknown = await scored(channel, take)
    assert unknown.rhythm >= 95
    assert not unknown.HasField("route_latency_s")
    calibrated = await scored(channel, take, route_latency_s=0.0)
    assert calibrated.rhythm <= unknown.rhythm - 20
    assert calibrated.pitch == pytest.approx(unknown.pitch, abs=3)
    explained = await scored(channel, take, route_latency_s=0.3)
    assert explained.rhythm >= 95
    assert explained.route_latency_s == pytest.approx(0.3)


@pytest.mark.parametrize(("fields", "hop_s"), [({}, 0.01), ({"live": True}, 0.02), ({"model": "swift-f0"}, 0.01)])
async def test_a_file_is_tracked_by_the_model_that_is_named(
    channel: grpc.aio.Channel, fields: dict[str, Any], hop_s: float
) -> None:
    request = tester_pb2.TrackPitchRequest(audio_file=wav(sung()), **fields)
    track = await stub_of(channel).TrackPitch(request, metadata=metadata(Scope.TESTER), timeout=60)
    assert track.hop_s == pytest.approx(hop_s)
    assert len(track.f0_hz) == len(track.periodicity) == round(5 / hop_s)
    for number, midi in enumerate(MIDIS):
        middle = track.f0_hz[round((0.95 + number) / hop_s)]
        assert middle == pytest.approx(440 * 2 ** ((midi - 69) / 12), rel=0.006)
    assert track.f0_hz[round(0.2 / hop_s)] == 0
    assert track.estimator == fields.get("model") or track.estimator.startswith("crepe")


async def test_the_service_scores_as_the_judge_in_process_does(channel: grpc.aio.Channel) -> None:
    take = late(sung(0.3))
    over_grpc = await scored(channel, take, level=KIND, heard="la", model="tiny")
    tools = JudgeTools(build_estimator("tiny"), None, "none")
    here = judge(sung_file(load_mono_16k(take)), song(), tools, rules_of(KIND), heard="la")
    del over_grpc.jury[:]
    assert over_grpc == here


SILENT = wav(np.zeros(RATE_HZ, np.float32))
BAD_CONTOUR = song_pb2.PitchTrack(hop_s=0.01, f0_hz=[1e30, 100.0], periodicity=[1.0, 1.0])


def contour_song(contour: song_pb2.PitchTrack) -> song_pb2.Song:
    return song_pb2.Song(voices=[song_pb2.Voice(reference=song_pb2.Reference(contour=contour))])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"level": 7}, "level: 7"),
        ({"level": -1}, "level: -1"),
        ({"key": 3}, "key: 3"),
        ({"language": "xx"}, "language: 'xx'"),
        ({"model": "giant"}, "model: 'giant'"),
        ({"heard": "é" * (MAX_HEARD_BYTES // 2 + 1)}, "heard: longer than 64 KiB"),
        ({"route_latency_s": -0.01}, "route_latency_s: -0.01"),
        ({"route_latency_s": float("nan")}, "route_latency_s: nan"),
        ({"route_latency_s": float("inf")}, "route_latency_s: inf"),
        ({"route_latency_s": 2.5}, "route_latency_s: 2.5"),
        ({"audio_file": b""}, "audio_file: a sound file"),
        ({"audio_file": b"no sound"}, "audio_file: the file is not"),
        ({"reference_audio_file": b"no sound"}, "reference_audio_file: the file is not"),
        ({"reference_audio_file": b""}, "reference_audio_file: a sound file"),
        ({"reference_audio_file": SILENT}, "reference_audio_file: the reference has no voiced frame"),
        ({"song": song_pb2.Song()}, "song: the song has no voice"),
        ({"song": contour_song(BAD_CONTOUR)}, "song: the song's contour is damaged"),
        ({"song": contour_song(song_pb2.PitchTrack(hop_s=1e-9, f0_hz=[100.0], periodicity=[1.0]))}, "impossible"),
        ({"song": None}, "against: "),
    ],
)
async def test_a_field_that_is_wrong_is_named(channel: grpc.aio.Channel, fields: dict[str, Any], said: str) -> None:
    request: dict[str, Any] = {"audio_file": wav(sung()), "song": song()} | fields
    if "reference_audio_file" in fields:
        del request["song"]
    message = tester_pb2.ScoreTakeRequest(**request)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub_of(channel).ScoreTake(message, metadata=metadata(Scope.TESTER), timeout=60)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert said in str(refused.value.details())


async def test_a_file_beyond_ten_minutes_is_refused(channel: grpc.aio.Channel) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(round((MAX_SECONDS + 1) * 8_000), np.int16), 8_000, format="FLAC")
    with pytest.raises(grpc.aio.AioRpcError, match="audio_file: the file is longer than 10 minutes"):
        await scored(channel, file.getvalue())


async def test_full_tracks_where_torch_is_installed_and_otherwise_tells_the_remedy(channel: grpc.aio.Channel) -> None:
    request = tester_pb2.TrackPitchRequest(audio_file=wav(sung()), model="full")
    call = stub_of(channel).TrackPitch(request, metadata=metadata(Scope.TESTER), timeout=120)
    if find_spec("torch") is not None and find_spec("torchcrepe") is not None:
        assert (await call).estimator.startswith("crepe-full")
        return
    with pytest.raises(grpc.aio.AioRpcError, match="make setup-full") as refused:
        await call
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
