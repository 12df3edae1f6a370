"""`make bench-jobs`: what durability costs: a job beside the judging without one, a step, a start, on both stores."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from dbos import DBOS, SetWorkflowID, WorkflowHandle
from voicejury.v1 import analysis_pb2

from inference.analysis.judging import JudgeTools, judge, rules_of, sung_take
from inference.analysis.jury.speaking import Audience, speak_now
from inference.analysis.warm import warm_up
from inference.jobs.durable import DurableJobs, JobSettings
from inference.jobs.queues import DEFAULT
from inference.jobs.stages import Bench
from inference.jobs.takes import TakeStore
from inference.models.estimators import build_estimator
from tests.bench.figures import Figure
from tests.contract.signaling_stage import new_database
from tests.contract.test_analysis_service import song, sung, write_take
from tests.support.servers import postgres_server

ROUNDS = 7
STEPS = 100
SOUND_S = 5.0
TAKES_S = (10.0, 60.0)


def _request(session_id: str) -> analysis_pb2.JudgeRequest:
    take_key = f"{session_id}/take.spool"
    return analysis_pb2.JudgeRequest(session_id=session_id, take_key=take_key, song=song(), language="fr")


def _plain_s(takes: TakeStore, tools: JudgeTools, session_id: str) -> float:
    """The same work without a job."""
    began_s = time.perf_counter()
    taken = sung_take(takes.take(f"{session_id}/take.spool"))
    verdict = judge(taken, song(), tools, rules_of(0))
    verdict.jury.extend(speak_now(verdict, Audience(), taken.digest))
    takes.keep_verdict(session_id, verdict)
    return time.perf_counter() - began_s


async def _job_s(jobs: DurableJobs, session_id: str) -> float:
    began_s = time.perf_counter()
    async for event in jobs.follow(await jobs.submit(_request(session_id))):
        if event.HasField("verdict"):
            return time.perf_counter() - began_s
    raise RuntimeError("the job ended without a verdict")


async def measure_overhead(
    folder: Path, store_url: str, tools: JudgeTools, take_s: float, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Median seconds of a judging without a job and with one, turn by turn on takes of the same sound."""
    takes = TakeStore((folder / "takes").as_uri())
    jobs = DurableJobs(JobSettings(store_url), Bench(takes, tools, None))
    await jobs.open()
    plain_s, job_s = [], []
    try:
        for turn in range(rounds):
            names = [f"{kind}-{take_s:.0f}-{turn}" for kind in ("plain", "job")]
            for name in names:
                write_take(folder / "takes" / name, np.tile(sung(), round(take_s / SOUND_S)))
            plain_s.append(await asyncio.to_thread(_plain_s, takes, tools, names[0]))
            job_s.append(await _job_s(jobs, names[1]))
    finally:
        await jobs.close()
    return float(np.median(plain_s)), float(np.median(job_s))


async def measure_store(folder: Path, store_url: str, tools: JudgeTools) -> dict[str, float]:
    """Milliseconds: the launch; an empty step; a start at once; a start by way of the queue."""
    jobs = DurableJobs(JobSettings(store_url), Bench(TakeStore((folder / "takes").as_uri()), tools, None))
    began_s = time.perf_counter()
    await jobs.open()
    launch_ms = 1000 * (time.perf_counter() - began_s)
    try:
        return {"launch": launch_ms, **await asyncio.to_thread(_measured)}
    finally:
        await jobs.close()


def _measured() -> dict[str, float]:
    started: dict[str, float] = {}

    @DBOS.workflow(name="empty_steps")
    def empty_steps() -> None:
        for _ in range(STEPS):
            DBOS.run_step({"name": "empty"}, int)

    @DBOS.workflow(name="note_start")
    def note_start(name: str) -> None:
        started[name] = time.perf_counter()

    def wait_ms(name: str, begin: Callable[[str], WorkflowHandle[None]]) -> float:
        began_s = time.perf_counter()
        with SetWorkflowID(name):
            handle = begin(name)
        handle.get_result(polling_interval_sec=0.05)
        return 1000 * (started[name] - began_s)

    began_s = time.perf_counter()
    empty_steps()
    step_ms = 1000 * (time.perf_counter() - began_s) / STEPS
    at_once = [wait_ms(f"at-once-{turn}", lambda name: DBOS.start_workflow(note_start, name)) for turn in range(ROUNDS)]
    queued = [
        wait_ms(f"queued-{turn}", lambda name: DBOS.enqueue_workflow(DEFAULT, note_start, name))
        for turn in range(ROUNDS)
    ]
    return {
        "empty step": step_ms,
        "start at once": float(np.median(at_once)),
        "start by way of the queue": float(np.median(queued)),
    }


async def figures(folder: Path, name: str, store_url: str, tools: JudgeTools) -> list[Figure]:
    out = [Figure(f"{name}: {what}", ms, "ms") for what, ms in (await measure_store(folder, store_url, tools)).items()]
    for take_s in TAKES_S:
        plain_s, job_s = await measure_overhead(folder / name, store_url, tools, take_s)
        out.append(Figure(f"{name}: take of {take_s:.0f} s without a job", 1000 * plain_s, "ms"))
        out.append(Figure(f"{name}: the job on top of it", 1000 * (job_s - plain_s), "ms"))
    return out


async def main() -> None:
    tools = JudgeTools(build_estimator("tiny", 2), None, "not looked for")
    warm_up(tools)
    with tempfile.TemporaryDirectory() as name, postgres_server() as cluster:
        folder = Path(name)
        found = await figures(folder, "sqlite", f"sqlite:///{folder / 'jobs.db'}", tools)
        found += await figures(folder, "postgresql", await new_database(cluster), tools)
    for figure in found:
        print(f"{figure.name:50} {figure.value:10.1f} {figure.unit}")


if __name__ == "__main__":
    asyncio.run(main())
