"""`python -m inference --role reference` as the supervisor starts it: killed in the middle, stopped in the middle."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import grpc
import pytest
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import reference_pb2, reference_pb2_grpc

from inference.audio.recordings import STEREO_RATE_HZ
from tests.contract.singing import SECRET
from tests.contract.test_live_process import free_port, process, wait_until_serving
from tests.contract.test_reference_service import hash_of, hiss, tune
from tests.support.mixtures import write_wav

SERVICE = "voicejury.v1.ReferenceService"


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_a_service_that_ends_in_the_middle_leaves_no_half_song_and_its_successor_makes_it(
    tmp_path: Path, how: signal.Signals
) -> None:
    originals = tmp_path / "stems" / "originals"
    write_wav(originals / "voice.wav", tune(20.0))
    write_wav(originals / "backing.wav", hiss(20.0))
    request = reference_pb2.PrepareRequest(
        content_hash=hash_of("killed"), instrumental_key="originals/backing.wav", vocals_key="originals/voice.wav"
    )
    address = f"127.0.0.1:{free_port()}"
    settings = {"VOICEJURY_LISTEN": address, "VOICEJURY_FINAL_PITCH": "tiny"}
    with process(tmp_path, "reference", **settings) as first:
        await wait_until_serving(address, SERVICE)
        nicenesses: list[int] = []

        def in_the_middle() -> None:
            nicenesses.extend(
                os.getpriority(os.PRIO_PROCESS, int(tid)) for tid in os.listdir(f"/proc/{first.pid}/task")
            )
            first.send_signal(how)

        with pytest.raises(grpc.aio.AioRpcError):
            await prepared(address, request, in_the_middle)
        assert 15 in nicenesses  # who works
        assert os.getpriority(os.PRIO_PROCESS, os.getpid()) in nicenesses  # who answers
        first.communicate(timeout=120)
    assert not (tmp_path / "stems" / request.content_hash / "song.pb").exists()
    with process(tmp_path, "reference", **settings):
        await wait_until_serving(address, SERVICE)
        events = await prepared(address, request)
    assert events[-1].prepared.song.duration_s == pytest.approx(20.0)
    assert not events[-1].prepared.was_cached
    assert sorted(path.name for path in (tmp_path / "stems").iterdir()) == sorted(["originals", request.content_hash])
    vocals = tmp_path / "stems" / request.content_hash / "vocals.flac"
    assert vocals.stat().st_size > STEREO_RATE_HZ


async def prepared(
    address: str, request: reference_pb2.PrepareRequest, in_the_middle: Callable[[], None] | None = None
) -> list[reference_pb2.PrepareEvent]:
    """All events; `in_the_middle` is called once the pitch is looked for."""
    events = []
    async with client_channel(address) as channel:
        token = bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 600))
        call = reference_pb2_grpc.ReferenceServiceStub(channel).Prepare(request, metadata=token, timeout=120)
        async for event in call:
            events.append(event)
            if in_the_middle and event.progress.stage == reference_pb2.PREPARE_STAGE_PITCH:
                in_the_middle()
                in_the_middle = None
    return events
