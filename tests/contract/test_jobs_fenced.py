"""Who has lost a job ends nothing of it, and a stage that kills its workers is not tried for ever."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from inference.jobs.stages import Stage
from inference.jobs.store import Job, JobState, JobStore
from inference.jobs.tables import open_tables
from tests.contract.test_jobs_killed import ON_BOTH, ON_POSTGRESQL, request, take, told
from tests.support.killable_analysis import EVERY_STEP, WAIT_S, Analysis, JobRows, analysis, freeze_within

PITCH, WORDS = Stage.PITCH.value, Stage.WORDS.value


@pytest.fixture
def stores(store_url: str) -> Iterator[tuple[JobStore, JobStore]]:
    """Of two processes: each with connections of its own."""
    first, second = JobStore(open_tables(store_url)), JobStore(open_tables(store_url))
    yield first, second
    first.dispose()
    second.dispose()


def found(store: JobStore, job_id: str = "s") -> Job:
    job = store.find(job_id)
    assert job is not None
    return job


@ON_BOTH
def test_who_was_away_while_another_took_the_job_up_neither_goes_on_with_it_nor_ends_it(
    stores: tuple[JobStore, JobStore],
) -> None:
    sleeper, survivor = stores
    assert sleeper.add("s", "s", 0)
    before = found(sleeper)
    assert sleeper.begin(before, PITCH, "sleeper", is_busy=True)
    assert survivor.claim(found(survivor), {"holder": None, "is_busy": False})
    mine = found(survivor)
    assert survivor.begin(mine, WORDS, "survivor", is_busy=True)
    as_it_is = found(survivor)
    assert not sleeper.begin(before, WORDS, "sleeper", is_busy=True)
    assert not sleeper.fail(before, "JobFailedError", "the judge failed")
    assert not sleeper.finish(before)
    sleeper.tell("s", "sleeper", {"fraction": 0.9})
    assert found(sleeper) == as_it_is
    assert survivor.finish(mine)
    assert not survivor.fail(mine, "JobFailedError", "too late")
    assert found(sleeper).state is JobState.DONE


@ON_BOTH
def test_of_two_who_find_a_stage_that_was_left_one_takes_it_and_its_worker_that_wakes_waits_in_vain(
    stores: tuple[JobStore, JobStore],
) -> None:
    one, other = stores
    assert one.add("s", "s", 0)
    assert one.begin_elsewhere("s", PITCH, "sleeper", is_busy=False, has_waited=False)
    seen_by_one, seen_by_other = found(one), found(other)
    time.sleep(0.01)  # the store's clock tells milliseconds
    assert one.claim_stage(seen_by_one, {"holder": None, "faults": 1})
    assert not other.claim_stage(seen_by_other, {"holder": None, "faults": 1})
    assert not other.fail_left(seen_by_other, "JobFailedError", "broke")
    assert other.begin_elsewhere("s", PITCH, "other", is_busy=True, has_waited=False)
    assert not one.begin_elsewhere("s", PITCH, "sleeper", is_busy=True, has_waited=True)
    job = found(one)
    assert (job.holder, job.faults, job.runs) == ("other", 1, 0)
    assert one.finish(seen_by_one)  # the job itself was never left


async def logged(process: Analysis, text: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while text not in process.log:
        assert time.monotonic() < deadline_s, process.log[-2000:]
        await asyncio.sleep(0.05)


async def held_by(process: Analysis, rows: JobRows, job_id: str) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while f"-{process.process.pid}-" not in ((rows.job(job_id) or {}).get("holder") or ""):
        assert time.monotonic() < deadline_s, rows.job(job_id)
        await asyncio.sleep(0.01)


async def test_a_process_that_slept_while_it_waited_for_its_turn_leaves_the_job_to_who_holds_it(
    rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    with analysis(data, jobs_url=store_url, job_lease_s="60") as sleeper:
        await sleeper.ready()
        first, second = take(tmp_path, "first"), take(tmp_path, "second")
        asked = [asyncio.create_task(sleeper.verdict(first))]
        await rows.until("first", stage=PITCH, is_busy=True)
        asked.append(asyncio.create_task(sleeper.verdict(second)))
        await rows.until("second", stage=PITCH, is_busy=False)
        sleeper.freeze()
        with analysis(data, jobs_url=store_url, job_lease_s="2") as survivor:
            await survivor.ready()
            await held_by(survivor, rows, "second")
            survivor.freeze()
            held = rows.job("second")
            sleeper.thaw()
            await logged(sleeper, "pitch of job second is left alone")
            assert rows.job("second") == held
            survivor.thaw()
            assert [(await told(survivor, one)).session_id for one in (first, second)] == ["first", "second"]
            await asyncio.gather(*asked)
            assert rows.steps("second") == EVERY_STEP


@ON_POSTGRESQL
async def test_a_stage_that_kills_its_worker_three_times_fails_the_take_whose_job_runs_elsewhere(
    rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    wanted = take(tmp_path, "poison")
    with (
        analysis(data, jobs_url=store_url, job_queues="default", job_lease_s="2") as plain,
        analysis(data, jobs_url=store_url, job_queues="gpu,gpu-heavy", job_lease_s="2") as gpu,
    ):
        await plain.ready()
        await gpu.ready()
        watching = asyncio.create_task(plain.verdict(wanted))
        for _ in range(3):
            await freeze_within(gpu, rows, "poison", PITCH)
            gpu.kill()
            await gpu.start().ready()
        with pytest.raises(grpc.aio.AioRpcError, match="broke the judge 3 times") as failed:
            await watching
        assert failed.value.code() is grpc.StatusCode.FAILED_PRECONDITION
        assert (await told(plain, request("poison", attempt=1))).session_id == "poison"
        assert rows.steps("poison.1") == EVERY_STEP
        row = rows.job("poison")
        assert row is not None
        assert (row["state"], row["runs"]) == ("failed", 0)
