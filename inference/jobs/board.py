"""The jobs that run in this process: how far each is, and who waits for news of it."""

import asyncio
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from inference.jobs.store import Job


class Board:
    """Written by worker threads, listened to on `loop`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._jobs: dict[str, Job] = {}
        self._lent: set[str] = set()
        self._changing = threading.Lock()
        self._flags: dict[str, set[asyncio.Event]] = defaultdict(set)

    def put(self, job: Job) -> None:
        with self._changing:
            self._jobs[job.job_id] = job
        self._wake(job.job_id)

    def change(self, job_id: str, **values: Any) -> Job | None:
        """None where the job does not run here; its fraction never falls."""
        with self._changing:
            job = self._jobs.get(job_id)
            if job is None:
                return None
            if "fraction" in values:
                values["fraction"] = max(job.fraction, values["fraction"])
            job = self._jobs[job_id] = replace(job, **values)
        self._wake(job_id)
        return job

    def drop(self, job_id: str) -> None:
        """From now on the store tells of it."""
        with self._changing:
            self._jobs.pop(job_id, None)
        self._wake(job_id)

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    def told(self, job_id: str) -> Job | None:
        """For who listens; None where the store knows more."""
        return None if job_id in self._lent else self._jobs.get(job_id)

    @contextmanager
    def lent(self, job_id: str) -> Iterator[None]:
        """While another process works on one of its stages."""
        self._lent.add(job_id)
        try:
            yield
        finally:
            self._lent.discard(job_id)
            self._wake(job_id)

    @property
    def running(self) -> frozenset[str]:
        with self._changing:
            return frozenset(self._jobs)

    @contextmanager
    def listen(self, job_id: str) -> Iterator[asyncio.Event]:
        """A flag that is set whenever there is news; on the loop only."""
        flag = asyncio.Event()
        self._flags[job_id].add(flag)
        try:
            yield flag
        finally:
            self._flags[job_id].discard(flag)
            if not self._flags[job_id]:
                del self._flags[job_id]

    def _wake(self, job_id: str) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._set_flags, job_id)

    def _set_flags(self, job_id: str) -> None:
        for flag in self._flags.get(job_id, ()):
            flag.set()
