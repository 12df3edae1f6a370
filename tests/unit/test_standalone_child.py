"""The supervisor's child, on small real processes."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from deploy.standalone import child as child_module
from deploy.standalone.child import Child, backoff_s
from deploy.standalone.errors import ServiceFailedError
from deploy.standalone.logs import BoundedLog
from deploy.standalone.services import Service

READY_S = 90.0


@dataclass(frozen=True)
class FileHealth:
    """Healthy while the file is there; `seen` beside it tells the service that it was found so."""

    path: Path

    async def problem(self) -> str:
        if not self.path.exists():
            return "no file"
        self.path.with_name("seen").touch()
        return ""


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[str], Child]]:
    """A child that runs the given Python code as `python -m program`; the code touches `ready` when it is."""
    said: list[str] = []
    log = BoundedLog(tmp_path / "program.log", said.append)

    def build(code: str) -> Child:
        (tmp_path / "program.py").write_text(code)
        environment = {**os.environ, "PYTHONPATH": str(tmp_path), "READY": str(tmp_path / "ready")}
        service = Service("program", ("program",), environment, FileHealth(tmp_path / "ready"))
        return Child(service, log, said.append)

    yield build
    log.close()


@asynccontextmanager
async def kept(child: Child) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(child.keep_running())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError, ServiceFailedError):
            await task
        await child.stop(1.0)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(READY_S):
        while True:
            if condition():
                return
            await asyncio.sleep(0.02)


SLEEPER = "import os, pathlib, time\npathlib.Path(os.environ['READY']).touch()\ntime.sleep(60)\n"
STUBBORN = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPER


async def test_a_service_that_was_killed_runs_again_under_a_new_pid(started: Callable[[str], Child]) -> None:
    child = started(SLEEPER)
    async with kept(child):
        await asyncio.wait_for(child.first_ready.wait(), READY_S)
        first = child.pid
        os.kill(first, signal.SIGKILL)
        await until(lambda: child.pid not in (0, first))
        os.kill(child.pid, 0)


async def test_a_service_that_fails_at_its_start_is_named_with_the_end_of_its_log(
    started: Callable[[str], Child],
) -> None:
    child = started("import sys\nprint('VOICEJURY_X is missing', file=sys.stderr)\nsys.exit(3)\n")
    with pytest.raises(ServiceFailedError, match=r"(?s)program ended with code 3 while starting.*VOICEJURY_X"):
        await asyncio.wait_for(child.keep_running(), READY_S)
    await child.stop(1.0)


async def test_a_service_that_keeps_crashing_is_given_up(
    started: Callable[[str], Child], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "MAX_QUICK_CRASHES", 3)
    monkeypatch.setattr(child_module, "FIRST_BACKOFF_S", 0.01)
    code = "import os, pathlib, time\nready = pathlib.Path(os.environ['READY'])\nready.touch()\n"
    code += "while not ready.with_name('seen').exists():\n    time.sleep(0.02)\nos._exit(9)\n"
    with pytest.raises(ServiceFailedError, match="ended with code 9 3 times in a row"):
        await asyncio.wait_for(started(code).keep_running(), READY_S)


async def test_a_service_that_the_house_can_do_without_is_tried_for_ever_and_said_a_few_times(
    started: Callable[[str], Child], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_module, "MAX_QUICK_CRASHES", 2)
    monkeypatch.setattr(child_module, "FIRST_BACKOFF_S", 0.01)
    child = started(f"open({str(tmp_path / 'starts')!r}, 'a').write('x')\nraise SystemExit(2)\n")
    said: list[str] = []
    log = BoundedLog(tmp_path / "spare.log", said.append)
    spare = Child(replace(child.service, is_needed=False), log, said.append)
    async with kept(spare) as keeping:
        await until(lambda: (tmp_path / "starts").exists() and len((tmp_path / "starts").read_text()) >= 4)
        assert not keeping.done()
        assert not spare.first_ready.is_set()
    log.close()
    assert len([line for line in said if "starting it again" in line]) == 2


async def test_a_service_that_ignores_the_polite_signal_is_killed_at_the_deadline(
    started: Callable[[str], Child],
) -> None:
    child = started(STUBBORN)
    async with kept(child):
        await asyncio.wait_for(child.first_ready.wait(), READY_S)
        pid = child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_a_service_started_itself_ends_with_it(started: Callable[[str], Child], tmp_path: Path) -> None:
    sleeper = f"[{sys.executable!r}, '-c', 'import time; time.sleep(60)']"
    code = f"import subprocess, os, pathlib\np = subprocess.Popen({sleeper})\n"
    child = started(code + f"pathlib.Path({str(tmp_path / 'grandchild')!r}).write_text(str(p.pid))\n" + SLEEPER)
    async with kept(child):
        await asyncio.wait_for(child.first_ready.wait(), READY_S)
    grandchild = int((tmp_path / "grandchild").read_text())
    await until(lambda: not is_running(grandchild))


def is_running(pid: int) -> bool:
    """A zombie that nobody reaps does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_pause_doubles_from_a_fifth_of_a_second_up_to_five() -> None:
    assert [backoff_s(crashes) for crashes in range(1, 8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]
    assert backoff_s(10_000, 60.0) == 60.0
