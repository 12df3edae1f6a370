"""All services of one machine: starts them, writes run.json, keeps them running, stops them in order."""

import asyncio
from collections.abc import Callable

from deploy.standalone.child import Child
from deploy.standalone.errors import ServiceFailedError, StandaloneError
from deploy.standalone.folder import DataFolder
from deploy.standalone.health import PageHealth, wait_until_healthy
from deploy.standalone.logs import BoundedLog
from deploy.standalone.services import Addresses, Settings, services

WHOLE_DEADLINE_S = 30.0
# Seconds for each to end by itself, in order; together they stay below the 10 s of the whole stop. Reference, which
# only signaling asks, ends beside those that follow signaling.
STOP_DEADLINES_S = {"signaling": 2.5, "media_server": 2.5, "live": 2.0, "analysis": 2.0, "reference": 4.0}


class Supervisor:
    """Runs until cancelled."""

    def __init__(
        self, settings: Settings, addresses: Addresses, folder: DataFolder, say: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._addresses = addresses
        self._folder = folder
        self._say = say
        plan = services(settings, addresses)
        self._logs = [BoundedLog(folder.logs / f"{service.name}.log", say) for service in plan]
        self._children = [Child(service, log, say) for service, log in zip(plan, self._logs, strict=True)]

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Raises StandaloneError when a service cannot be kept running."""
        failure: StandaloneError | None = None
        try:
            async with asyncio.TaskGroup() as tasks:
                for child in self._children:
                    tasks.create_task(child.keep_running(), name=f"keep {child.service.name}")
                tasks.create_task(self._announce(on_ready), name="announce")
        except* StandaloneError as group:
            failure = first_error(group)
        finally:
            await asyncio.shield(self._stop())
        if failure:
            raise failure

    async def _announce(self, on_ready: Callable[[], None]) -> None:
        for child in self._children:
            if child.service.is_needed:
                await child.first_ready.wait()
        certificate = self._settings.tls.certificate if self._settings.tls else None
        whole = PageHealth(self._settings.url, certificate, whole=True)
        try:
            await asyncio.wait_for(wait_until_healthy(whole), WHOLE_DEADLINE_S)
        except TimeoutError as error:
            raise ServiceFailedError(f"signaling reports: {await whole.problem()}") from error
        for child in self._children:
            child.changed = self._write_run_json
        self._write_run_json()
        on_ready()

    def _write_run_json(self) -> None:
        self._folder.write_run_json(
            {
                "url": self._settings.url,
                "grpc_live": self._addresses.live,
                "grpc_analysis": self._addresses.analysis,
                "pids": {child.service.name: child.pid for child in self._children},
            }
        )

    async def _stop(self) -> None:
        self._folder.remove_run_json()
        first, *others = self._children
        await self._stop_in_order([first])
        needed = [child for child in others if child.service.is_needed]
        beside = [child for child in others if not child.service.is_needed]
        await asyncio.gather(self._stop_in_order(needed), self._stop_in_order(beside))
        for log in self._logs:
            log.close()

    @staticmethod
    async def _stop_in_order(children: list[Child]) -> None:
        for child in children:
            await child.stop(STOP_DEADLINES_S[child.service.name])


def first_error(group: BaseExceptionGroup[StandaloneError]) -> StandaloneError:
    """The cause to tell: one line is clearer than five."""
    found = group.exceptions[0]
    while isinstance(found, BaseExceptionGroup):
        found = found.exceptions[0]
    return found
