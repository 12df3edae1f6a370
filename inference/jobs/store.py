"""How far each job is, in the job store's own database; every process of a cluster sees the same. Blocking."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from inference.jobs.tables import EXECUTORS, JOBS, now_ms

MAX_TEXT = 300
FIRST_WAIT_S, LONGEST_WAIT_S, PATIENCE_S = 0.1, 1.0, 600.0  # for a store that is away
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt to judge one take."""

    job_id: str
    session_id: str
    attempt: int
    state: JobState
    stage: str
    is_busy: bool
    told_stage: int
    fraction: float
    left_s: float | None
    spoken: int
    told_from: str
    holder: str | None
    runs: int
    faults: int
    fault_stage: str
    error_kind: str | None
    error_text: str | None
    created_ms: int
    updated_ms: int

    @property
    def is_over(self) -> bool:
        return self.state in (JobState.DONE, JobState.FAILED)


@dataclass(frozen=True, slots=True)
class Executor:
    """A process that works on jobs, and how long ago it was seen."""

    executor_id: str
    machine: str
    pid: int
    born_s: float
    has_left: bool
    silent_ms: int
    now_ms: int  # by the store's own clock


class LostJobError(Exception):
    """The job is over, or another execution has taken it up: whoever meets this stops, and changes nothing."""


JOB_COLUMNS = [JOBS.c[name] for name in Job.__dataclass_fields__]
DONE: dict[str, object] = {"state": JobState.DONE.value, "is_busy": False, "fraction": 1.0, "left_s": 0.0}


class JobStore:
    """Waits a while for a database that is away; raises sqlalchemy.exc.SQLAlchemyError when it does not come back."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._now = now_ms(engine)
        insert: Any = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}[engine.dialect.name]
        self._insert: Callable[[sa.Table], Any] = insert

    def add(self, job_id: str, session_id: str, attempt: int) -> bool:
        """False when it was there."""
        values = {"job_id": job_id, "session_id": session_id, "attempt": attempt, "state": JobState.WAITING.value}
        new = self._insert(JOBS).values(**values, created_ms=self._now, updated_ms=self._now)
        once = new.on_conflict_do_nothing(index_elements=["job_id"])
        return self._changes(once.execution_options(preserve_rowcount=True)) > 0

    def find(self, job_id: str, is_patient: bool = True) -> Job | None:
        query = sa.select(*JOB_COLUMNS).where(JOBS.c.job_id == job_id)

        def ask() -> Job | None:
            with self._engine.connect() as connection:
                row = connection.execute(query).first()
            return _job(row) if row is not None else None

        return patiently(ask) if is_patient else ask()

    def waiting(self) -> int:
        """Jobs that are not over."""
        unfinished = JOBS.c.state.in_([JobState.WAITING.value, JobState.RUNNING.value])
        query = sa.select(sa.func.count()).select_from(JOBS).where(unfinished)

        def ask() -> int:
            with self._engine.connect() as connection:
                return int(connection.execute(query).scalar_one())

        return patiently(ask)

    def silent_jobs(self, older_ms: int) -> list[Job]:
        """Jobs that are not over, and of which nothing was heard for so long. Raises at once."""
        query = sa.select(*JOB_COLUMNS).where(self._is_open(), JOBS.c.updated_ms < self._now - older_ms)
        with self._engine.connect() as connection:
            return [_job(row) for row in connection.execute(query)]

    def begin(self, job: Job, stage: str, holder: str, is_busy: bool) -> bool:
        """This holder works on that stage, or waits for its turn; False when the job is over or taken up anew."""
        values = {"state": JobState.RUNNING.value, "stage": stage, "holder": holder, "is_busy": is_busy}
        return self._change(self._is_held(job), **values) > 0

    def begin_elsewhere(self, job_id: str, stage: str, holder: str, is_busy: bool, has_waited: bool) -> bool:
        """The same for one stage of a job that runs in another process; whoever waited must still be its holder."""
        values = {"state": JobState.RUNNING.value, "stage": stage, "holder": holder, "is_busy": is_busy}
        is_free = sa.or_(JOBS.c.holder.is_(None), JOBS.c.holder == holder) if has_waited else sa.true()
        return self._change((JOBS.c.job_id == job_id) & self._is_open() & is_free, **values) > 0

    def holds(self, job: Job) -> bool:
        """Is it still what `job` was: neither over, nor taken up by another?"""
        now = self.find(job.job_id)
        return now is not None and now.runs == job.runs and not now.is_over

    def tell(self, job_id: str, holder: str, values: Mapping[str, object]) -> None:
        """Progress, for who listens elsewhere. Not worth waiting for: raises at once."""
        own = sa.update(JOBS).where(JOBS.c.job_id == job_id, JOBS.c.holder == holder, self._is_open())
        with self._engine.begin() as connection:
            connection.execute(own.values(**values, updated_ms=self._now))

    def finish(self, job: Job) -> bool:
        """False where that is not this execution's to say: the job is over, or taken up by another since `job`."""
        return self._change(self._is_held(job), **DONE) > 0

    def fail(self, job: Job, kind: str, text: str) -> bool:
        """False as for `finish`."""
        return self._change(self._is_held(job), **_failed(kind, text)) > 0

    def claim(self, job: Job, values: Mapping[str, object]) -> bool:
        """Takes a job from the holder that left it; of several who try, one wins."""
        return self._change(self._is_held(job), **values, runs=job.runs + 1) > 0

    def claim_stage(self, job: Job, values: Mapping[str, object]) -> bool:
        """Takes one stage from the process that left it; the job itself goes on where it runs."""
        return self._change(self._is_untouched(job), **values) > 0

    def finish_left(self, job: Job) -> bool:
        """For who looks after the jobs of others: False when anything was told of it since."""
        return self._change(self._is_untouched(job), **DONE) > 0

    def fail_left(self, job: Job, kind: str, text: str) -> bool:
        """False as for `finish_left`."""
        return self._change(self._is_untouched(job), **_failed(kind, text)) > 0

    def forget_jobs(self, older_ms: int) -> list[str]:
        """Deletes jobs that are over since long; returns their ids."""
        old = sa.delete(JOBS).where(~self._is_open(), JOBS.c.updated_ms < self._now - older_ms)
        with self._engine.begin() as connection:
            return list(connection.execute(old.returning(JOBS.c.job_id)).scalars())

    def renew(self, executor_id: str, machine: str, pid: int, born_s: float) -> None:
        """The lease of a process that lives. Raises at once."""
        values = {"machine": machine, "pid": pid, "born_s": born_s, "has_left": False, "seen_ms": self._now}
        new = self._insert(EXECUTORS).values(executor_id=executor_id, **values)
        with self._engine.begin() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["executor_id"], set_=values))

    def leave(self, executor_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.update(EXECUTORS).where(EXECUTORS.c.executor_id == executor_id).values(has_left=True))

    def executors(self) -> list[Executor]:
        """Raises at once."""
        named = [EXECUTORS.c[name] for name in ("executor_id", "machine", "pid", "born_s", "has_left")]
        with self._engine.connect() as connection:
            clock = (
                (self._now - EXECUTORS.c.seen_ms).label("silent_ms"),
                sa.cast(self._now, sa.BigInteger).label("now_ms"),
            )
            rows = connection.execute(sa.select(*named, *clock)).all()
        return [Executor(**row._mapping) for row in rows]

    def forget_executor(self, executor_id: str) -> None:
        with self._engine.begin() as connection:
            connection.execute(sa.delete(EXECUTORS).where(EXECUTORS.c.executor_id == executor_id))

    def dispose(self) -> None:
        self._engine.dispose()

    def _is_open(self) -> sa.ColumnElement[bool]:
        return JOBS.c.state.in_([JobState.WAITING.value, JobState.RUNNING.value])

    def _is_held(self, job: Job) -> sa.ColumnElement[bool]:
        """Nobody has taken it up since: `runs` counts that, and never falls."""
        return sa.and_(JOBS.c.job_id == job.job_id, JOBS.c.runs == job.runs, self._is_open())

    def _is_untouched(self, job: Job) -> sa.ColumnElement[bool]:
        return sa.and_(self._is_held(job), JOBS.c.updated_ms == job.updated_ms)

    def _change(self, which: sa.ColumnElement[bool], **values: object) -> int:
        return self._changes(sa.update(JOBS).where(which).values(**values, updated_ms=self._now))

    def _changes(self, statement: Any) -> int:
        def change() -> int:
            with self._engine.begin() as connection:
                return int(connection.execute(statement).rowcount)

        return patiently(change)


def _failed(kind: str, text: str) -> dict[str, object]:
    error = {"error_kind": kind, "error_text": text[:MAX_TEXT]}
    return {"state": JobState.FAILED.value, "is_busy": False, **error}


def patiently(work: Callable[[], Answer]) -> Answer:
    """Again and again while the database is away: it may be starting anew."""
    give_up, wait_s = time.monotonic() + PATIENCE_S, FIRST_WAIT_S
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if is_full(error) or time.monotonic() >= give_up:
                raise
            log.warning("the job store does not answer (%s), asking again", type(error.orig).__name__)
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def is_full(error: BaseException) -> bool:
    """Has the job store's disk no room left?"""
    return "disk is full" in str(getattr(error, "orig", error)) or "No space left" in str(error)


def told_from_text(made_from: Mapping[str, str]) -> str:
    return json.dumps(dict(made_from), sort_keys=True)


def read_told_from(text: str) -> dict[str, str]:
    return dict(json.loads(text))


def _job(row: Any) -> Job:
    values = dict(row._mapping)
    return Job(**{**values, "state": JobState(values["state"])})
