"""The stages that this process works on: one at a time where they fill the machine, told of while they run."""

import errno
import logging
import time
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError
from voicejury.v1 import analysis_pb2

from inference.errors import JobFailedError, TakeMissingError
from inference.jobs.board import Board
from inference.jobs.gates import Gate
from inference.jobs.observing import stage_watched
from inference.jobs.pace import Pace
from inference.jobs.queues import PLACES, queue_of
from inference.jobs.stages import Bench, Stage, TakeStages
from inference.jobs.store import Job, JobStore, LostJobError, told_from_text

CLOSING_PLACES = 256  # a media server that is away must not hold up takes that it has sealed
TELL_S = 0.5  # between two notes of progress in the store, within one stage
DISK_WAITS_S = (0.5, 1.0, 2.0, 4.0)  # a full disk has room again some time
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})

log = logging.getLogger(__name__)


class Running:
    """Safe to share between threads; one thread at a time works on one job."""

    def __init__(self, store: JobStore, board: Board, bench: Bench, executor_id: str) -> None:
        self._store = store
        self._board = board
        self._bench = bench
        self._executor_id = executor_id
        self._gates = {queue: Gate(places) for queue, places in PLACES.items()}
        self._closing = Gate(CLOSING_PLACES)
        self._pace = Pace()
        self._takes: dict[str, TakeStages] = {}
        self._told_s: dict[str, float] = {}
        self._began_s: dict[str, float] = {}

    def keep_request(self, job_id: str, request: analysis_pb2.JudgeRequest) -> None:
        """Raises OSError."""
        files = self._bench.takes.working(request.session_id)
        files.write(_request_file(job_id), {"job": job_id}, request.SerializeToString())

    def open(self, job: Job) -> TakeStages:
        """The job runs here now. Raises TakeMissingError where its take was deleted."""
        job_id = job.job_id
        request = self._bench.takes.working(job.session_id).read(_request_file(job_id), {"job": job_id})
        if request is None:
            raise TakeMissingError("the take is deleted")
        self._board.put(job)
        take = self._takes[job_id] = TakeStages(
            job_id,
            analysis_pb2.JudgeRequest.FromString(request),
            self._bench,
            lambda stage, fraction: self._tell(job_id, stage, fraction),
            lambda: self._tell_juror(job_id),
        )
        return take

    def let_go(self, job_id: str, take: TakeStages) -> None:
        """An execution that lost its job to another one of this process leaves that alone."""
        if self._takes.get(job_id) is not take:
            return
        del self._takes[job_id]
        self._told_s.pop(job_id, None)
        self._began_s.pop(job_id, None)
        self._board.drop(job_id)

    def work(self, job_id: str, stage: Stage, take_key: str) -> str:
        """The key of what the stage found. Raises InferenceError, LostJobError, OSError."""
        guest = self._open_guest(job_id) if job_id not in self._takes else None
        has_waited = False

        def begin(is_busy: bool) -> None:
            nonlocal has_waited
            self._begin(job_id, stage, is_busy, guest is not None, has_waited)
            has_waited = True

        try:
            job = self._board.job(job_id)
            came_s = time.monotonic()
            gate = self._closing if stage is Stage.CLOSE else self._gates[queue_of(stage, self._bench)]
            with gate.enter(1 + (job.attempt if job else 0), lambda: begin(is_busy=False)):
                begin(is_busy=True)
                with stage_watched(job_id, stage, queue_of(stage, self._bench), time.monotonic() - came_s):
                    return self._timed(job_id, stage, take_key)
        finally:
            if guest is not None:
                self.let_go(job_id, guest)

    def _open_guest(self, job_id: str) -> TakeStages:
        """The job itself runs in another process, this stage of it here."""
        job = self._store.find(job_id)
        if job is None:
            raise TakeMissingError("the take is deleted")
        return self.open(job)

    def _begin(self, job_id: str, stage: Stage, is_busy: bool, is_guest: bool, has_waited: bool) -> None:
        job, here = self._board.job(job_id), self._executor_id
        if is_guest:
            is_ours = self._store.begin_elsewhere(job_id, stage.value, here, is_busy, has_waited)
        else:
            is_ours = job is not None and self._store.begin(job, stage.value, here, is_busy)
        if not is_ours:
            log.info("%s of job %s is left alone: the job is over, or another process has taken it up", stage, job_id)
            raise LostJobError(f"{stage} of {job_id} is not this process's to work on any more")
        self._board.change(job_id, stage=stage.value)

    def _timed(self, job_id: str, stage: Stage, take_key: str) -> str:
        take = self._takes[job_id]
        began_s = self._began_s[job_id] = time.monotonic()
        key = _with_room(lambda: take.run(stage, take_key))
        if stage is not Stage.CLOSE:
            self._pace.learn(stage.value, take.duration_s, time.monotonic() - began_s)
        if stage is Stage.SCORE:
            self._board.change(job_id, told_from=told_from_text(take.told))
            self._note(job_id)
        return key

    def _tell(self, job_id: str, told_stage: int, fraction: float) -> None:
        job = self._board.job(job_id)
        if job is None:
            return
        stages = [stage.value for stage in Stage]
        behind = stages[stages.index(job.stage) :] if job.stage in stages[1:] else []
        spent_s = time.monotonic() - self._began_s.get(job_id, time.monotonic())
        take_s = self._takes[job_id].duration_s
        left_s = self._pace.left_s(behind, take_s, spent_s) if take_s else None
        self._board.change(job_id, told_stage=told_stage, fraction=fraction, left_s=left_s)
        if told_stage != job.told_stage or time.monotonic() - self._told_s.get(job_id, 0.0) >= TELL_S:
            self._note(job_id)

    def _tell_juror(self, job_id: str) -> None:
        job = self._board.job(job_id)
        self._board.change(job_id, spoken=(job.spoken if job else 0) + 1)
        self._note(job_id)

    def _note(self, job_id: str) -> None:
        """For listeners in other processes; they can wait for the next."""
        job = self._board.job(job_id)
        if job is None:
            return
        self._told_s[job_id] = time.monotonic()
        names = ("told_stage", "fraction", "left_s", "spoken", "told_from")
        try:
            self._store.tell(job_id, self._executor_id, {name: getattr(job, name) for name in names})
        except SQLAlchemyError as error:
            log.warning("progress of %s was not kept: %s", job_id, type(error).__name__)


def _request_file(job_id: str) -> str:
    attempt = job_id.partition(".")[2] or "0"
    return f"request.{attempt}"


def _with_room(work: Callable[[], str]) -> str:
    """Waits a while for room on a full disk. Raises JobFailedError when there is none."""
    for wait_s in DISK_WAITS_S:
        try:
            return work()
        except OSError as error:
            if error.errno not in FULL:
                raise
            log.warning("the disk is full, trying again in %.1f s", wait_s)
        time.sleep(wait_s)
    try:
        return work()
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise JobFailedError("there was no room on the disk to judge this take") from error
