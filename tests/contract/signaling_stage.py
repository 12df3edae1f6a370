"""Signaling over real HTTP, with servers of the contract whose answers a test chooses."""

import asyncio
import json
import math
import struct
import time
import uuid
import wave
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import grpc
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from pydantic import SecretStr
from voicejury.rpc import add_open_services, build_server, set_serving
from voicejury.tokens import Scope
from voicejury.v1 import (
    analysis_pb2,
    analysis_pb2_grpc,
    media_pb2,
    media_pb2_grpc,
    verdict_pb2,
)

from media_server.server import MediaServicer
from signaling.app import build_app
from signaling.config import Settings
from signaling.songs.catalogue import Catalogue, import_ultrastar
from signaling.store.database import open_database

SECRET = "a secret of the tests, long enough"
SONG = "#TITLE:Petite chanson\n#ARTIST:Personne\n#MP3:air.wav\n#BPM:300\n#GAP:0\n: 0 8 0 La\n: 8 8 2  la\nE\n"
SONG_ID = "personne-petite-chanson"
SDP = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
PATIENCE_S = 60.0  # of a test on a busy machine
PERSONAS = ("diva", "metronome", "grand-mere")
Api = TestClient[Any, Any]


class StagedMedia(media_pb2_grpc.MediaServiceServicer):
    """Answers as told; remembers what it was asked."""

    def __init__(self) -> None:
        self.refusal: tuple[grpc.StatusCode, str] | None = None
        self.take_key = "take"
        self.close_failures = 0
        self.offers: list[media_pb2.ConnectRequest] = []
        self.closed: list[str] = []
        self.gaps: MediaServicer | None = None  # the real one, over the takes of a test; without it nothing is missing

    async def Connect(self, request: media_pb2.ConnectRequest, context: Any) -> media_pb2.ConnectReply:
        self.offers.append(request)
        if self.refusal is not None:
            context.set_trailing_metadata((("retry-after-s", "7"),))
            await context.abort(*self.refusal)
        return media_pb2.ConnectReply(sdp="v=0 answer", resumed=request.resume)

    async def Close(self, request: media_pb2.CloseRequest, context: Any) -> media_pb2.CloseReply:
        self.closed.append(request.session_id)
        if self.close_failures > 0:
            self.close_failures -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        return media_pb2.CloseReply(take_key=self.take_key, sample_count=16000)

    async def Missing(self, request: media_pb2.MissingRequest, context: Any) -> media_pb2.MissingReply:
        return await self.gaps.Missing(request, context) if self.gaps is not None else media_pb2.MissingReply()

    async def Fill(self, request_iterator: Any, context: Any) -> media_pb2.FillReply:
        return await self.gaps.Fill(request_iterator, context) if self.gaps is not None else media_pb2.FillReply()


class StagedJury(analysis_pb2_grpc.AnalysisServiceServicer):
    """Tells its progress, then waits for `go` before each juror, then gives the verdict."""

    def __init__(self) -> None:
        self.total: float | None = 72.5
        self.latency_s = 0.0
        self.refusals: list[grpc.StatusCode] = []
        self.breaks = 0
        self.asked: list[analysis_pb2.JudgeRequest] = []
        self.go = asyncio.Event()
        self.go.set()

    async def Judge(self, request: analysis_pb2.JudgeRequest, context: Any) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        self.asked.append(request)
        if self.refusals:
            await context.abort(self.refusals.pop(0), "as the test wanted")
        for stage, fraction in ((analysis_pb2.JUDGE_STAGE_PITCH, 0.25), (analysis_pb2.JUDGE_STAGE_SCORE, 0.75)):
            progress = analysis_pb2.JudgeProgress(stage=stage, fraction=fraction, left_s=6 * (1 - fraction) + 3)
            yield analysis_pb2.JudgeEvent(progress=progress)
        yield analysis_pb2.JudgeEvent(scores=verdict(request.session_id, self.total, []))
        if self.breaks > 0:
            self.breaks -= 1
            return
        jury = jurors()
        yield analysis_pb2.JudgeEvent(juror=jury[0])
        await self.go.wait()
        for juror in jury[1:]:
            yield analysis_pb2.JudgeEvent(juror=juror)
        found = verdict(request.session_id, self.total, jury)
        found.latency_s = self.latency_s
        yield analysis_pb2.JudgeEvent(verdict=found)

    async def Follow(
        self, request: analysis_pb2.FollowRequest, context: Any
    ) -> AsyncIterator[analysis_pb2.FollowEvent]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "only media_server asks for this")
        yield analysis_pb2.FollowEvent()


def jurors() -> list[verdict_pb2.Juror]:
    return [verdict_pb2.Juror(persona=name, name=name, vote=True, comment=f"{name} speaks") for name in PERSONAS]


def verdict(session_id: str, total: float | None, jury: list[verdict_pb2.Juror]) -> verdict_pb2.Verdict:
    found = verdict_pb2.Verdict(session_id=session_id, song_id=SONG_ID, estimator="test", jury=jury)
    if total is None:
        found.reasons["total"] = "nothing was measured"
    else:
        found.total, found.pitch = total, total
    found.curve.extend(verdict_pb2.CurvePoint(song_s=step / 20, sung_midi=60, written_midi=60) for step in range(500))
    return found


@dataclass
class Stage:
    """A running signaling; `again` stops it and starts another on the same stores."""

    settings: Settings
    media: StagedMedia
    jury: StagedJury
    api: Api
    again: Callable[[], Awaitable[None]] = field(repr=False)

    async def start(self, **wanted: Any) -> tuple[str, dict[str, str]]:
        """A new session and the headers that speak for it."""
        async with self.api.post("/api/session/start", json={"song_id": SONG_ID, **wanted}) as reply:
            assert reply.status == 201, await reply.text()
            body = await reply.json()
        return body["session_id"], {"Authorization": f"Bearer {body['token']}"}

    async def offer(self, session_id: str, token: dict[str, str], **wanted: Any) -> ClientResponse:
        body = {"sdp": SDP, "type": "offer", **wanted}
        return await self.api.post(f"/api/session/{session_id}/offer", json=body, headers=token)

    async def sing(self, **wanted: Any) -> tuple[str, dict[str, str]]:
        """A session that was sung and ended."""
        session_id, token = await self.start(**wanted)
        assert (await self.offer(session_id, token)).status == 200
        assert (await self.api.post(f"/api/session/{session_id}/end", headers=token)).status == 202
        return session_id, token

    async def state(self, session_id: str, token: dict[str, str]) -> dict[str, Any]:
        async with self.api.get(f"/api/session/{session_id}/status", headers=token) as reply:
            assert reply.status == 200
            found: dict[str, Any] = await reply.json()
            return found

    async def until_over(self, session_id: str, token: dict[str, str]) -> list[tuple[str, Any]]:
        """Every event up to the end of the stream."""
        async with self.api.get(f"/api/session/{session_id}/events", headers=token) as reply:
            assert reply.status == 200
            assert reply.content_type == "text/event-stream"
            async with asyncio.timeout(PATIENCE_S):
                return parse_events(await reply.text())


def parse_events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in filter(None, text.split("\n\n")):
        lines = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    """Asks every 20 ms, for a minute at most."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not await condition():
        assert time.monotonic() < deadline_s, f"it did not become true within {PATIENCE_S:.0f} s"
        await asyncio.sleep(0.02)


async def problem(reply: ClientResponse) -> tuple[int, str]:
    """Status and code of a problem document."""
    assert reply.content_type == "application/problem+json", await reply.text()
    document = await reply.json()
    assert document["status"] == reply.status
    assert document["detail"]
    return reply.status, document["code"]


@asynccontextmanager
async def signaling_stage(folder: Path, database_url: str, redis_url: str, **more: Any) -> AsyncIterator[Stage]:
    media, jury = StagedMedia(), StagedJury()
    async with _server(media, jury) as address:
        settings = Settings(
            secret=SecretStr(SECRET),
            data_dir=folder / "data",
            media_url=address,
            live_url=address,
            analysis_url=address,
            page_dir=folder / "page",
            database_url=database_url,
            redis_url=redis_url,
            **more,
        )
        write_song(folder / "import")
        import_ultrastar(Catalogue(settings.data_dir), folder / "import")
        client = await _open(settings)

        async def again() -> None:
            await stage.api.close()
            stage.api = await _open(settings)

        stage = Stage(settings, media, jury, client, again)
        try:
            yield stage
        finally:
            await stage.api.close()


def write_song(folder: Path, text: str = SONG, audio: str = "air.wav", seconds: float = 2.0) -> Path:
    """An UltraStar folder with a tone as its audio."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "song.txt").write_text(text, encoding="utf-8")
    with wave.open(str(folder / audio), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        tone = (int(9000 * math.sin(2 * math.pi * 261.6 * n / 8000)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in tone))
    return folder


async def new_database(cluster_url: str, template: str = "template1") -> str:
    """A database of its own on a PostgreSQL server, empty unless it is a copy of another."""
    name = f"test_{uuid.uuid4().hex}"
    await _command(cluster_url, f"CREATE DATABASE {name} TEMPLATE {template}")
    return _sibling(cluster_url, name)


async def migrated_database(cluster_url: str) -> str:
    """The name of one with signaling's schema: to copy it takes a third of the time of all migrations."""
    url = await new_database(cluster_url)
    engine = await open_database(Settings.model_construct(database_url=url).sql_url)
    await engine.dispose()
    return url.rsplit("/", 1)[1]


async def _command(cluster_url: str, sql: str) -> None:
    connection = await asyncpg.connect(cluster_url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _sibling(cluster_url: str, name: str) -> str:
    return f"{cluster_url.rsplit('/', 1)[0]}/{name}"


async def _open(settings: Settings) -> Api:
    client = TestClient(TestServer(build_app(settings)))
    await client.start_server()
    return client


@asynccontextmanager
async def _server(media: StagedMedia, jury: StagedJury) -> AsyncIterator[str]:
    server = build_server(SECRET, frozenset({Scope.SERVICE}))
    media_pb2_grpc.add_MediaServiceServicer_to_server(media, server)
    analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(jury, server)
    health = add_open_services(server, [])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await set_serving(health, [], True)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)
