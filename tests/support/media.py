"""A media server in this process, a live judge that writes down what it hears, and phones."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import numpy.typing as npt
from voicejury.rpc import add_open_services, bearer_metadata, build_server, client_channel, set_serving
from voicejury.spool import read_records
from voicejury.tokens import Scope, mint
from voicejury.v1 import audio_pb2, live_pb2, live_pb2_grpc, media_pb2, media_pb2_grpc, song_pb2

from deploy.singer.encoded import RATE_HZ, encoded
from deploy.singer.phone import Phone
from deploy.standalone.ports import free_port as free_port
from media_server.config import Settings
from media_server.server import serve

SECRET = "a-secret-that-only-these-tests-know-0123456789"
LAST_PITCH = 81.5  # what the recording judge says at the end of each take
SONG = song_pb2.Song(id="test-song", duration_s=30.0)
PATIENCE_S = 60.0  # of a test on a busy machine
Pcm = npt.NDArray[np.int16]


def _pcm(phase: npt.NDArray[np.float64]) -> Pcm:
    pcm: Pcm = np.rint(9_000 * np.sin(phase)).astype(np.int16)
    return pcm


def tone(duration_s: float, f0_hz: float = 220.0) -> Pcm:
    seconds = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    return _pcm(2 * np.pi * f0_hz * seconds)


def sweep(duration_s: float, low_hz: float, high_hz: float) -> Pcm:
    """A logarithmic sweep: at second t its frequency is low * (high / low) ** (t / duration)."""
    seconds = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    rate = np.log(high_hz / low_hz) / duration_s
    phase = 2 * np.pi * low_hz * (np.exp(rate * seconds) - 1) / rate
    return _pcm(phase)


class RecordingJudge(live_pb2_grpc.LiveServiceServicer):
    """LiveService by the contract: keeps what it hears and answers each chunk with one point."""

    def __init__(self) -> None:
        self.inputs: list[live_pb2.SingerInput] = []
        self.streams = 0

    async def Sing(self, requests: AsyncIterator[live_pb2.SingRequest], context: Any) -> AsyncIterator[Any]:
        self.streams += 1
        async for request in requests:
            self.inputs.extend(request.inputs)
            if judgements := [judgement for item in request.inputs if (judgement := _answer(item))]:
                yield live_pb2.SingReply(judgements=judgements)

    def heard(self, kind: str) -> list[Any]:
        return [getattr(item, kind) for item in self.inputs if item.WhichOneof("input") == kind]


def _answer(item: live_pb2.SingerInput) -> live_pb2.Judgement | None:
    if item.HasField("audio"):
        return _point(item.audio)
    if item.HasField("end"):
        score = live_pb2.LiveScore(pitch=LAST_PITCH, measured=1.0)
        return live_pb2.Judgement(session_id=item.end.session_id, ended=live_pb2.SingEnded(score=score))
    return None


def _point(chunk: audio_pb2.PcmChunk) -> live_pb2.Judgement:
    point = live_pb2.PitchPoint(seq=chunk.seq, sample=chunk.first_sample + 160, f0_hz=220.0, concealed=chunk.concealed)
    return live_pb2.Judgement(session_id=chunk.session_id, pitch=live_pb2.PitchPoints(points=[point]))


@asynccontextmanager
async def judge_server(judge: RecordingJudge, port: int = 0) -> AsyncIterator[int]:
    server = build_server(SECRET, frozenset({Scope.SERVICE}))
    live_pb2_grpc.add_LiveServiceServicer_to_server(judge, server)
    health = add_open_services(server, ["voicejury.v1.LiveService"])
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await set_serving(health, ["voicejury.v1.LiveService"], True)
    try:
        yield bound
    finally:
        await server.stop(None)


@dataclass
class MediaHouse:
    """The running server, its judge and its stub."""

    judge: RecordingJudge
    channel: grpc.aio.Channel
    takes_dir: Path
    address: str
    judge_port: int
    phones: list[Phone] = field(default_factory=list)
    song: song_pb2.Song = field(default_factory=lambda: SONG)

    @classmethod
    def outside(cls, channel: grpc.aio.Channel, takes_dir: Path, address: str) -> "MediaHouse":
        """A server of another process, without a judge."""
        return cls(RecordingJudge(), channel, takes_dir, address, 0)

    @property
    def stub(self) -> Any:
        return media_pb2_grpc.MediaServiceStub(self.channel)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 60.0))

    async def connect(self, session_id: str, sdp: str, resume: bool = False) -> media_pb2.ConnectReply:
        request = media_pb2.ConnectRequest(session_id=session_id, song=self.song, sdp=sdp, resume=resume)
        reply: media_pb2.ConnectReply = await self.stub.Connect(request, metadata=self.metadata, timeout=PATIENCE_S)
        return reply

    async def close(self, session_id: str) -> media_pb2.CloseReply:
        request = media_pb2.CloseRequest(session_id=session_id)
        reply: media_pb2.CloseReply = await self.stub.Close(request, metadata=self.metadata, timeout=PATIENCE_S)
        return reply

    def phone(self, pcm: Pcm) -> Phone:
        """A phone that is closed with the house."""
        self.phones.append(Phone(encoded(pcm)))
        return self.phones[-1]

    async def call(self, session_id: str, pcm: Pcm, resume: bool = False) -> tuple[Phone, media_pb2.ConnectReply]:
        """A phone that is connected, with open channels."""
        phone = self.phone(pcm)
        reply = await self.connect(session_id, await phone.offer(), resume)
        await phone.accept(reply.sdp)
        await phone.opened()
        return phone, reply

    def spool(self, session_id: str) -> Path:
        return self.takes_dir / session_id / "take.spool"

    def records(self, session_id: str) -> list[audio_pb2.TakeRecord]:
        with self.spool(session_id).open("rb") as file:
            return [record for _, record in read_records(file)]


def kept_audio(house: MediaHouse, session_id: str) -> Pcm:
    """All sound of a take, without its gaps."""
    chunks = [record.audio for record in house.records(session_id) if record.HasField("audio")]
    return np.concatenate([np.frombuffer(chunk.pcm_s16le, "<i2") for chunk in chunks])


@asynccontextmanager
async def media_house(data_dir: Path, judge_port: int | None = None, **changes: Any) -> AsyncIterator[MediaHouse]:
    """A server with its judge; `judge_port` leaves the judge to the caller. `changes` go to the settings."""
    judge = RecordingJudge()
    async with _maybe_judge(judge, judge_port) as port:
        settings = Settings(
            secret=SECRET, data_dir=data_dir, live_url=f"127.0.0.1:{port}", **{"max_loop_lag_ms": 10_000.0, **changes}
        )
        bound: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        serving = asyncio.create_task(serve(settings, bound))
        await until(lambda: bound.done() or serving.done())
        address = f"127.0.0.1:{await bound}"
        async with client_channel(address) as channel:
            house = MediaHouse(judge, channel, data_dir / "takes", address, port)
            try:
                yield house
            finally:
                await asyncio.gather(*(phone.close() for phone in house.phones))
                serving.cancel()
                await asyncio.gather(serving, return_exceptions=True)


@asynccontextmanager
async def _maybe_judge(judge: RecordingJudge, port: int | None) -> AsyncIterator[int]:
    if port is not None:
        yield port
        return
    async with judge_server(judge) as bound:
        yield bound


async def until(condition: Callable[[], Any], timeout_s: float = PATIENCE_S) -> None:
    """Waits for something that another task brings about."""
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 (what is waited for tells nobody)
            await asyncio.sleep(0.01)


async def next_message(phone: Phone, kind: str, timeout_s: float = PATIENCE_S) -> Any:
    """The next message of one kind that the phone is sent."""
    async with asyncio.timeout(timeout_s):
        async for _, message in phone.messages():
            if message.WhichOneof("message") == kind:
                return getattr(message, kind)
    raise AssertionError("the phone hung up")
