"""A process that is stopped in order (SIGTERM) fails no take: whatever runs is left to the next process."""

import asyncio
from pathlib import Path

import pytest

from inference.jobs.stages import Stage
from tests.contract.test_jobs_killed import request, take, told
from tests.support.house import free_port
from tests.support.killable_analysis import EVERY_STEP, JobRows, analysis

STOP_S = 60.0
REPEATS = 48  # of the song's sound: a stage that is not over before the stop is heard


@pytest.mark.parametrize("stage", [Stage.CLOSE, Stage.SEPARATE, Stage.PITCH])
async def test_a_stop_fails_no_take_and_the_next_process_judges_it(
    stage: Stage, rows: JobRows, store_url: str, tmp_path: Path
) -> None:
    """Stopped while it asks a media server that is away, waits for another process's stage, or computes."""
    wanted = take(tmp_path, "stopped", REPEATS)
    settings = {"jobs_url": store_url, "job_lease_s": "2"}
    odd = {
        Stage.CLOSE: {"media_url": f"127.0.0.1:{free_port()}", "close_patience_s": "600"},
        Stage.SEPARATE: {"job_queues": "default"},
        Stage.PITCH: {},
    }[stage]
    if stage is Stage.CLOSE:
        wanted.take_key = ""
    with analysis(tmp_path / "data", **settings, **odd) as stopped:
        await stopped.ready()
        watching = asyncio.create_task(stopped.judge(wanted))
        if stage is Stage.SEPARATE:
            await rows.until_steps("stopped", [Stage.CLOSE.value])
        else:
            await rows.until("stopped", stage=stage.value, is_busy=True)
        stopped.process.terminate()
        assert await asyncio.to_thread(stopped.process.wait, STOP_S) == 0
        await asyncio.gather(watching, return_exceptions=True)
    row = rows.job("stopped")
    assert row is not None
    assert (row["state"], row["error_text"], row["faults"]) == ("running", None, 0)
    if stage is Stage.CLOSE:
        return  # nobody ever seals this take
    with analysis(tmp_path / "data", **settings) as following:
        await following.ready()
        assert (await told(following, request("stopped"))).session_id == "stopped"
        assert rows.steps("stopped") == EVERY_STEP
        row = rows.job("stopped")
        assert row is not None
        assert (row["state"], row["faults"]) == ("done", 0)
