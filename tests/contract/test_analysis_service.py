"""AnalysisService and TesterService over real gRPC, on a take in a real spool."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import numpy as np
import pytest
import pytest_asyncio
import soundfile
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.spool import SpoolWriter
from voicejury.tokens import Scope, mint
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, audio_pb2, song_pb2, tester_pb2, tester_pb2_grpc, verdict_pb2

from inference.service.config import Settings
from inference.service.server import Role, running
from tests.unit.recordings import voice

SECRET = "a secret for tests that is long enough"
RATE_HZ = 16_000
MIDIS = (60, 64, 62, 67)
Metadata = tuple[tuple[str, str], ...]


def song() -> song_pb2.Song:
    notes = [
        song_pb2.Note(onset_s=0.5 + i, offset_s=1.4 + i, midi=midi, syllable="la", starts_word=True)
        for i, midi in enumerate(MIDIS)
    ]
    phrase = song_pb2.Phrase(onset_s=0.5, offset_s=4.4, notes=notes, text="la la la la")
    lyrics = song_pb2.Lyrics(words=[song_pb2.Word(text="la", onset_s=0.5, offset_s=1.4)])
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]), lyrics=lyrics)
    return song_pb2.Song(id="scale", title="Scale", language="fr", voices=[song_pb2.Voice(reference=reference)])


def sung(semitones: float = 0.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    sound = np.zeros(5 * RATE_HZ, np.float32)
    for i, midi in enumerate(MIDIS):
        start = round((0.5 + i) * RATE_HZ)
        note = voice(440 * 2 ** ((midi + semitones - 69) / 12), 0.9)
        sound[start : start + len(note)] = note
    return sound


def write_take(folder: Path, sound: np.ndarray[tuple[int], np.dtype[np.float32]], sealed: bool = True) -> None:
    writer = SpoolWriter(folder / "take.spool")
    record = audio_pb2.TakeRecord
    writer.append(record(header=audio_pb2.TakeHeader(session_id=folder.name, song_id="scale", sample_rate_hz=RATE_HZ)))
    writer.append(record(anchor=audio_pb2.ClockAnchor(sample=0, song_s=0.0, playing=True)))
    pcm = (32767 * np.clip(sound, -1, 1)).astype("<i2")
    for first in range(0, len(pcm), 1600):
        piece = pcm[first : first + 1600].tobytes()
        writer.append(record(audio=audio_pb2.PcmChunk(first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=piece)))
    if sealed:
        writer.append(record(end=audio_pb2.TakeEnd(sample_count=len(pcm))))
    writer.close()


@asynccontextmanager
async def analysis_over(data_dir: Path) -> AsyncIterator[grpc.aio.Channel]:
    settings = Settings(
        secret=SecretStr(SECRET), data_dir=data_dir, final_pitch="tiny", audio_url="", whisper_model=None
    )
    async with running(Role.ANALYSIS, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield channel


@pytest_asyncio.fixture
async def channel(tmp_path: Path) -> AsyncIterator[grpc.aio.Channel]:
    async with analysis_over(tmp_path) as channel:
        yield channel


def metadata(scope: Scope = Scope.SERVICE) -> Metadata:
    return bearer_metadata(mint(SECRET, scope, "test", 60))


async def judged(
    channel: grpc.aio.Channel, session_id: str, key: str | None = None, route_latency_s: float | None = None
) -> list[analysis_pb2.JudgeEvent]:
    take_key = f"{session_id}/take.spool" if key is None else key
    request = analysis_pb2.JudgeRequest(
        session_id=session_id, take_key=take_key, song=song(), language="fr", route_latency_s=route_latency_s
    )
    call = analysis_pb2_grpc.AnalysisServiceStub(channel).Judge(request, metadata=metadata(), timeout=120)
    return [event async for event in call]


async def test_a_take_gets_progress_then_its_scores_then_three_jurors_then_its_verdict(
    channel: grpc.aio.Channel, tmp_path: Path
) -> None:
    write_take(tmp_path / "takes" / "s1", sung())
    events = await judged(channel, "s1")
    progress = [event.progress for event in events if event.HasField("progress")]
    told = [event for event in events if not event.HasField("progress")]
    assert [event.WhichOneof("event") for event in told] == ["scores", "juror", "juror", "juror", "verdict"]
    assert progress[0].stage == analysis_pb2.JUDGE_STAGE_QUEUED
    assert progress[-1].stage in (analysis_pb2.JUDGE_STAGE_JURY, analysis_pb2.JUDGE_STAGE_STORE)
    fractions = [step.fraction for step in progress]
    assert fractions == sorted(fractions)
    scores, verdict = told[0].scores, told[-1].verdict
    assert [event.juror for event in told[1:-1]] == list(verdict.jury)
    assert not scores.jury
    scores.jury.extend(verdict.jury)
    assert scores == verdict
    assert verdict.pitch >= 95
    assert verdict.session_id == "s1"
    assert not verdict.HasField("lyrics")
    assert "Whisper model not installed" in verdict.reasons["lyrics"]
    assert verdict.estimator == "crepe-tiny"


async def test_asking_again_or_twice_at_once_gives_the_same_verdict(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    write_take(tmp_path / "takes" / "s2", sung(0.3))
    first, second = await asyncio.gather(judged(channel, "s2"), judged(channel, "s2"))
    third = await judged(channel, "s2")
    assert first[-1].verdict == second[-1].verdict == third[-1].verdict
    kept = (tmp_path / "takes" / "s2" / "verdict.pb").read_bytes()
    assert verdict_pb2.Verdict.FromString(kept) == first[-1].verdict


async def test_lateness_costs_rhythm_once_the_route_of_the_session_is_known(
    channel: grpc.aio.Channel, tmp_path: Path
) -> None:
    late = np.concatenate([np.zeros(round(0.35 * RATE_HZ), np.float32), sung()])
    verdicts = {}
    for session_id, route_latency_s in (("unknown", None), ("wired", 0.0), ("wireless", 0.32)):
        write_take(tmp_path / "takes" / session_id, late)
        verdicts[session_id] = (await judged(channel, session_id, route_latency_s=route_latency_s))[-1].verdict
    assert verdicts["unknown"].rhythm >= 95
    assert not verdicts["unknown"].HasField("route_latency_s")
    assert verdicts["wired"].rhythm <= verdicts["unknown"].rhythm - 20
    assert verdicts["wireless"].rhythm == pytest.approx(verdicts["unknown"].rhythm, abs=2)
    assert verdicts["wireless"].route_latency_s == pytest.approx(0.32)


@pytest.mark.parametrize("route_latency_s", [-0.1, float("nan"), 60.0])
async def test_an_impossible_route_latency_is_refused(
    channel: grpc.aio.Channel, tmp_path: Path, route_latency_s: float
) -> None:
    write_take(tmp_path / "takes" / "s8", sung())
    with pytest.raises(grpc.aio.AioRpcError, match="route_latency_s: ") as refused:
        await judged(channel, "s8", route_latency_s=route_latency_s)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_a_take_that_may_still_grow_is_not_judged(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    write_take(tmp_path / "takes" / "s5", sung(), sealed=False)
    with pytest.raises(grpc.aio.AioRpcError, match="still being sung") as refused:
        await judged(channel, "s5")
    assert refused.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert not (tmp_path / "takes" / "s5" / "verdict.pb").exists()


async def test_a_take_of_another_session_is_refused_even_with_a_verdict(
    channel: grpc.aio.Channel, tmp_path: Path
) -> None:
    write_take(tmp_path / "takes" / "s6", sung())
    await judged(channel, "s6")
    for session_id, key in (("s7", "s6/take.spool"), ("s6", "s7/take.spool")):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await judged(channel, session_id, key)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert not (tmp_path / "takes" / "s7").exists()


@pytest.mark.parametrize(
    ("session_id", "key", "code"),
    [
        ("s3", "s3/take.spool", grpc.StatusCode.NOT_FOUND),
        ("s3", "../../etc/passwd", grpc.StatusCode.INVALID_ARGUMENT),
        ("s3", "s3/..", grpc.StatusCode.INVALID_ARGUMENT),
        ("../s3", "s3/take.spool", grpc.StatusCode.INVALID_ARGUMENT),
        ("", "s3/take.spool", grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
async def test_a_take_that_is_not_there_or_not_a_key_is_refused(
    channel: grpc.aio.Channel, session_id: str, key: str, code: grpc.StatusCode
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await judged(channel, session_id, key)
    assert refused.value.code() is code


async def test_a_spool_of_garbage_is_a_damaged_take(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    (tmp_path / "takes" / "s4").mkdir(parents=True)
    (tmp_path / "takes" / "s4" / "take.spool").write_bytes(b"garbage")
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await judged(channel, "s4")
    assert refused.value.code() is grpc.StatusCode.DATA_LOSS


def wav() -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sung(), RATE_HZ, format="WAV")
    return file.getvalue()


async def test_a_tester_gets_pitch_and_a_verdict_for_files(channel: grpc.aio.Channel) -> None:
    stub = tester_pb2_grpc.TesterServiceStub(channel)
    tester = metadata(Scope.TESTER)
    track = await stub.TrackPitch(tester_pb2.TrackPitchRequest(audio_file=wav()), metadata=tester, timeout=60)
    assert track.hop_s == pytest.approx(0.01)
    assert track.f0_hz[95] == pytest.approx(261.6, rel=0.01)
    request = tester_pb2.ScoreTakeRequest(audio_file=wav(), reference_audio_file=wav(), language="en")
    verdict = await stub.ScoreTake(request, metadata=tester, timeout=60)
    assert verdict.pitch >= 98
    assert len(verdict.jury) == 3


@pytest.mark.parametrize("file", [b"", b"no sound at all"])
async def test_a_file_that_is_no_sound_is_refused(channel: grpc.aio.Channel, file: bytes) -> None:
    stub = tester_pb2_grpc.TesterServiceStub(channel)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.TrackPitch(tester_pb2.TrackPitchRequest(audio_file=file), metadata=metadata(), timeout=60)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_without_a_token_nothing_is_judged(channel: grpc.aio.Channel) -> None:
    call = analysis_pb2_grpc.AnalysisServiceStub(channel).Judge(analysis_pb2.JudgeRequest(session_id="s"), timeout=10)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        _ = [event async for event in call]
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_tester_judges_and_follows_no_take_of_the_house(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    write_take(tmp_path / "takes" / "s5", sung())
    stub, tester = analysis_pb2_grpc.AnalysisServiceStub(channel), metadata(Scope.TESTER)
    request = analysis_pb2.JudgeRequest(session_id="s5", take_key="s5/take.spool", song=song(), language="fr")
    judging = stub.Judge(request, metadata=tester, timeout=60)
    following = stub.Follow(analysis_pb2.FollowRequest(session_id="s5", song=song()), metadata=tester, timeout=60)
    for call in (judging, following):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            _ = [event async for event in call]
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    assert not (tmp_path / "takes" / "s5" / "verdict.pb").exists()
    assert (await judged(channel, "s5"))[-1].verdict.pitch >= 95
