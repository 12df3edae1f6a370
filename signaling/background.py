"""The work behind the requests: each part is begun again when it ends, later each time, and says so to /health."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
WELL_S = 60.0  # whoever worked for so long begins its waits anew

Job = Callable[[], Awaitable[None]]

log = logging.getLogger(__name__)


class Background:
    """Owns the parts of the work, by name; every one runs until it is cancelled."""

    def __init__(self, jobs: Mapping[str, Job], first_wait_s: float | None = None) -> None:
        self._jobs = jobs
        self._first_wait_s = first_wait_s if first_wait_s is not None else FIRST_WAIT_S
        self._ended: dict[str, str] = {}  # why, of those that wait for their next beginning

    @property
    def ended(self) -> dict[str, str]:
        """The parts that do not work now, and why; empty where all is well."""
        return dict(self._ended)

    async def run(self) -> None:
        try:
            async with asyncio.TaskGroup() as tasks:
                for name, job in self._jobs.items():
                    tasks.create_task(self._keep(name, job), name=name)
        finally:
            self._ended = dict.fromkeys(self._jobs, "has been stopped")

    async def _keep(self, name: str, job: Job) -> None:
        clock, wait_s = asyncio.get_running_loop().time, self._first_wait_s
        while True:
            self._ended.pop(name, None)
            began_s = clock()
            reason = await _end_of(job)
            _heed_cancellation()
            if clock() - began_s > WELL_S:
                wait_s = self._first_wait_s
            self._ended[name] = reason
            log.critical("%s has ended (%s); it begins again in %.1f s", name, reason, wait_s)
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _heed_cancellation() -> None:
    """A part may end without an error when it is cancelled, as a client of Redis makes it do."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


async def _end_of(job: Job) -> str:
    """The kind of error that ended it: /health tells it to everybody."""
    try:
        await job()
    except Exception as error:  # whatever it is: the other parts go on, and this one is tried again
        cause: BaseException = error
        while isinstance(cause, BaseExceptionGroup):
            cause = cause.exceptions[0]
        return type(cause).__name__
    return "without a reason"
