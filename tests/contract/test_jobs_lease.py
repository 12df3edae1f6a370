"""Who looks after the executors takes nobody for lost who lives."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from inference.jobs.lease import Lease, this_process
from inference.jobs.store import JobStore
from inference.jobs.tables import open_tables

LEASE_S = 2.0
WAIT_S = 30.0
HOUR_MS = 3_600_000
ELSEWHERE = "another machine"


@pytest.fixture
def store(store_url: str) -> Iterator[JobStore]:
    opened = JobStore(open_tables(store_url))
    yield opened
    opened.dispose()


@contextmanager
def looking_after(
    store: JobStore,
    revive: Callable[[str, bool], bool],
    find_orphans: Callable[[Callable[[], frozenset[str]]], None] = lambda _known: None,
) -> Iterator[None]:
    lease = Lease(store, this_process(), LEASE_S, revive, find_orphans, lambda: None)
    lease.start()
    try:
        yield
    finally:
        lease.stop()


class Alive(threading.Thread):
    """A process of another machine that renews its lease in time, and does so just before the machines sleep."""

    def __init__(self, store: JobStore, name: str) -> None:
        super().__init__()
        self.over = threading.Event()
        self.sleeps: Callable[[], None] | None = None
        self._store = store
        self._name = name

    def run(self) -> None:
        while not self.over.is_set():
            self._store.renew(self._name, ELSEWHERE, 1, 0.0)
            if (sleeps := self.sleeps) is not None:
                self.sleeps = None
                sleeps()
            self.over.wait(LEASE_S / 2)


def until(happened: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline_s
        time.sleep(0.02)


def test_after_the_machines_have_slept_nobody_is_lost_who_wakes_up_too(
    store: JobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost: list[str] = []

    def revive(executor_id: str, _has_left: bool) -> bool:
        lost.append(executor_id)
        return True

    other = Alive(store, "awake")
    other.start()
    try:
        with looking_after(store, revive):
            store.renew("silent", ELSEWHERE, 1, 0.0)
            until(lambda: lost == ["silent"])  # it judges the others by now
            other.sleeps = lambda: monkeypatch.setattr(store, "_now", store._now + HOUR_MS)
            until(lambda: other.sleeps is None)
            time.sleep(LEASE_S)
            assert lost == ["silent"]
            other.over.set()
            until(lambda: lost == ["silent", "awake"])
    finally:
        other.over.set()
        other.join()


def test_who_begins_while_others_are_looked_after_is_known_when_orphans_are_looked_for(store: JobStore) -> None:
    known: list[frozenset[str]] = []

    def revive(_executor_id: str, _has_left: bool) -> bool:
        store.renew("newcomer", ELSEWHERE, 1, 0.0)
        return True

    store.renew("gone", ELSEWHERE, 1, 0.0)
    store.leave("gone")
    with looking_after(store, revive, lambda known_now: known.append(known_now())):
        until(lambda: known)
    assert "newcomer" in known[0]
