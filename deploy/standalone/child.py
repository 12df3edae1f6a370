"""One supervised process: started, watched, started again when it dies, stopped."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress

from deploy.standalone.errors import ServiceFailedError
from deploy.standalone.health import wait_until_healthy
from deploy.standalone.logs import BoundedLog
from deploy.standalone.services import Service, command

START_DEADLINE_S = 60.0  # a first start on a slow disk imports for 20 s
FIRST_BACKOFF_S = 0.2
MAX_BACKOFF_S = 5.0
PATIENT_BACKOFF_S = 60.0  # of a service that the house can do without
QUICK_S = 10.0  # a service that lived longer than this starts its count of crashes again
MAX_QUICK_CRASHES = 8


def backoff_s(crashes: int, most_s: float = MAX_BACKOFF_S) -> float:
    """Pause before the next start; `crashes` counts from 1."""
    return min(most_s, FIRST_BACKOFF_S * 2.0 ** min(crashes - 1, 16))


class Child:
    """Keeps one service running. `changed` is called when it is healthy again under a new pid."""

    def __init__(self, service: Service, log: BoundedLog, say: Callable[[str], None]) -> None:
        self.service = service
        self.first_ready = asyncio.Event()
        self.changed: Callable[[], None] = lambda: None
        self._log = log
        self._say = say
        self._process: asyncio.subprocess.Process | None = None
        self._pump: threading.Thread | None = None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    async def keep_running(self) -> None:
        """Runs until cancelled, and leaves the process to `stop`.

        Raises ServiceFailedError when it gives up, which it never does on a service that the house can do without.
        """
        loop = asyncio.get_running_loop()
        crashes = 0
        while True:
            started = loop.time()
            ending = await self._live_once()
            crashes = 1 if loop.time() - started > QUICK_S else crashes + 1
            if self.service.is_needed and (not self.first_ready.is_set() or crashes >= MAX_QUICK_CRASHES):
                raise ServiceFailedError(self._failure(ending, crashes))
            pause = backoff_s(crashes, MAX_BACKOFF_S if self.service.is_needed else PATIENT_BACKOFF_S)
            if crashes <= MAX_QUICK_CRASHES:  # then the console has heard it
                self._say(f"{self.service.name} {ending}; starting it again in {pause:.1f} s")
            await asyncio.sleep(pause)

    def _failure(self, ending: str, crashes: int) -> str:
        times = f" {crashes} times in a row" if self.first_ready.is_set() else " while starting"
        return f"{self.service.name} {ending}{times}. The end of {self._log.path}:\n{self._log.tail()}"

    async def _live_once(self) -> str:
        """From start to end of one process; tells how it ended."""
        process = await self._spawn()
        ended = asyncio.create_task(process.wait(), name=f"{self.service.name} end")
        healthy = asyncio.create_task(wait_until_healthy(self.service.health), name=f"{self.service.name} health")
        try:
            await asyncio.wait({ended, healthy}, timeout=START_DEADLINE_S, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done() and not healthy.done():
                problem = await self.service.health.problem()
                self._kill()
                return f"was not ready after {START_DEADLINE_S:.0f} s ({problem})"
            if healthy.done():
                healthy.result()
                self._announce_ready()
            return how_it_ended(await ended)
        finally:
            ended.cancel()
            healthy.cancel()

    def _announce_ready(self) -> None:
        if self.first_ready.is_set():
            self._say(f"{self.service.name} is back (pid {self.pid})")
        self.first_ready.set()
        self.changed()

    async def _spawn(self) -> asyncio.subprocess.Process:
        reader, writer = os.pipe()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command(self.service),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=writer,
                stderr=writer,
                env=dict(self.service.environment),
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops them in order
            )
        except OSError as error:
            os.close(reader)
            raise ServiceFailedError(f"{self.service.name} cannot be started: {error.strerror}") from error
        finally:
            os.close(writer)
        pipe = os.fdopen(reader, "rb")
        name = f"{self.service.name} log"
        self._pump = threading.Thread(target=self._log.follow, args=(pipe,), name=name, daemon=True)
        self._pump.start()
        return self._process

    async def stop(self, deadline_s: float) -> None:
        """SIGTERM, then SIGKILL to it and what it started after the deadline."""
        process = self._process
        if process is None:
            return
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.terminate()
            try:
                await asyncio.wait_for(process.wait(), deadline_s)
            except TimeoutError:
                self._say(f"{self.service.name} did not stop within {deadline_s:.1f} s; killed")
                self._kill()
                await process.wait()
        self._kill()
        if self._pump:
            await asyncio.to_thread(self._pump.join, 1.0)

    def _kill(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def how_it_ended(returncode: int) -> str:
    if returncode < 0:
        return f"was ended by {signal.Signals(-returncode).name}"
    return f"ended with code {returncode}"
