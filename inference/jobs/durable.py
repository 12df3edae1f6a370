"""The job engine by DBOS: each take is a workflow whose id is the take's, each stage a step of it.

Why DBOS, and what it does not do by itself: docs/decisions/0014-durable-jobs.md.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from dbos import DBOS, DBOSConfig, SetEnqueueOptions, SetWorkflowID
from dbos import error as dbos_errors
from sqlalchemy.exc import SQLAlchemyError
from voicejury import tracing
from voicejury.v1 import analysis_pb2

from inference import metrics
from inference.errors import InferenceError, JobFailedError, OverloadedError, TakeMissingError
from inference.jobs.board import Board
from inference.jobs.engine import job_id_of
from inference.jobs.lease import Lease, this_process
from inference.jobs.left import LeftJobs
from inference.jobs.observing import trace_job
from inference.jobs.queues import DEFAULT, GPU, GPU_HEAVY, QUEUES, queue_of
from inference.jobs.running import Running
from inference.jobs.stages import Bench, Stage, TakeStages
from inference.jobs.store import Job, JobStore, LostJobError, is_full
from inference.jobs.tables import job_store_url, open_tables, quick_sqlite
from inference.jobs.telling import Telling

APPLICATION = "voicejury"
JOBS_VERSION = "1"  # a job goes on under the version that began it: count up when the steps change
ROOM = 8  # takes that this process begins by itself; the next wait in the queue, for whoever is free first
MAX_JOBS = 256  # waiting or running in the whole house; the next is refused
POLL_S = 0.3  # for news of a job that runs elsewhere
QUEUE_POLL_S = {DEFAULT: 0.5, GPU: 1.0, GPU_HEAVY: 1.0}  # each look costs a millisecond; most takes need none
IDLE_POLL_S = 600.0  # of what is not used: schedules
STOP_POLL_S = 0.1  # nothing is listened for, but who listens sleeps for so long before it sees that all stops
THREADS = 16
NO_ROOM = "there was no room on the disk to judge this take"
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Where the jobs are kept, and which of them this process works on."""

    store_url: str  # sqlite:///file or postgresql://...
    queues: frozenset[str] = QUEUES
    lease_s: float = 6.0


class DurableJobs:
    """Implements `JobEngine`. One for each process, opened and closed on its event loop."""

    def __init__(self, settings: JobSettings, bench: Bench) -> None:
        self._settings = settings
        self._bench = bench
        self._here = this_process()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="jobs")
        self._elsewheres = ThreadPoolExecutor(MAX_JOBS, thread_name_prefix="stage elsewhere")
        self._leaving = False

    async def open(self) -> None:
        """Takes up what is left of jobs. Raises sqlalchemy.exc.SQLAlchemyError where there is no job store."""
        self._board = Board(asyncio.get_running_loop())
        await self._in_thread(self._launch)

    async def close(self) -> None:
        """Whatever runs is left to the next process."""
        await self._in_thread(self._leave)
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._elsewheres.shutdown(wait=False, cancel_futures=True)

    async def submit(self, request: analysis_pb2.JudgeRequest) -> str:
        return await self._in_thread(lambda: self._submit(request))

    async def follow(self, job_id: str) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        session_id = job_id.partition(".")[0]
        telling = Telling(self._bench.takes, session_id)
        with self._board.listen(job_id) as news:
            while True:
                news.clear()
                job = self._board.told(job_id) or await self._in_thread(lambda: self._look_up(job_id))
                if job is not None:
                    for event in await self._in_thread(lambda job=job: telling.news(job)):  # type: ignore[misc]
                        yield event
                    if job.is_over:
                        return
                await _set_within(news, POLL_S)

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _launch(self) -> None:
        here, settings = self._here, self._settings
        self._store = JobStore(open_tables(settings.store_url))
        self._store.renew(here.executor_id, here.machine, here.pid, here.born_s)
        self._running = Running(self._store, self._board, self._bench, here.executor_id)
        _quiet_logs()
        DBOS(config=_config(settings.store_url, here.executor_id))
        self._register()
        DBOS.listen_queues(sorted(settings.queues))
        DBOS.launch()
        for name in sorted(QUEUES):
            DBOS.register_queue(
                name, worker_concurrency=ROOM, polling_interval_sec=QUEUE_POLL_S[name], on_conflict="always_update"
            )
        left = LeftJobs(self._store, self._board, here.executor_id, self._start)
        self._lease = Lease(self._store, here, settings.lease_s, left.revive, left.find_orphans, left.forget)
        self._lease.start()

    def _leave(self) -> None:
        self._leaving = True  # from here on a stage that breaks is not at fault: the next process goes on with it
        self._lease.stop()
        DBOS.destroy(destroy_registry=True)
        self._store.dispose()

    def _register(self) -> None:
        """The workflows by the names under which the store knows them."""

        @DBOS.workflow(name="judge_take")
        def judge_take(job_id: str) -> str:
            return self._judge_take(job_id)

        @DBOS.workflow(name="judge_stage")
        def judge_stage(job_id: str, stage: str, take_key: str) -> str:
            with self._parked_where_lost(job_id):
                return self._running.work(job_id, Stage(stage), take_key)

        self._judge_take_workflow: Callable[[str], str] = judge_take
        self._judge_stage_workflow: Callable[[str, str, str], str] = judge_stage

    def _submit(self, request: analysis_pb2.JudgeRequest) -> str:
        """Safe to repeat: a job that is there is only begun where nobody has begun it."""
        job_id = job_id_of(request.session_id, request.attempt)
        try:
            known = self._store.find(job_id)
            if known is None:
                if self._store.waiting() >= MAX_JOBS:
                    raise OverloadedError("too many takes wait for the jury")
                self._running.keep_request(job_id, request)
                self._store.add(job_id, request.session_id, request.attempt)
            if known is None or (known.runs == 0 and known.holder is None and not known.is_over):
                self._start(job_id, request.attempt)
        except (SQLAlchemyError, OSError) as error:
            raise OverloadedError(NO_ROOM if is_full(error) else "the job store does not answer") from error
        return job_id

    def _start(self, job_id: str, attempt: int) -> None:
        """At once where there is room: a queue is looked into only now and then."""
        with SetWorkflowID(job_id):
            if DEFAULT in self._settings.queues and len(self._board.running) < ROOM:
                DBOS.start_workflow(self._judge_take_workflow, job_id)
            else:
                with SetEnqueueOptions(priority=priority_of(attempt)):
                    DBOS.enqueue_workflow(DEFAULT, self._judge_take_workflow, job_id)

    def _judge_take(self, job_id: str) -> str:
        """The workflow: the same steps in the same order, whoever takes it up."""
        job = self._store.find(job_id)
        if job is None:
            raise TakeMissingError("the take is deleted")
        key = take_key = ""
        take: TakeStages | None = None
        try:
            take = self._running.open(job)
            for stage in Stage:
                key = DBOS.run_step({"name": stage.value}, self._step, job, stage, take_key)
                take_key = take_key or key
            with self._parked_where_lost(job_id):
                if not self._store.finish(job):
                    raise LostJobError(f"{job_id} is not this process's to finish any more")
            self._trace(job_id)
        except Exception as error:
            with self._parked_where_lost(job_id):
                if not self._leaving:
                    self._fail(job, error)
                raise
        finally:
            if take is not None:
                self._running.let_go(job_id, take)
        return key

    def _fail(self, job: Job, error: Exception) -> None:
        """Raises LostJobError where somebody else has taken it up meanwhile: then it is not over."""
        kind, text = type(error).__name__, str(error)
        is_known = isinstance(error, InferenceError)
        if not is_known:
            kind, text = JobFailedError.__name__, NO_ROOM if is_full(error) else "the judge failed"
        if not self._store.fail(job, kind, text):
            raise LostJobError(f"{job.job_id} is not this process's to end any more") from error
        log.info("job %s failed: %s", job.job_id, text, exc_info=None if is_known else error)
        metrics.JOBS_FAILED.labels(kind).inc()
        self._trace(job.job_id, kind)

    def _trace(self, job_id: str, failure: str = "") -> None:
        if tracing.is_on() and (job := self._look_up(job_id)) is not None:
            trace_job(job, failure)

    def _step(self, job: Job, stage: Stage, take_key: str) -> str:
        """What breaks a stage is recorded only by who holds the job: for anybody else it has not run."""
        with self._parked_where_lost(job.job_id):
            try:
                if queue_of(stage, self._bench) in self._settings.queues:
                    return self._running.work(job.job_id, stage, take_key)
                return self._elsewheres.submit(self._elsewhere, job.job_id, stage, take_key).result()
            except Exception as error:
                if not self._store.holds(job):
                    raise LostJobError(f"{stage} of {job.job_id} has broken for nobody") from error
                raise

    @contextmanager
    def _parked_where_lost(self, job_id: str) -> Iterator[None]:
        """Who has lost a job records no end of its workflow, nor does who stops: DBOS parks it, as the job store knows.

        An end would be there before whoever took the job up has put it into the queue, and nothing leads back from it.
        """
        try:
            yield
        except LostJobError as error:
            log.info("job %s is over, or another process has taken it up: it is left alone", job_id)
            raise dbos_errors.DBOSWorkflowConflictIDError(job_id) from error
        except Exception as error:
            if self._leaving:
                raise dbos_errors.DBOSWorkflowConflictIDError(job_id) from error
            raise

    def _elsewhere(self, job_id: str, stage: Stage, take_key: str) -> str:
        """By a process that works on the stage's queue; in a thread of its own, where it is no part of the step."""
        job = self._store.find(job_id)
        with SetWorkflowID(f"{job_id}:{stage}"), SetEnqueueOptions(priority=priority_of(job.attempt if job else 0)):
            queue = queue_of(stage, self._bench)
            handle = DBOS.enqueue_workflow(queue, self._judge_stage_workflow, job_id, stage.value, take_key)
        with self._board.lent(job_id):
            return handle.get_result(polling_interval_sec=POLL_S)

    def _look_up(self, job_id: str) -> Job | None:
        try:
            return self._store.find(job_id, is_patient=False)
        except SQLAlchemyError as error:
            log.warning("the job store does not answer: %s", type(error).__name__)
            return None


def priority_of(attempt: int) -> int:
    """1 is the most urgent: who waits for the first time goes before who asks again."""
    return 1 + min(attempt, 9)


def _config(store_url: str, executor_id: str) -> DBOSConfig:
    url = job_store_url(store_url)
    config: DBOSConfig = {
        "name": APPLICATION,
        "system_database_url": url.render_as_string(hide_password=False),
        "application_version": JOBS_VERSION,
        "executor_id": executor_id,
        "log_level": "WARNING",
        "scheduler_polling_interval_sec": IDLE_POLL_S,
        "notification_listener_polling_interval_sec": STOP_POLL_S,
    }
    if url.get_backend_name() == "sqlite":
        path = url.database or ":memory:"

        def connect() -> sqlite3.Connection:
            connection = sqlite3.connect(path, check_same_thread=False)
            quick_sqlite(connection)
            return connection

        config["db_engine_kwargs"] = {"creator": connect}
    return config


def _quiet_logs() -> None:
    """In the form of this house's logs, warnings only."""
    logger = logging.getLogger("dbos")
    logger.handlers = [logging.NullHandler()]  # it adds one of its own where there is none
    logger.propagate = True
    logger.setLevel(logging.WARNING)


async def _set_within(flag: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await flag.wait()
    except TimeoutError:
        return
