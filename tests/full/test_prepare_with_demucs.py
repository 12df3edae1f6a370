"""A whole recording over real gRPC: decoded, split by Demucs' own code (a small random network), stored, cached."""

import hashlib
from pathlib import Path

import grpc
import numpy as np
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.audio.recordings import decode_stereo
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.support.mixtures import vocadito_over_vibe_ace, write_wav
from tests.support.tiny_demucs import write_th

SECRET = "a secret for tests that is long enough"
SECONDS = 4.0


async def test_a_recording_is_split_into_parts_that_are_the_recording_again(tmp_path: Path) -> None:
    mixture = vocadito_over_vibe_ace(seconds=SECONDS)
    write_wav(tmp_path / "stems" / "originals" / "song.wav", mixture.mix)
    write_th(tmp_path / "models" / "tiny", "tiny")
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", demucs_model="tiny")
    notes = [song_pb2.Note(onset_s=n, offset_s=n + 0.8, midi=60 + n, syllable="la") for n in range(6)]
    phrase = song_pb2.Phrase(onset_s=0.0, offset_s=6.0, notes=notes, text="la")
    reference = song_pb2.Reference(melody=song_pb2.Melody(phrases=[phrase]))
    request = reference_pb2.PrepareRequest(
        content_hash=hashlib.sha256(b"song").hexdigest(),
        original_key="originals/song.wav",
        song=song_pb2.Song(title="Song", voices=[song_pb2.Voice(name="P1", reference=reference)]),
    )
    async with running(Role.REFERENCE, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        first, second = await prepared(channel, request), await prepared(channel, request)
        abilities = await ask_abilities(channel)
    assert abilities["separation"] == (True, "tiny")
    done = first[-1].prepared
    assert (done.separator, done.was_cached, second[-1].prepared.was_cached) == ("tiny", False, True)
    told = [event.progress.stage for event in first[:-1]]
    assert reference_pb2.PREPARE_STAGE_SEPARATE in told
    folder = tmp_path / "stems" / request.content_hash
    assert sorted(path.name for path in folder.iterdir()) == ["instrumental.flac", "song.pb", "vocals.flac"]
    vocals, backing = (decode_stereo(folder / key, 60.0) for key in (done.song.vocals_key, done.song.audio_key))
    assert vocals.shape == backing.shape == mixture.mix.shape
    whole = vocals + backing
    gain = float((whole * mixture.mix).sum() / (mixture.mix**2).sum())
    assert 0 < gain <= 1.001
    assert float(np.abs(whole - gain * mixture.mix).max()) < 4 / 32_768
    assert float(np.abs(vocals).max()) > 0.001  # random weights are quiet


async def prepared(
    channel: grpc.aio.Channel, request: reference_pb2.PrepareRequest
) -> list[reference_pb2.PrepareEvent]:
    call = reference_pb2_grpc.ReferenceServiceStub(channel).Prepare(request, metadata=service_token(), timeout=120)
    return [event async for event in call]


async def ask_abilities(channel: grpc.aio.Channel) -> dict[str, tuple[bool, str]]:
    stub = reference_pb2_grpc.ReferenceServiceStub(channel)
    reply = await stub.Abilities(reference_pb2.AbilitiesRequest(), metadata=service_token(), timeout=60)
    return {ability.name: (ability.is_there, ability.detail) for ability in reply.abilities}


def service_token() -> tuple[tuple[str, str], ...]:
    return bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 60))
