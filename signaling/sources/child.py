"""Work on what strangers made runs in a process of its own: bounded, killed whole, and its crash harms nobody.

Parent and child speak JSON, one object a line: a job in, events out, the last one `done` or `error`.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from signaling.errors import SourceError

MAX_LINE_BYTES = 1024 * 1024
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "LD_LIBRARY_PATH")
Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Limits:
    wall_s: float
    cpu_s: int
    memory_bytes: int  # of each process: the child's own and those that it starts
    file_bytes: int  # of each file that it writes


@dataclass(frozen=True, slots=True)
class Misfortunes:
    """What to tell when the child ends without an answer."""

    late: SourceError  # by the clock or by the time of the processor
    crashed: SourceError


async def run_child(
    module: str,
    job: Mapping[str, Any],
    limits: Limits,
    misfortunes: Misfortunes,
    on_event: Callable[[Event], None] = lambda _event: None,
    python_path: tuple[Path, ...] = (),
) -> Event:
    """The child's `done` event; raises the SourceError that it reports. Nothing of it outlives the call."""
    try:
        child = await _started(module, python_path)
    except OSError as error:  # no memory or no process left
        raise misfortunes.crashed.anew() from error
    try:
        async with asyncio.timeout(limits.wall_s):
            return await _converse(child, {**job, "limits": asdict(limits)}, on_event, misfortunes)
    except TimeoutError as error:
        raise misfortunes.late.anew() from error
    finally:
        await _end(child)


async def _started(module: str, python_path: tuple[Path, ...]) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        start_new_session=True,
        limit=MAX_LINE_BYTES,
        env=_environment(python_path),
    )


async def _converse(
    child: asyncio.subprocess.Process,
    job: Mapping[str, Any],
    on_event: Callable[[Event], None],
    misfortunes: Misfortunes,
) -> Event:
    assert child.stdin is not None
    assert child.stdout is not None
    with suppress(ConnectionError):  # a child that died at once is told by its silence
        child.stdin.write(json.dumps(job).encode() + b"\n")
        await child.stdin.drain()
    try:
        while line := await child.stdout.readline():
            event: Event = json.loads(line)
            if event["event"] == "error":
                raise SourceError(event["code"], event["detail"])
            if event["event"] == "done":
                return event
            on_event(event)
    except (ValueError, KeyError, TypeError) as error:
        raise misfortunes.crashed.anew() from error
    is_out_of_time = await child.wait() == -signal.SIGXCPU
    raise (misfortunes.late if is_out_of_time else misfortunes.crashed).anew()


async def _end(child: asyncio.subprocess.Process) -> None:
    """The whole group: what the child started ends with it."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    await asyncio.shield(child.wait())
    child._transport.close()  # type: ignore[attr-defined]


def _environment(python_path: tuple[Path, ...]) -> dict[str, str]:
    """No secret, no setting of ours goes to code that handles strangers' data."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    paths = [*map(str, python_path), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return {**kept, **one_thread, **({"PYTHONPATH": os.pathsep.join(paths)} if paths else {})}
