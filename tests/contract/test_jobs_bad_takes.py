"""Takes with nothing or far too much in them, and a disk that fills up in mid-judging: a verdict or a clear reason."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc
import numpy as np
import pytest
from pydantic import SecretStr
from voicejury.rpc import client_channel
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc

from inference.service.config import Settings
from inference.service.server import Role, running
from tests.contract.test_analysis_service import RATE_HZ, SECRET, metadata, song, sung, write_take
from tests.support.small_disk import small_disk

ROOM_BYTES = 12 * 1024  # for a request, but not for a pitch track


@asynccontextmanager
async def judge(folder: Path, takes: Path) -> "AsyncIterator[analysis_pb2_grpc.AnalysisServiceAsyncStub]":
    settings = Settings(
        secret=SecretStr(SECRET),
        data_dir=folder,
        audio_url=takes.as_uri(),
        final_pitch="tiny",
        whisper_model=None,
        database_url="",
    )
    async with running(Role.ANALYSIS, settings) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield analysis_pb2_grpc.AnalysisServiceStub(channel)


async def last(
    stub: "analysis_pb2_grpc.AnalysisServiceAsyncStub", session_id: str, attempt: int = 0
) -> analysis_pb2.JudgeEvent:
    request = analysis_pb2.JudgeRequest(
        session_id=session_id, take_key=f"{session_id}/take.spool", song=song(), attempt=attempt
    )
    return [event async for event in stub.Judge(request, metadata=metadata(), timeout=200)][-1]


async def test_takes_of_silence_of_noise_too_short_and_too_long_get_their_verdicts(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    sounds = {
        "silence": np.zeros(5 * RATE_HZ, np.float32),
        "noise": rng.normal(0, 0.2, 5 * RATE_HZ).astype(np.float32),
        "two-seconds": sung()[: 2 * RATE_HZ],
        "twenty-minutes": np.concatenate([sung(), np.zeros(1195 * RATE_HZ, np.float32)]),
    }
    for name, sound in sounds.items():
        write_take(tmp_path / "takes" / name, sound)
    async with judge(tmp_path, tmp_path / "takes") as stub:
        verdicts = {name: (await last(stub, name)).verdict for name in sounds}
    for name, verdict in verdicts.items():
        assert len(verdict.jury) == 3, name
        assert (tmp_path / "takes" / name / "verdict.pb").is_file(), name
    assert verdicts["silence"].total <= 2
    assert verdicts["noise"].total <= 10
    assert verdicts["two-seconds"].pitch < verdicts["twenty-minutes"].pitch
    assert verdicts["twenty-minutes"].pitch >= 95


def fill(disk: Path) -> Path:
    """Takes all room but a little."""
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass
    with filler.open("rb+") as file:
        file.truncate(filler.stat().st_size - ROOM_BYTES)
    return filler


async def test_a_full_disk_is_waited_for_then_told_and_the_take_is_judged_once_there_is_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "takes", "1m") as disk:
        for name in ("soon", "late"):
            write_take(disk / name, sung())
        async with judge(tmp_path, disk) as stub:
            filler = fill(disk)
            waiting = asyncio.create_task(last(stub, "soon"))
            await asyncio.sleep(2.0)
            assert not waiting.done()
            filler.unlink()
            assert (await waiting).verdict.pitch >= 95

            filler = fill(disk)
            began_s = time.monotonic()
            with pytest.raises(grpc.aio.AioRpcError, match="no room on the disk") as failed:
                await last(stub, "late")
            assert time.monotonic() - began_s > 5
            assert failed.value.code() is grpc.StatusCode.FAILED_PRECONDITION
            filler.unlink()
            with pytest.raises(grpc.aio.AioRpcError, match="no room on the disk"):
                await last(stub, "late")
            assert (await last(stub, "late", attempt=1)).verdict.pitch >= 95
