"""A real live judge on a free port, and what a client of it sends."""

import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import grpc
import numpy as np
from numpy.typing import NDArray
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import audio_pb2, live_pb2, live_pb2_grpc, song_pb2

from inference.service.config import Settings
from inference.service.server import Role, running

SECRET = "a secret of the tests, long enough"
RATE_HZ = 16_000
CHUNK = 320
Pcm = NDArray[np.int16]
SingCall = grpc.aio.StreamStreamCall[live_pb2.SingRequest, live_pb2.SingReply]


@asynccontextmanager
async def live_judge() -> AsyncIterator[str]:
    """The address of a judge that is ready."""
    settings = Settings(secret=SecretStr(SECRET), listen="127.0.0.1:0")
    async with running(Role.LIVE, settings) as (port, _failed):
        yield f"127.0.0.1:{port}"


@asynccontextmanager
async def sing_call(address: str, token: str | None = None) -> AsyncIterator[SingCall]:
    token = token or mint(SECRET, Scope.SERVICE, "tests", 60)
    async with client_channel(address) as channel:
        yield live_pb2_grpc.LiveServiceStub(channel).Sing(metadata=bearer_metadata(token), timeout=60)


def scale_midi(note: int) -> int:
    """C4, D4, E4 and on in whole tones for two octaves, and again."""
    return 60 + 2 * (note % 12)


def scale_song(notes: int = 4) -> song_pb2.Song:
    """Half seconds on C4, D4, E4, ...: one line of two notes each."""
    phrases = []
    for first in range(0, notes, 2):
        line = [
            song_pb2.Note(onset_s=0.5 * n, offset_s=0.5 * (n + 1), midi=scale_midi(n), syllable="la", starts_word=True)
            for n in range(first, first + 2)
        ]
        phrases.append(song_pb2.Phrase(onset_s=line[0].onset_s, offset_s=line[-1].offset_s, notes=line, text="la la"))
    voice = song_pb2.Voice(name="P1", reference=song_pb2.Reference(melody=song_pb2.Melody(phrases=phrases)))
    return song_pb2.Song(id="scale", title="Scale", duration_s=0.5 * notes, voices=[voice])


def sung_scale(notes: int = 4, rest_s: float = 0.6) -> Pcm:
    """A voice-like sound that sings scale_song well, and a rest after it."""
    f0_hz = np.repeat([440 * 2 ** ((scale_midi(n) - 69) / 12) for n in range(notes)], RATE_HZ // 2)
    phase = 2 * math.pi * np.cumsum(f0_hz) / RATE_HZ
    voice = sum(np.sin(partial * phase) / partial for partial in range(1, 8))
    sound = np.concatenate([0.2 * np.asarray(voice), np.zeros(int(rest_s * RATE_HZ))])
    return (sound * 32_767).astype(np.int16)


def start(session_id: str, song: song_pb2.Song | None = None) -> live_pb2.SingerInput:
    return live_pb2.SingerInput(start=live_pb2.SingStart(session_id=session_id, song=song or scale_song()))


def anchor(session_id: str, sample: int = 0, song_s: float = 0.0, playing: bool = True) -> live_pb2.SingerInput:
    message = audio_pb2.ClockAnchor(session_id=session_id, sample=sample, song_s=song_s, playing=playing)
    return live_pb2.SingerInput(anchor=message)


def audio(session_id: str, first_sample: int, pcm: Pcm, **fields: bool | int) -> live_pb2.SingerInput:
    values: dict[str, bool | int] = {"sample_rate_hz": RATE_HZ} | fields
    chunk = audio_pb2.PcmChunk(session_id=session_id, first_sample=first_sample, pcm_s16le=pcm.tobytes(), **values)  # type: ignore[arg-type]
    return live_pb2.SingerInput(audio=chunk)


def gap(session_id: str, first_sample: int, sample_count: int) -> live_pb2.SingerInput:
    message = audio_pb2.Gap(session_id=session_id, first_sample=first_sample, sample_count=sample_count)
    return live_pb2.SingerInput(gap=message)


def end(session_id: str) -> live_pb2.SingerInput:
    return live_pb2.SingerInput(end=live_pb2.SingEnd(session_id=session_id))


def chunks(session_id: str, pcm: Pcm, samples: int = CHUNK) -> Iterator[live_pb2.SingerInput]:
    for first in range(0, len(pcm), samples):
        yield audio(session_id, first, pcm[first : first + samples])


def take(session_id: str, pcm: Pcm, samples: int = CHUNK) -> list[live_pb2.SingerInput]:
    """A whole take, from start to end."""
    return [start(session_id), anchor(session_id), *chunks(session_id, pcm, samples), end(session_id)]


async def send(call: SingCall, *inputs: live_pb2.SingerInput) -> None:
    await call.write(live_pb2.SingRequest(inputs=inputs))


async def replies(call: SingCall) -> list[live_pb2.Judgement]:
    """Closes the client's side and reads to the end."""
    await call.done_writing()
    return [judgement async for reply in call for judgement in reply.judgements]


def points(judgements: list[live_pb2.Judgement], session_id: str) -> list[live_pb2.PitchPoint]:
    return [
        point
        for judgement in judgements
        if judgement.session_id == session_id and judgement.HasField("pitch")
        for point in judgement.pitch.points
    ]


def errors(judgements: list[live_pb2.Judgement]) -> list[str]:
    return [judgement.error.code for judgement in judgements if judgement.HasField("error")]
