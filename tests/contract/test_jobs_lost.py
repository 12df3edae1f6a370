"""The moment between another process's claim of a job and its workflow's place in the queue: whoever held it wakes up.

A claim without more is also what a process leaves that dies in this moment.
"""

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from dbos import DBOS
from voicejury.v1 import analysis_pb2, verdict_pb2

from inference.analysis.judging import JudgeTools
from inference.errors import JobFailedError, TakeError
from inference.jobs.durable import DurableJobs, JobSettings
from inference.jobs.queues import DEFAULT
from inference.jobs.stages import Bench
from inference.jobs.store import Job, JobStore
from inference.jobs.tables import open_tables
from inference.jobs.takes import TakeStore
from inference.models.estimators import build_estimator
from tests.contract.test_analysis_service import song, sung, write_take
from tests.support.killable_analysis import EVERY_STEP, JobRows

WAIT_S = 60.0
LEFT_ALONE = "another process has taken it up: it is left alone"


@dataclass
class Pause:
    """A stage comes here once and waits until it is let on; afterwards nothing stops it."""

    came: threading.Event = field(default_factory=threading.Event)
    may_go: threading.Event = field(default_factory=threading.Event)
    breaks: bool = False

    def stop(self) -> None:
        if not self.came.is_set():
            self.came.set()
            assert self.may_go.wait(WAIT_S)
            if self.breaks:
                raise TakeError("the take cannot be closed")

    async def reached(self) -> None:
        assert await asyncio.to_thread(self.came.wait, WAIT_S)


class PausedClose:
    """In the first stage."""

    def __init__(self, pause: Pause) -> None:
        self._pause = pause

    def close(self, session_id: str) -> str:
        self._pause.stop()
        return f"{session_id}/take.spool"


class PausedTakes(TakeStore):
    """In the last stage, behind which only the job's own end comes."""

    def __init__(self, url: str, pause: Pause) -> None:
        super().__init__(url)
        self._pause = pause

    def keep_verdict(self, session_id: str, verdict: verdict_pb2.Verdict) -> None:
        super().keep_verdict(session_id, verdict)
        self._pause.stop()


def paused_at_the_beginning(url: str, pause: Pause) -> Bench:
    tools = JudgeTools(build_estimator("tiny", 1), None, "not looked for")
    return Bench(TakeStore(url), tools, PausedClose(pause))


def paused_at_the_end(url: str, pause: Pause) -> Bench:
    tools = JudgeTools(build_estimator("tiny", 1), None, "not looked for")
    never = Pause()
    never.came.set()
    return Bench(PausedTakes(url, pause), tools, PausedClose(never))


AT_BOTH_ENDS = pytest.mark.parametrize("bench_of", [paused_at_the_beginning, paused_at_the_end])


@pytest.fixture
def store(store_url: str) -> Iterator[JobStore]:
    """Of another process."""
    opened = JobStore(open_tables(store_url))
    yield opened
    opened.dispose()


@asynccontextmanager
async def judging(
    bench: Bench, store_url: str, tmp_path: Path, session_id: str = "s"
) -> AsyncIterator[tuple[DurableJobs, str]]:
    """A process that works on this take."""
    write_take(tmp_path / "takes" / session_id, sung())
    jobs = DurableJobs(JobSettings(store_url, lease_s=1.0), bench)
    await jobs.open()
    try:
        request = analysis_pb2.JudgeRequest(session_id=session_id, song=song(), language="fr")
        yield jobs, await jobs.submit(request)
    finally:
        await jobs.close()


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.jobs.left.SILENT_MS", 500)
    monkeypatch.setattr("inference.jobs.lease.ORPHANS_S", 0.1)


async def claimed(store: JobStore, job_id: str) -> Job:
    """By the process whose `store` this is."""
    job = await asyncio.to_thread(store.find, job_id)
    assert job is not None
    assert store.claim(job, {"holder": None, "is_busy": False})
    return job


async def told(jobs: DurableJobs, job_id: str) -> list[analysis_pb2.JudgeEvent]:
    async with asyncio.timeout(WAIT_S):
        return [event async for event in jobs.follow(job_id)]


async def last(jobs: DurableJobs, job_id: str) -> verdict_pb2.Verdict:
    return (await told(jobs, job_id))[-1].verdict


async def until(happened: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not await asyncio.to_thread(happened):
        assert time.monotonic() < deadline_s
        await asyncio.sleep(0.02)


def outcome(rows: JobRows, job_id: str) -> tuple[object, ...]:
    row = rows.job(job_id) or {}
    return row.get("state"), row.get("runs"), row.get("faults"), row.get("error_text")


def status(job_id: str) -> str:
    workflow = DBOS.get_workflow_status(job_id)
    return workflow.status if workflow is not None else ""


@AT_BOTH_ENDS
@pytest.mark.parametrize("breaks", [False, True])
async def test_who_wakes_up_before_the_claimer_has_queued_the_job_does_not_end_it(
    bench_of: Callable[[str, Pause], Bench],
    breaks: bool,
    rows: JobRows,
    store: JobStore,
    store_url: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    pause = Pause(breaks=breaks)
    async with judging(bench_of((tmp_path / "takes").as_uri(), pause), store_url, tmp_path) as (jobs, job_id):
        await pause.reached()
        await claimed(store, job_id)
        pause.may_go.set()
        await until(lambda: LEFT_ALONE in caplog.text)
        await until(lambda: not jobs._board.running)
        await asyncio.to_thread(DBOS.resume_workflow, job_id, queue_name=DEFAULT)
        assert (await last(jobs, job_id)).pitch >= 95
        await until(lambda: status(job_id) == "SUCCESS")
    assert outcome(rows, job_id) == ("done", 1, 0, None)
    assert rows.steps(job_id) == EVERY_STEP


@AT_BOTH_ENDS
@pytest.mark.usefixtures("soon")
async def test_a_job_whose_claimer_died_before_it_was_queued_is_taken_up_once_more(
    bench_of: Callable[[str, Pause], Bench], rows: JobRows, store: JobStore, store_url: str, tmp_path: Path
) -> None:
    pause = Pause()
    async with judging(bench_of((tmp_path / "takes").as_uri(), pause), store_url, tmp_path) as (jobs, job_id):
        await pause.reached()
        await claimed(store, job_id)
        pause.may_go.set()
        assert (await last(jobs, job_id)).pitch >= 95
        await until(lambda: status(job_id) == "SUCCESS")
    assert outcome(rows, job_id) == ("done", 2, 0, None)
    assert rows.steps(job_id) == EVERY_STEP


@AT_BOTH_ENDS
async def test_a_claimer_that_slept_and_queues_a_job_that_runs_again_meanwhile_makes_no_second_verdict(
    bench_of: Callable[[str, Pause], Bench], rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    pause = Pause()
    async with judging(bench_of((tmp_path / "takes").as_uri(), pause), store_url, tmp_path) as (jobs, job_id):
        events = asyncio.create_task(told(jobs, job_id))
        await pause.reached()
        await asyncio.to_thread(DBOS.resume_workflow, job_id, queue_name=DEFAULT)
        verdict = await last(jobs, job_id)
        kept = (tmp_path / "takes" / "s" / "verdict.pb").read_bytes()
        pause.may_go.set()
        await until(lambda: status(job_id) == "SUCCESS")
        ends = [event for event in await events if event.HasField("verdict")]
        assert [end.verdict for end in ends] == [verdict]
        assert (tmp_path / "takes" / "s" / "verdict.pb").read_bytes() == kept
    assert outcome(rows, job_id) == ("done", 0, 0, None)
    assert rows.steps(job_id) == EVERY_STEP


@pytest.mark.usefixtures("soon")
async def test_who_wakes_up_to_a_job_that_is_over_tells_nothing_more_and_its_workflow_ends(
    rows: JobRows, store: JobStore, store_url: str, tmp_path: Path
) -> None:
    pause = Pause()
    bench = paused_at_the_beginning((tmp_path / "takes").as_uri(), pause)
    async with judging(bench, store_url, tmp_path) as (jobs, job_id):
        await pause.reached()
        job = await asyncio.to_thread(store.find, job_id)
        assert job is not None
        assert store.fail(job, "JobFailedError", "this take broke the judge 3 times")
        over = rows.job(job_id)
        pause.may_go.set()
        await until(lambda: status(job_id) == "CANCELLED")
        with pytest.raises(JobFailedError, match="3 times"):
            await last(jobs, job_id)
    assert rows.job(job_id) == over
    assert not (tmp_path / "takes" / "s" / "verdict.pb").exists()


async def test_a_stage_that_breaks_because_its_process_stops_is_the_next_ones_to_do(
    rows: JobRows, store: JobStore, store_url: str, tmp_path: Path
) -> None:
    pause = Pause(breaks=True)
    bench = paused_at_the_beginning((tmp_path / "takes").as_uri(), pause)
    async with judging(bench, store_url, tmp_path) as (_, job_id):
        await pause.reached()
        stopping = threading.Thread(target=go_on_when_it_leaves, args=(store, pause))
        stopping.start()
    stopping.join(WAIT_S)
    jobs = DurableJobs(JobSettings(store_url, lease_s=1.0), bench)
    await jobs.open()
    try:
        assert (await last(jobs, job_id)).pitch >= 95
    finally:
        await jobs.close()
    assert outcome(rows, job_id) == ("done", 1, 0, None)


def go_on_when_it_leaves(store: JobStore, pause: Pause) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not all(executor.has_left for executor in store.executors()):
        assert time.monotonic() < deadline_s
        time.sleep(0.001)
    pause.may_go.set()
