"""Sings a file to the judges over gRPC: LiveService while it runs, AnalysisService on the spool it leaves."""

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
from google.protobuf.message import Message
from voicejury.jsonform import verdict_dict
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.spool import SpoolWriter
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, audio_pb2, live_pb2, live_pb2_grpc, song_pb2

from deploy.singer.errors import SingError
from deploy.singer.events import Event, PitchEvents, plain
from deploy.singer.sound import PIECE_S, Pcm, SendTimes, load

RATE_HZ = 16_000
PIECE_SAMPLES = round(RATE_HZ * PIECE_S)
READY_TIMEOUT_S = 5.0
SPARE_S = 120.0  # a stream's deadline beyond its sound


@dataclass(frozen=True, slots=True)
class Judges:
    live: str
    analysis: str
    token: str  # for the live judge
    analysis_token: str  # of the house itself: a tester's judges no takes of a folder
    takes_dir: Path  # where the analysis reads takes


async def sing(path: Path, song: song_pb2.Song, judges: Judges) -> AsyncIterator[Event]:
    """Yields each judgement as it comes; the last event is {"type": "verdict", ...}. Raises SingError."""
    pcm = await asyncio.to_thread(load, path, RATE_HZ)
    session_id = f"sing-{secrets.token_hex(8)}"
    try:
        async for event in _live(pcm, song, judges, session_id):
            yield event
        async for event in _final(song, judges, session_id):
            yield event
    except grpc.aio.AioRpcError as error:
        raise SingError(f"the judge refuses: {error.code().name}: {error.details()}") from error


async def _ready(channel: grpc.aio.Channel, address: str) -> None:
    try:
        await asyncio.wait_for(channel.channel_ready(), READY_TIMEOUT_S)
    except TimeoutError as error:
        raise SingError(f"no judge answers at {address}: start `voicejury serve`") from error


async def _live(pcm: Pcm, song: song_pb2.Song, judges: Judges, session_id: str) -> AsyncIterator[Event]:
    times = SendTimes()
    pitch = PitchEvents(times)
    async with client_channel(judges.live) as channel:
        await _ready(channel, judges.live)
        call = live_pb2_grpc.LiveServiceStub(channel).Sing(
            _voice(pcm, song, session_id, judges.takes_dir, times),
            metadata=bearer_metadata(judges.token),
            timeout=len(pcm) / RATE_HZ + SPARE_S,
        )
        async for reply in call:
            arrival_s = time.monotonic()
            for judgement in reply.judgements:
                for event in _events(judgement, pitch, arrival_s):
                    yield event


def _events(judgement: live_pb2.Judgement, pitch: PitchEvents, arrival_s: float) -> list[Event]:
    kind = judgement.WhichOneof("judgement")
    if kind == "error":
        raise SingError(f"{judgement.error.code}: {judgement.error.message}")
    if kind == "pitch":
        return list(pitch.of(judgement.pitch, arrival_s))
    message: Message = getattr(judgement, str(kind))
    return [plain(str(kind), message)]


async def _voice(
    pcm: Pcm, song: song_pb2.Song, session_id: str, takes_dir: Path, times: SendTimes
) -> AsyncIterator[live_pb2.SingRequest]:
    """What is sent, in real time, each piece after it went to the spool."""
    spool = SpoolWriter(takes_dir / session_id / "take.spool")
    try:
        header = audio_pb2.TakeHeader(
            session_id=session_id,
            song_id=song.id,
            sample_rate_hz=RATE_HZ,
            started_unix_ms=round(time.time() * 1000),
        )
        anchor = audio_pb2.ClockAnchor(session_id=session_id, sample=0, song_s=0.0, playing=True)
        spool.append(audio_pb2.TakeRecord(header=header))
        spool.append(audio_pb2.TakeRecord(anchor=anchor))
        start = live_pb2.SingStart(session_id=session_id, song=song)
        yield _request(live_pb2.SingerInput(start=start), live_pb2.SingerInput(anchor=anchor))
        begin_s = time.monotonic()
        for seq in range(len(pcm) // PIECE_SAMPLES):
            await asyncio.sleep(max(0.0, begin_s + (seq + 1) * PIECE_S - time.monotonic()))
            chunk = _chunk(pcm, seq, session_id)
            spool.append(audio_pb2.TakeRecord(audio=chunk))
            times.sent()
            yield _request(live_pb2.SingerInput(audio=chunk))
        end = audio_pb2.TakeEnd(sample_count=len(pcm), ended_unix_ms=round(time.time() * 1000))
        spool.append(audio_pb2.TakeRecord(end=end))
    finally:
        await asyncio.to_thread(spool.close)
    yield _request(live_pb2.SingerInput(end=live_pb2.SingEnd(session_id=session_id)))


def _request(*inputs: live_pb2.SingerInput) -> live_pb2.SingRequest:
    return live_pb2.SingRequest(inputs=inputs)


def _chunk(pcm: Pcm, seq: int, session_id: str) -> audio_pb2.PcmChunk:
    first = seq * PIECE_SAMPLES
    piece = pcm[first : first + PIECE_SAMPLES].astype("<i2")
    return audio_pb2.PcmChunk(
        session_id=session_id, seq=seq, first_sample=first, sample_rate_hz=RATE_HZ, pcm_s16le=piece.tobytes()
    )


async def _final(song: song_pb2.Song, judges: Judges, session_id: str) -> AsyncIterator[Event]:
    async with client_channel(judges.analysis) as channel:
        await _ready(channel, judges.analysis)
        request = analysis_pb2.JudgeRequest(
            session_id=session_id, take_key=f"{session_id}/take.spool", song=song, language=song.language or "fr"
        )
        stub = analysis_pb2_grpc.AnalysisServiceStub(channel)
        async for event in stub.Judge(request, metadata=bearer_metadata(judges.analysis_token)):
            if event.HasField("verdict"):
                yield {"type": "verdict", **verdict_dict(event.verdict)}
            else:
                kind = str(event.WhichOneof("event"))
                yield plain(kind, getattr(event, kind))
