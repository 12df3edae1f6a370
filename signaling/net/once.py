"""One run for everybody who asks for the same thing at the same moment."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Once(Generic[Result]):
    """Owns the runs: a caller that leaves ends none of them, `aclose` ends all.

    With `ends_unwanted` a run ends when the last who waited for it has left.
    """

    def __init__(self, ends_unwanted: bool = False) -> None:
        self._ends_unwanted = ends_unwanted
        self._running: dict[str, asyncio.Task[Result]] = {}
        self._tasks: Counter[asyncio.Task[Result]] = Counter()  # how many wait for each

    async def run(self, key: str, work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(work(), name="shared run")
            task.add_done_callback(lambda done: self._forget(key, done))
        self._tasks[task] += 1
        try:
            return await asyncio.shield(task)
        finally:
            self._leave(key, task)

    async def aclose(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _leave(self, key: str, task: asyncio.Task[Result]) -> None:
        if task.done():
            return
        self._tasks[task] -= 1
        if self._ends_unwanted and self._tasks[task] == 0:
            del self._running[key]  # who asks from now on begins anew
            task.cancel()

    def _forget(self, key: str, done: asyncio.Task[Result]) -> None:
        del self._tasks[done]
        if self._running.get(key) is done:
            del self._running[key]
        if not done.cancelled():
            done.exception()  # told to whoever still waits; nobody may be left
