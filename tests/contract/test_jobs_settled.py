"""A job whose row and workflow disagree, because a process died between the two, is settled by whoever looks."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from dbos import DBOS, SetWorkflowID
from voicejury.v1 import analysis_pb2

from inference.analysis.judging import JudgeTools
from inference.errors import InferenceError, JobFailedError
from inference.jobs.durable import DurableJobs, JobSettings
from inference.jobs.running import Running
from inference.jobs.stages import Bench
from inference.jobs.store import JobStore
from inference.jobs.tables import open_tables
from inference.jobs.takes import TakeStore
from inference.models.estimators import build_estimator
from tests.contract.test_analysis_service import song, sung, write_take

LONG_MS = 100_000_000


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    tools = JudgeTools(build_estimator("tiny", 1), None, "not looked for")
    return Bench(TakeStore((tmp_path / "takes").as_uri()), tools, None)


@pytest.fixture
async def jobs(tmp_path: Path, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DurableJobs]:
    monkeypatch.setattr("inference.jobs.left.SILENT_MS", 0)
    monkeypatch.setattr("inference.jobs.lease.ORPHANS_S", 0.1)
    engine = DurableJobs(JobSettings(store_url(tmp_path), lease_s=1.0), bench)
    await engine.open()
    yield engine
    await engine.close()


def store_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'jobs.db'}"


async def last(jobs: DurableJobs, job_id: str) -> analysis_pb2.JudgeEvent:
    async with asyncio.timeout(60):
        return [event async for event in jobs.follow(job_id)][-1]


def request(session_id: str) -> analysis_pb2.JudgeRequest:
    take_key = f"{session_id}/take.spool"
    return analysis_pb2.JudgeRequest(session_id=session_id, take_key=take_key, song=song(), language="fr")


async def test_a_job_that_was_written_down_but_never_begun_is_begun(
    jobs: DurableJobs, bench: Bench, tmp_path: Path
) -> None:
    write_take(tmp_path / "takes" / "s1", sung())
    store = JobStore(open_tables(store_url(tmp_path)))
    Running(store, None, bench, "nobody").keep_request("s1", request("s1"))  # type: ignore[arg-type]  # unused
    assert store.add("s1", "s1", 0)
    assert (await last(jobs, "s1")).verdict.pitch >= 95
    store.dispose()


async def test_a_job_whose_workflow_broke_unnoticed_fails_and_is_told(jobs: DurableJobs, tmp_path: Path) -> None:
    store = JobStore(open_tables(store_url(tmp_path)))

    @DBOS.workflow(name="breaks")
    def breaks() -> None:
        raise ValueError("unnoticed")

    def run() -> None:
        with SetWorkflowID("s2"):
            DBOS.start_workflow(breaks)

    await asyncio.to_thread(run)
    assert store.add("s2", "s2", 0)
    with pytest.raises(JobFailedError, match="the judge failed"):
        await last(jobs, "s2")
    store.dispose()


async def test_jobs_that_are_over_since_long_are_forgotten(jobs: DurableJobs, tmp_path: Path) -> None:
    write_take(tmp_path / "takes" / "s3", sung())
    job_id = await jobs.submit(request("s3"))
    assert (await last(jobs, job_id)).HasField("verdict")
    store = JobStore(open_tables(store_url(tmp_path)))
    assert store.forget_jobs(LONG_MS) == []
    assert store.forget_jobs(-1000) == ["s3"]
    store.dispose()


async def test_a_take_that_is_gone_ends_its_job_with_that_reason(jobs: DurableJobs) -> None:
    job_id = await jobs.submit(request("s4"))
    with pytest.raises(InferenceError, match="no take under that key"):
        await last(jobs, job_id)


@pytest.mark.parametrize("left", [b"", bytes(400)])
async def test_a_verdict_whose_bytes_never_reached_the_disk_is_none_and_the_take_is_judged_again(
    jobs: DurableJobs, bench: Bench, tmp_path: Path, left: bytes
) -> None:
    write_take(tmp_path / "takes" / "s5", sung())
    told = (await last(jobs, await jobs.submit(request("s5")))).verdict
    (tmp_path / "takes" / "s5" / "verdict.pb").write_bytes(left)
    assert bench.takes.verdict("s5") is None
    with pytest.raises(JobFailedError, match="lost on the disk"):
        await last(jobs, await jobs.submit(request("s5")))
    again = request("s5")
    again.attempt = 1
    assert (await last(jobs, await jobs.submit(again))).verdict.total == told.total
    assert bench.takes.verdict("s5") is not None
