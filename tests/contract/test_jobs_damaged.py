"""A take whose file has lost its beginning ends with that reason, and is left as it was found."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from voicejury.spool import SpoolWriter
from voicejury.v1 import analysis_pb2, audio_pb2

from inference.analysis.judging import JudgeTools
from inference.errors import TakeDamagedError, TakeMissingError
from inference.jobs.durable import DurableJobs, JobSettings
from inference.jobs.stages import Bench
from inference.jobs.takes import SPOOL_FILE, TakeStore
from inference.models.estimators import build_estimator
from media_server.take import seal_spool
from tests.contract.test_analysis_service import RATE_HZ, song, sung, write_take


class Sealing:
    """Seals as the media server does, without a network between."""

    def __init__(self, takes_dir: Path) -> None:
        self._takes_dir = takes_dir

    def close(self, session_id: str) -> str:
        return seal_spool(self._takes_dir, session_id).take_key


@pytest.fixture
async def jobs(tmp_path: Path) -> AsyncIterator[DurableJobs]:
    takes = tmp_path / "takes"
    tools = JudgeTools(build_estimator("tiny", 1), None, "not looked for")
    bench = Bench(TakeStore(takes.as_uri()), tools, Sealing(takes))
    engine = DurableJobs(JobSettings(f"sqlite:///{tmp_path / 'jobs.db'}"), bench)
    await engine.open()
    yield engine
    await engine.close()


async def judged(jobs: DurableJobs, session_id: str) -> analysis_pb2.JudgeEvent:
    job_id = await jobs.submit(analysis_pb2.JudgeRequest(session_id=session_id, song=song(), language="fr"))
    async with asyncio.timeout(120):
        return [event async for event in jobs.follow(job_id)][-1]


def damaged(folder: Path, at: int = 10) -> Path:
    """One byte of it; the tenth belongs to its header."""
    write_take(folder, sung())
    spool = folder / SPOOL_FILE
    data = bytearray(spool.read_bytes())
    data[at] ^= 0xFF
    spool.write_bytes(data)
    return spool


async def test_a_take_that_lost_its_beginning_is_damaged_and_not_cut_off(jobs: DurableJobs, tmp_path: Path) -> None:
    spool = damaged(tmp_path / "takes" / "s1")
    before = spool.read_bytes()
    with pytest.raises(TakeDamagedError, match="has lost its beginning"):
        await judged(jobs, "s1")
    assert spool.read_bytes() == before


async def test_a_take_that_was_sealed_before_the_jury_came_is_damaged_and_not_cut_off(
    jobs: DurableJobs, tmp_path: Path
) -> None:
    spool = damaged(tmp_path / "takes" / "s2")
    before = spool.read_bytes()
    assert seal_spool(tmp_path / "takes", "s2").take_key == "s2/take.spool"
    with pytest.raises(TakeDamagedError):
        await judged(jobs, "s2")
    assert spool.read_bytes() == before


async def test_a_take_that_is_damaged_further_on_is_judged_by_what_can_be_read(
    jobs: DurableJobs, tmp_path: Path
) -> None:
    spool = damaged(tmp_path / "takes" / "s6", at=20_000)
    before = spool.read_bytes()
    verdict = (await judged(jobs, "s6")).verdict
    assert verdict.pitch >= 90
    assert spool.read_bytes() == before


async def test_a_take_without_a_sound_and_an_empty_file_were_not_sung(jobs: DurableJobs, tmp_path: Path) -> None:
    writer = SpoolWriter(tmp_path / "takes" / "s3" / SPOOL_FILE)
    header = audio_pb2.TakeHeader(session_id="s3", song_id="x", sample_rate_hz=RATE_HZ)
    writer.append(audio_pb2.TakeRecord(header=header))
    writer.close()
    (tmp_path / "takes" / "s4").mkdir()
    (tmp_path / "takes" / "s4" / SPOOL_FILE).touch()
    for session_id in ("s3", "s4", "no-file"):
        with pytest.raises(TakeMissingError, match="nothing was sung"):
            await judged(jobs, session_id)


async def test_a_whole_take_is_sealed_and_judged(jobs: DurableJobs, tmp_path: Path) -> None:
    write_take(tmp_path / "takes" / "s5", sung(), sealed=False)
    assert (await judged(jobs, "s5")).verdict.pitch >= 95
