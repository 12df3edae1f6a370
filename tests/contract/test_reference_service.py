"""ReferenceService over real gRPC: karaoke pairs, written notes, caches and bad input. Nothing here needs torch."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
import pytest_asyncio
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.audio.recordings import STEREO_RATE_HZ, decode_stereo
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.support.mixtures import vocadito_over_vibe_ace, write_wav
from tests.unit.recordings import RATE_HZ, voice

SECRET = "a secret for tests that is long enough"
PREPARE_S = 120
MIDIS = (60, 64, 62, 67, 65, 60)


@pytest_asyncio.fixture
async def stub(tmp_path: Path) -> AsyncIterator[reference_pb2_grpc.ReferenceServiceStub]:
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", max_source_s=60.0)
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield reference_pb2_grpc.ReferenceServiceStub(channel)


def metadata() -> tuple[tuple[str, str], ...]:
    return bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 60))


def hash_of(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


async def events_of(
    stub: reference_pb2_grpc.ReferenceServiceStub, request: reference_pb2.PrepareRequest
) -> list[reference_pb2.PrepareEvent]:
    call = stub.Prepare(request, metadata=metadata(), timeout=PREPARE_S)
    return [event async for event in call]


async def prepared(
    stub: reference_pb2_grpc.ReferenceServiceStub, request: reference_pb2.PrepareRequest
) -> reference_pb2.PreparedSong:
    return (await events_of(stub, request))[-1].prepared


def tune(seconds: float = 6.5) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Six notes, one a second, in stereo at 44.1 kHz."""
    sound = np.zeros(round(seconds * STEREO_RATE_HZ), np.float32)
    for number, midi in enumerate(MIDIS):
        note = voice(440 * 2 ** ((midi - 69) / 12) * RATE_HZ / STEREO_RATE_HZ, 0.8 * STEREO_RATE_HZ / RATE_HZ)
        start = round((0.3 + number) * STEREO_RATE_HZ)
        sound[start : start + len(note)] = note[: len(sound) - start]
    return np.stack([sound, sound])


def hiss(seconds: float = 6.5, level: float = 0.05) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    rng = np.random.default_rng(2)
    return np.asarray(level * rng.standard_normal((2, round(seconds * STEREO_RATE_HZ))), np.float32)


def pair_request(tmp_path: Path, name: str = "pair", **facts: str) -> reference_pb2.PrepareRequest:
    """A short karaoke pair in the store."""
    write_wav(tmp_path / "stems" / "originals" / f"{name}-voice.wav", tune())
    write_wav(tmp_path / "stems" / "originals" / f"{name}-backing.wav", hiss())
    return reference_pb2.PrepareRequest(
        content_hash=hash_of(name),
        instrumental_key=f"originals/{name}-backing.wav",
        vocals_key=f"originals/{name}-voice.wav",
        song=song_pb2.Song(**facts),
    )


async def test_a_recorded_pair_becomes_a_song_with_its_own_notes(
    stub: reference_pb2_grpc.ReferenceServiceStub, tmp_path: Path
) -> None:
    mixture = vocadito_over_vibe_ace()
    write_wav(tmp_path / "stems" / "originals" / "voice.wav", mixture.vocals)
    write_wav(tmp_path / "stems" / "originals" / "backing.wav", mixture.backing)
    request = reference_pb2.PrepareRequest(
        content_hash=hash_of("vocadito"),
        instrumental_key="originals/backing.wav",
        vocals_key="originals/voice.wav",
        song=song_pb2.Song(title="Vocadito", language="tl"),
    )
    events = await events_of(stub, request)
    fractions = [event.progress.fraction for event in events[:-1]]
    assert fractions == sorted(fractions)
    told = [event.progress.stage for event in events[:-1]]
    assert told == sorted(told)
    assert reference_pb2.PREPARE_STAGE_SEPARATE not in told
    done = events[-1].prepared
    assert (done.separator, done.was_cached) == ("pair", False)
    song = done.song
    notes = [note for phrase in song.voices[0].reference.melody.phrases for note in phrase.notes]
    assert 40 <= len(notes) <= 120
    folder = tmp_path / "stems" / request.content_hash
    assert sorted(path.name for path in folder.iterdir()) == ["instrumental.flac", "song.pb", "vocals.flac"]
    assert not list((tmp_path / "stems").glob(".preparing-*"))
