"""Clients that testers write themselves: by reflection alone, and the documented example, against real judges."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
import pytest_asyncio
import soundfile
from click.testing import CliRunner
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.json_format import MessageToJson
from google.protobuf.message_factory import GetMessageClass
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase
from pydantic import SecretStr

from deploy.cli import main
from inference.service.config import Settings
from inference.service.server import Role, running
from tests.contract.singing import RATE_HZ, SECRET, scale_song, sung_scale
from tests.support.places import ROOT

NOTES = 8
EXAMPLE = ROOT / "examples" / "tester_client.py"


@pytest_asyncio.fixture
async def judges(tmp_path: Path) -> AsyncIterator[Path]:
    """A data folder like that of a served house: both judges answer at the addresses in its run.json."""
    settings = Settings(secret=SecretStr(SECRET), data_dir=tmp_path, final_pitch="tiny", audio_url="")
    async with running(Role.LIVE, settings) as (live, _), running(Role.ANALYSIS, settings) as (analysis, _):
        addresses = {"grpc_live": f"127.0.0.1:{live}", "grpc_analysis": f"127.0.0.1:{analysis}"}
        (tmp_path / "run.json").write_text(json.dumps(addresses))
        yield tmp_path


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """As `voicejury token` prints it."""
    monkeypatch.setenv("VOICEJURY_SECRET", SECRET)
    printed = CliRunner().invoke(main, ["token", "--ttl", "1h", "--data-dir", str(tmp_path)])
    assert printed.exit_code == 0
    return printed.stdout.strip()


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "take.wav"
    soundfile.write(path, sung_scale(NOTES), RATE_HZ)
    return path


@pytest.fixture
def song(tmp_path: Path) -> Path:
    path = tmp_path / "songs" / "scale" / "song.json"
    path.parent.mkdir(parents=True)
    path.write_text(MessageToJson(scale_song(NOTES), preserving_proto_field_name=True))
    return path


class Reflected:
    """A server known by what it tells about itself; no code of the contract is imported."""

    def __init__(self, address: str, token: str) -> None:
        self._channel = grpc.insecure_channel(address)
        database = ProtoReflectionDescriptorDatabase(self._channel)
        self.services = list(database.get_services())
        self._pool = DescriptorPool(database)
        self._metadata = (("authorization", f"Bearer {token}"),) if token else ()

    def close(self) -> None:
        self._channel.close()

    def message(self, name: str, **fields: Any) -> Any:
        return GetMessageClass(self._pool.FindMessageTypeByName(f"voicejury.v1.{name}"))(**fields)

    def call(self, service: str, method: str, request: Any) -> Any:
        """A message in, a message out; or messages in, messages out."""
        described = self._pool.FindServiceByName(f"voicejury.v1.{service}").methods_by_name[method]
        answer = GetMessageClass(described.output_type)
        kind: Callable[..., Any] = (
            self._channel.stream_stream if described.client_streaming else self._channel.unary_unary
        )
        stub = kind(
            f"/voicejury.v1.{service}/{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=answer.FromString,
        )
        return stub(request, metadata=self._metadata, timeout=60)


def connected(folder: Path, role: str, token: str) -> Reflected:
    return Reflected(json.loads((folder / "run.json").read_text())[f"grpc_{role}"], token)


async def test_by_reflection_alone_a_file_is_tracked_and_aligned(judges: Path, take: Path, token: str) -> None:
    def talk() -> None:
        server = connected(judges, "analysis", token)
        assert "voicejury.v1.TesterService" in server.services
        sound = take.read_bytes()
        request = server.message("TrackPitchRequest", audio_file=sound)
        track = server.call("TesterService", "TrackPitch", request)
        assert track.f0_hz[25] == pytest.approx(261.6, rel=0.005)
        align = server.message("AlignRequest", audio_file=sound, reference_audio_file=sound, key=2)
        alignment = server.call("TesterService", "Align", align)
        assert alignment.latency_s == pytest.approx(0, abs=0.01)
        assert len(alignment.onsets) == NOTES
        server.close()

    await asyncio.to_thread(talk)


async def test_by_reflection_alone_a_take_is_sung_to_the_live_judge(judges: Path, token: str) -> None:
    def talk() -> list[Any]:
        server = connected(judges, "live", token)
        requests = sing_requests(server)
        heard = [judgement for reply in server.call("LiveService", "Sing", requests) for judgement in reply.judgements]
        server.close()
        return heard

    heard = await asyncio.to_thread(talk)
    points = [point for judgement in heard for point in judgement.pitch.points]
    assert len(points) == pytest.approx(50 * (0.5 * NOTES + 0.6), abs=1)
    assert sum(point.hit == 1 for point in points) >= 0.9 * 25 * NOTES
    assert heard[-1].WhichOneof("judgement") == "ended"
    assert heard[-1].ended.score.pitch >= 95


def sing_requests(server: Reflected) -> Iterator[Any]:
    def request(**fields: Any) -> Any:
        return server.message("SingRequest", inputs=[server.message("SingerInput", **fields)])

    pcm = sung_scale(NOTES)
    notes = [
        server.message("Note", onset_s=0.5 * n, offset_s=0.5 * (n + 1), midi=60 + 2 * (n % 12)) for n in range(NOTES)
    ]
    phrase = server.message("Phrase", onset_s=0.0, offset_s=0.5 * NOTES, notes=notes)
    melody = server.message("Melody", phrases=[phrase])
    voice = server.message("Voice", reference=server.message("Reference", melody=melody))
    yield request(start=server.message("SingStart", session_id="r", song=server.message("Song", voices=[voice])))
    yield request(anchor=server.message("ClockAnchor", session_id="r", playing=True))
    for first in range(0, len(pcm), 320):
        piece = pcm[first : first + 320].tobytes()
        chunk = {"session_id": "r", "first_sample": first, "sample_rate_hz": RATE_HZ, "pcm_s16le": piece}
        yield request(audio=server.message("PcmChunk", **chunk))
    yield request(end=server.message("SingEnd", session_id="r"))


@pytest.mark.parametrize("token", ["", "forged"])
async def test_who_has_no_token_sees_the_methods_and_may_call_none(judges: Path, take: Path, token: str) -> None:
    def talk() -> grpc.StatusCode:
        server = connected(judges, "analysis", token)
        request = server.message("TrackPitchRequest", audio_file=take.read_bytes())
        try:
            server.call("TesterService", "TrackPitch", request)
        except grpc.RpcError as refusal:
            return refusal.code()
        finally:
            server.close()
        return grpc.StatusCode.OK

    assert await asyncio.to_thread(talk) is grpc.StatusCode.UNAUTHENTICATED


async def example(folder: Path, token: str, *arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, the JSON lines, and standard error of the example client."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLE,
        *("--data-dir", folder, "--token", token),
        *map(str, arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, [json.loads(line) for line in out.splitlines()], err.decode()


@pytest.mark.usefixtures("song")
async def test_the_example_client_tracks_scores_aligns_and_sings(judges: Path, take: Path, token: str) -> None:
    code, frames, error = await example(judges, token, "pitch", take, "--live-engine")
    assert (code, error) == (0, "")
    assert frames[12]["f0_hz"] == pytest.approx(261.6, rel=0.005)
    assert frames[1]["time_s"] == pytest.approx(0.02)
    code, [verdict], _ = await example(judges, token, "score", take, "--song", "scale", "--level", "strict")
    assert code == 0
    assert (verdict["level"], verdict["pitch"] >= 95) == ("LEVEL_STRICT", True)
    code, [alignment], _ = await example(judges, token, "align", take, "--reference", take)
    assert code == 0
    assert len(alignment["onsets"]) == NOTES
    code, judgements, _ = await example(judges, token, "sing", take, "--song", "scale", "--fast")
    assert code == 0
    assert judgements[-1]["ended"]["score"]["pitch"] >= 95


async def test_the_example_client_says_what_is_wrong(judges: Path, take: Path, token: str, tmp_path: Path) -> None:
    code, lines, error = await example(judges, "", "pitch", take)
    assert (code, lines) == (2, [])
    assert "no token" in error
    (tmp_path / "words.wav").write_text("no sound")
    code, lines, error = await example(judges, token, "pitch", tmp_path / "words.wav")
    assert (code, lines) == (1, [])
    assert error.startswith("error: INVALID_ARGUMENT: audio_file: ")
    code, lines, error = await example(tmp_path / "nowhere", token, "pitch", take)
    assert (code, lines) == (2, [])
    assert "no house runs" in error
