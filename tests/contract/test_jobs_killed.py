"""A take's job outlives its process: kill -9 and SIGSTOP in mid-stage, on SQLite and on PostgreSQL."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import numpy as np
import pytest
from voicejury.v1 import analysis_pb2, verdict_pb2

from inference.jobs.stages import Stage
from tests.contract.test_analysis_service import song, sung, write_take
from tests.support.killable_analysis import EVERY_STEP, Analysis, JobRows, analysis, freeze_within

REPEATS = 8  # of the song's sound: a stage that lasts long enough to be hit

POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.servers)
ON_POSTGRESQL = pytest.mark.parametrize("store_url", [POSTGRESQL], indirect=True)
ON_BOTH = pytest.mark.parametrize("store_url", ["sqlite", POSTGRESQL], indirect=True)


@pytest.fixture
async def first(store_url: str, tmp_path: Path) -> AsyncIterator[Analysis]:
    with analysis(tmp_path / "data", jobs_url=store_url, job_lease_s="2") as process:
        yield await process.ready()


def take(tmp_path: Path, session_id: str, repeats: int = REPEATS) -> analysis_pb2.JudgeRequest:
    write_take(tmp_path / "data" / "takes" / session_id, np.tile(sung(), repeats))
    return request(session_id)


def request(session_id: str, attempt: int = 0) -> analysis_pb2.JudgeRequest:
    take_key = f"{session_id}/take.spool"
    return analysis_pb2.JudgeRequest(
        session_id=session_id, take_key=take_key, song=song(), language="fr", attempt=attempt
    )


def kept(tmp_path: Path, session_id: str) -> verdict_pb2.Verdict:
    return verdict_pb2.Verdict.FromString((tmp_path / "data" / "takes" / session_id / "verdict.pb").read_bytes())


def is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


async def told(process: Analysis, wanted: analysis_pb2.JudgeRequest) -> verdict_pb2.Verdict:
    return (await process.verdict(wanted)).verdict


async def test_a_killed_process_goes_on_at_the_unfinished_stage_and_gives_the_same_verdict(
    first: Analysis, rows: JobRows, tmp_path: Path
) -> None:
    unhurt, hurt = take(tmp_path, "unhurt"), take(tmp_path, "hurt")
    expected = await told(first, unhurt)
    watching = asyncio.create_task(first.verdict(hurt))
    await freeze_within(first, rows, "hurt", Stage.PITCH.value)
    first.kill()
    assert rows.steps("hurt") == [Stage.CLOSE, Stage.SEPARATE]
    await first.start().ready()
    found = (await watching).verdict
    assert kept(tmp_path, "hurt") == found
    assert rows.steps("hurt") == EVERY_STEP
    assert all(is_loopback(address) for address in first.spoken_to())
    row = rows.job("hurt")
    assert row is not None
    assert (row["state"], row["runs"], row["faults"]) == ("done", 1, 1)
    for verdict in (expected, found):
        verdict.ClearField("session_id")
        verdict.ClearField("jury")  # the session decides its words
    assert found == expected


@ON_BOTH
async def test_a_survivor_takes_a_frozen_workers_job_and_the_worker_that_wakes_up_changes_nothing(
    first: Analysis, rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    wanted = take(tmp_path, "frozen")
    watching = asyncio.create_task(first.verdict(wanted))
    await freeze_within(first, rows, "frozen", Stage.PITCH.value)
    with analysis(tmp_path / "data", jobs_url=store_url, job_lease_s="2") as survivor:
        await survivor.ready()
        found = await told(survivor, wanted)
        kept_bytes = (tmp_path / "data" / "takes" / "frozen" / "verdict.pb").read_bytes()
        first.thaw()
        assert (await watching).verdict == found
        assert await told(first, wanted) == found
        assert (tmp_path / "data" / "takes" / "frozen" / "verdict.pb").read_bytes() == kept_bytes
        assert rows.steps("frozen") == EVERY_STEP
        row = rows.job("frozen")
        assert row is not None
        assert (row["state"], row["runs"]) == ("done", 1)


async def test_a_take_that_breaks_its_judge_three_times_fails_and_is_judged_again_when_asked(
    first: Analysis, rows: JobRows, tmp_path: Path
) -> None:
    wanted = take(tmp_path, "poison")
    watching = asyncio.create_task(first.verdict(wanted))
    for fault in range(3):
        await rows.until("poison", runs=fault)
        await freeze_within(first, rows, "poison", Stage.PITCH.value)
        first.kill()
        await first.start().ready()
    with pytest.raises(grpc.aio.AioRpcError, match="broke the judge 3 times") as failed:
        await watching
    assert failed.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    with pytest.raises(grpc.aio.AioRpcError, match="broke the judge 3 times"):
        await told(first, wanted)
    assert (await told(first, request("poison", attempt=1))).session_id == "poison"
    assert rows.steps("poison.1") == EVERY_STEP


@ON_POSTGRESQL
async def test_two_processes_share_one_job_and_give_one_answer(
    first: Analysis, rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    wanted = take(tmp_path, "shared")
    with analysis(tmp_path / "data", jobs_url=store_url) as second:
        await second.ready()
        events = await asyncio.gather(first.judge(wanted), second.judge(wanted))
    assert events[0][-1].verdict == events[1][-1].verdict
    for told_events in events:
        kinds = [event.WhichOneof("event") for event in told_events if not event.HasField("progress")]
        assert kinds[-4:] == ["juror", "juror", "juror", "verdict"]
    assert rows.steps("shared") == EVERY_STEP
    row = rows.job("shared")
    assert row is not None
    assert row["runs"] == 0


@ON_POSTGRESQL
async def test_a_stage_goes_to_the_process_that_works_on_its_queue(store_url: str, tmp_path: Path) -> None:
    wanted = take(tmp_path, "routed")
    with (
        analysis(tmp_path / "data", jobs_url=store_url, job_queues="default") as plain,
        analysis(tmp_path / "data", jobs_url=store_url, job_queues="gpu,gpu-heavy") as gpu,
    ):
        await plain.ready()
        await gpu.ready()
        rows = JobRows(store_url)
        watching = asyncio.create_task(plain.judge(wanted))
        by = (await rows.until("routed", stage=Stage.PITCH.value, is_busy=True))["holder"]
        events = await watching
        assert events[-1].verdict.session_id == "routed"
        progress = [event.progress for event in events if event.HasField("progress")]
        assert analysis_pb2.JUDGE_STAGE_PITCH in [told.stage for told in progress]
        assert [told.fraction for told in progress] == sorted(told.fraction for told in progress)
        assert f"-{gpu.process.pid}-" in by
        row = rows.job("routed")
        assert row is not None
        assert f"-{plain.process.pid}-" in row["holder"]
        rows.close()
