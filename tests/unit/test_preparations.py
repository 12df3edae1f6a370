"""One preparation per content: shared, ended when nobody waits, told again to nobody."""

import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import pytest_asyncio
from voicejury.v1 import reference_pb2

from inference.errors import OverloadedError, PrepareError
from inference.service import preparations
from inference.service.preparations import Preparations, Tell
from inference.service.reference import STATUS_BY_CODE
from signaling.rtc.service_calls import PASSING

LINGER_S = 0.05


class Song:
    """Work in steps; each waits until it is let go."""

    def __init__(self, steps: int = 3) -> None:
        self.begun = 0
        self.ended = threading.Event()
        self.step = threading.Semaphore(0)
        self._steps = steps

    def __call__(self, tell: Tell) -> reference_pb2.PreparedSong:
        self.begun += 1
        try:
            for number in range(self._steps):
                assert self.step.acquire(timeout=60)
                progress = reference_pb2.PrepareProgress(fraction=number / self._steps)
                tell(reference_pb2.PrepareEvent(progress=progress))
            return reference_pb2.PreparedSong(separator="none")
        finally:
            self.ended.set()


@pytest_asyncio.fixture
async def shared() -> AsyncIterator[Preparations]:
    workers = ThreadPoolExecutor(1)
    yield Preparations(workers, LINGER_S)
    await asyncio.to_thread(workers.shutdown)


async def followed(shared: Preparations, work: Song, name: str = "a") -> list[reference_pb2.PrepareEvent]:
    return [event async for event in shared.follow(name, work)]


async def until_abandoned(shared: Preparations, name: str = "a") -> None:
    async with asyncio.timeout(60):
        while not shared._running[name].abandoned.is_set():  # noqa: ASYNC110 (a flag of threads)
            await asyncio.sleep(0.01)


async def test_whoever_asks_gets_the_one_result(shared: Preparations) -> None:
    song = Song()
    both = [asyncio.create_task(followed(shared, song)) for _ in range(2)]
    song.step.release(3)
    first, second = await asyncio.gather(*both)
    assert song.begun == 1
    assert first[-1].prepared == second[-1].prepared
    assert first[0].progress.stage == reference_pb2.PREPARE_STAGE_QUEUED


async def test_the_work_goes_on_for_who_stays(shared: Preparations) -> None:
    song = Song()
    leaving, staying = (asyncio.create_task(followed(shared, song)) for _ in range(2))
    await asyncio.sleep(0.02)
    leaving.cancel()
    await asyncio.sleep(2 * LINGER_S)
    song.step.release(3)
    assert (await staying)[-1].prepared.separator == "none"


async def test_the_work_ends_when_nobody_waits_and_begins_anew_for_the_next(shared: Preparations) -> None:
    song = Song()
    only = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(0.02)
    only.cancel()
    await until_abandoned(shared)
    song.step.release()
    assert await asyncio.to_thread(song.ended.wait, 60)
    await asyncio.sleep(0.02)
    again = Song()
    again.step.release(3)
    assert (await followed(shared, again))[-1].prepared.separator == "none"


async def test_who_comes_back_soon_finds_the_work_still_going_on(shared: Preparations) -> None:
    song = Song()
    first = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(0.02)
    first.cancel()
    second = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(2 * LINGER_S)
    song.step.release(3)
    assert (await second)[-1].prepared.separator == "none"
    assert song.begun == 1


async def test_who_comes_while_abandoned_work_still_ends_gets_a_new_one(shared: Preparations) -> None:
    song = Song()
    first = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(0.02)
    first.cancel()
    await until_abandoned(shared)
    late = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(0.02)
    song.step.release(6)
    assert (await late)[-1].prepared.separator == "none"
    assert song.begun == 2


async def test_an_error_reaches_everybody_and_is_not_kept(shared: Preparations) -> None:
    def fails(_tell: Tell) -> reference_pb2.PreparedSong:
        raise PrepareError("silent", "nothing can be heard")

    for _ in range(2):
        with pytest.raises(PrepareError, match="nothing can be heard"):
            async for _ in shared.follow("bad", fails):
                pass


async def test_a_fault_of_ours_is_told_without_its_inside(shared: Preparations) -> None:
    def breaks(_tell: Tell) -> reference_pb2.PreparedSong:
        raise ZeroDivisionError("secret path")

    with pytest.raises(PrepareError, match=r"^this recording breaks what prepares songs$") as told:
        async for _ in shared.follow("broken", breaks):
            pass
    assert told.value.code == "broken"


class OutOfMemoryError(RuntimeError):
    """Named as torch names it."""


@pytest.mark.parametrize(
    ("error", "code", "is_asked_again"),
    [
        (ValueError("a shape"), "broken", False),
        (IndexError("empty"), "broken", False),
        (MemoryError(), "service-failed", True),
        (OSError(5, "input/output error"), "service-failed", True),
        (OutOfMemoryError("CUDA"), "service-failed", True),
    ],
)
def test_what_passes_is_asked_again_and_what_the_recording_breaks_is_not(
    error: Exception, code: str, is_asked_again: bool
) -> None:
    fault = preparations.fault_of(error)
    status = STATUS_BY_CODE[fault.code]
    assert (fault.code, status in PASSING) == (code, is_asked_again)


async def test_too_many_are_refused(shared: Preparations, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preparations, "MAX_WAITING", 1)
    song = Song()
    first = asyncio.create_task(followed(shared, song))
    await asyncio.sleep(0.02)
    with pytest.raises(OverloadedError):
        await followed(shared, Song(), "b")
    song.step.release(3)
    await first
