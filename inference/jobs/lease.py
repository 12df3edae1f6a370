"""Who works on the jobs: each process holds a lease, a row in the job store, and looks after those whose lease is over.

A process of the same machine is known to be dead at once, by its process id; one of another machine, or one that is
frozen, when its lease has run out. What it worked on is taken up by whoever finds out first. If it wakes up after all,
the workflow is no longer its own: it can record nothing, and stops.
"""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from socket import gethostname

import psutil
from sqlalchemy.exc import SQLAlchemyError

from inference.jobs.store import Executor, JobStore

RENEWALS = 5  # within one lease
BIRTH_TOLERANCE_S = 1.0
ORPHANS_S = 10.0  # between two looks for jobs whose executor is not known at all
SWEEP_S = 3600.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Process:
    """This process, as others can find out whether it lives."""

    executor_id: str
    machine: str  # processes of one machine see each other's ids
    pid: int
    born_s: float


def this_process() -> Process:
    pid = os.getpid()
    name = f"{gethostname()[:40]}-{pid}-{uuid.uuid4().hex[:8]}"
    return Process(name, _machine(), pid, psutil.Process(pid).create_time())


def _machine() -> str:
    """Two containers of one host have different process ids: the namespace belongs to the name."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    spaces = Path("/proc/self/ns/pid")
    started = boot.read_text().strip() if boot.exists() else f"{psutil.boot_time():.0f}"
    return f"{gethostname()}/{started}/{spaces.readlink() if spaces.is_symlink() else ''}"


def is_dead(executor: Executor, here: Process) -> bool:
    """Known for sure, because it ran on this machine."""
    if executor.machine != here.machine:
        return False
    try:
        process = psutil.Process(executor.pid)
        is_same = abs(process.create_time() - executor.born_s) < BIRTH_TOLERANCE_S
        return not is_same or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


class Lease(threading.Thread):
    """Renews this process's lease and hands over every executor that has lost its own.

    `revive(executor_id, has_left)` takes up what it left and returns True when nothing of it is left;
    `find_orphans` gets who tells which executors are known by now; `sweep` forgets what is over since long.
    """

    def __init__(
        self,
        store: JobStore,
        here: Process,
        lease_s: float,
        revive: Callable[[str, bool], bool],
        find_orphans: Callable[[Callable[[], frozenset[str]]], None],
        sweep: Callable[[], None],
    ) -> None:
        super().__init__(name="job lease", daemon=True)
        self._store = store
        self._here = here
        self._lease_s = lease_s
        self._revive = revive
        self._find_orphans = find_orphans
        self._sweep = sweep
        self._stopped = threading.Event()
        self._steady_since_s: float | None = None  # since then every renewal came in time
        self._store_ms = 0  # when it last looked, by the store's clock
        self._orphans_at_s = self._sweep_at_s = 0.0

    def run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._round(time.monotonic())
            except SQLAlchemyError as error:
                self._steady_since_s = None
                log.warning("the job store does not answer: %s", type(error).__name__)
            except Exception:  # whoever looks after the others must not end
                log.exception("looking for jobs that were left")
            self._stopped.wait(self._lease_s / RENEWALS)

    def stop(self) -> None:
        """What this process leaves is taken up at once, and counts as nobody's fault."""
        self._stopped.set()
        self.join(timeout=2.0)  # a round that goes on would take the lease again
        try:
            self._store.leave(self._here.executor_id)
        except SQLAlchemyError as error:
            log.warning("the lease was not given back: %s", type(error).__name__)

    def _round(self, now_s: float) -> None:
        here = self._here
        self._store.renew(here.executor_id, here.machine, here.pid, here.born_s)
        executors = self._store.executors()
        self._watch_the_clock(max(executor.now_ms for executor in executors), now_s)
        for executor in executors:
            if executor.executor_id != here.executor_id and self._has_lost(executor, now_s):
                log.warning("executor %s is gone", executor.executor_id)
                if self._revive(executor.executor_id, executor.has_left):
                    self._store.forget_executor(executor.executor_id)
        if now_s >= self._orphans_at_s:
            self._orphans_at_s = now_s + ORPHANS_S
            self._find_orphans(lambda: frozenset(executor.executor_id for executor in self._store.executors()))
        if now_s >= self._sweep_at_s:
            self._sweep_at_s = now_s + SWEEP_S
            self._sweep()

    def _watch_the_clock(self, store_ms: int, now_s: float) -> None:
        """Where more than a lease has passed since it last looked, that the others are silent means nothing.

        This process was frozen, the store was away, or the machine slept: a monotonic clock does not see that.
        """
        if self._steady_since_s is None or store_ms - self._store_ms > 1000 * self._lease_s:
            self._steady_since_s = now_s
        self._store_ms = store_ms

    def _has_lost(self, executor: Executor, now_s: float) -> bool:
        if executor.has_left or is_dead(executor, self._here):
            return True
        is_steady = self._steady_since_s is not None and now_s - self._steady_since_s >= self._lease_s
        return is_steady and executor.silent_ms > 1000 * self._lease_s
