"""AnalysisService.Follow over real gRPC, on a spool that grows, and the verdict of a take that was followed."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
import pytest_asyncio
from pydantic import SecretStr
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, verdict_pb2

from inference.service.config import Settings
from inference.service.server import Role, running
from tests.contract.test_analysis_service import SECRET, song, sung
from tests.support.growing_spool import GrowingSpool

PATIENCE_S = 60.0
Metadata = tuple[tuple[str, str], ...]


def settings(folder: Path, follow_takes: int = 2) -> Settings:
    return Settings(secret=SecretStr(SECRET), data_dir=folder, final_pitch="auto", follow_takes=follow_takes)


@pytest_asyncio.fixture
async def channel(tmp_path: Path) -> AsyncIterator[grpc.aio.Channel]:
    async with running(Role.ANALYSIS, settings(tmp_path)) as (port, _), client_channel(f"127.0.0.1:{port}") as channel:
        yield channel


def metadata(scope: Scope = Scope.SERVICE) -> Metadata:
    return bearer_metadata(mint(SECRET, scope, "test", 60))


def growing(folder: Path, session_id: str) -> GrowingSpool:
    samples = np.tile(sung(), 4)
    return GrowingSpool(folder / "takes", session_id, samples, np.ones(len(samples), np.bool_))


async def followed(channel: grpc.aio.Channel, session_id: str) -> list[analysis_pb2.FollowEvent]:
    request = analysis_pb2.FollowRequest(session_id=session_id, song=song())
    call = analysis_pb2_grpc.AnalysisServiceStub(channel).Follow(request, metadata=metadata(), timeout=PATIENCE_S)
    return [event async for event in call]


async def judged(channel: grpc.aio.Channel, session_id: str) -> verdict_pb2.Verdict:
    request = analysis_pb2.JudgeRequest(
        session_id=session_id, take_key=f"{session_id}/take.spool", song=song(), language="fr"
    )
    call = analysis_pb2_grpc.AnalysisServiceStub(channel).Judge(request, metadata=metadata(), timeout=PATIENCE_S)
    events = [event async for event in call]
    return events[-1].verdict


async def test_following_ends_with_the_take_and_the_verdict_is_that_of_a_take_that_nobody_followed(
    channel: grpc.aio.Channel, tmp_path: Path
) -> None:
    spools = growing(tmp_path, "with"), growing(tmp_path, "without")
    twice = [asyncio.create_task(followed(channel, "with")) for _ in range(2)]
    while spools[0].sung_s < 15.0:
        spools[0].sing(5.0)
        await asyncio.sleep(0.6)
    assert not any(call.done() for call in twice)
    for spool in spools:
        spool.seal()
    assert [await call for call in twice] == [[], []]
    verdicts = [await judged(channel, session_id) for session_id in ("with", "without")]
    for verdict in verdicts:
        verdict.session_id = ""
        assert len(verdict.jury) == 3
        del verdict.jury[:]  # it finds other words for another session
        assert verdict.pitch >= 20
    assert verdicts[0] == verdicts[1]
    assert (tmp_path / "takes" / "with" / "work" / "followed").stat().st_size > 10_000


async def test_who_leaves_does_not_end_it_and_may_come_back(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    spool = growing(tmp_path, "a")
    spool.sing(3.0)
    first = asyncio.create_task(followed(channel, "a"))
    await asyncio.sleep(0.3)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    again = asyncio.create_task(followed(channel, "a"))
    await asyncio.sleep(0.3)
    spool.seal()
    assert await again == []


async def test_one_too_many_is_refused_and_the_others_go_on(channel: grpc.aio.Channel, tmp_path: Path) -> None:
    spools = [growing(tmp_path, f"s{number}") for number in range(3)]
    for spool in spools:
        spool.sing(1.0)
    calls = [asyncio.create_task(followed(channel, f"s{number}")) for number in range(2)]
    await asyncio.sleep(0.5)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await followed(channel, "s2")
    assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    for spool in spools:
        spool.seal()
    assert [await call for call in calls] == [[], []]


@pytest.mark.parametrize("session_id", ["", "../etc", "a/b", "x" * 129])
async def test_a_name_that_is_no_session_is_refused(channel: grpc.aio.Channel, session_id: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await followed(channel, session_id)
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT


async def test_without_a_token_nothing_is_followed(channel: grpc.aio.Channel) -> None:
    call = analysis_pb2_grpc.AnalysisServiceStub(channel).Follow(analysis_pb2.FollowRequest(session_id="a"))
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        _ = [event async for event in call]
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_a_house_that_follows_nothing_says_so_and_judges_all_the_same(tmp_path: Path) -> None:
    async with (
        running(Role.ANALYSIS, settings(tmp_path, follow_takes=0)) as (port, _),
        client_channel(f"127.0.0.1:{port}") as channel,
    ):
        growing(tmp_path, "a").seal()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await followed(channel, "a")
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
        assert (await judged(channel, "a")).pitch >= 20
