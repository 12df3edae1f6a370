"""Jobs that their executor has left: taken up where somebody can, given up where nobody should."""

import logging
from collections.abc import Callable
from typing import Any

from dbos import DBOS
from dbos import WorkflowStatus as Workflow

from inference import metrics
from inference.errors import JobFailedError
from inference.jobs.board import Board
from inference.jobs.queues import DEFAULT
from inference.jobs.stages import Stage
from inference.jobs.store import Job, JobStore

MAX_FAULTS = 3  # executors that die in one stage of a job, one after another
BROKE = "this take broke the judge {count} times"
SILENT_MS = 60_000  # of a job's row, before somebody asks what its workflow does
KEPT_MS = 24 * 3600 * 1000  # of jobs that are over

log = logging.getLogger(__name__)


class LeftJobs:
    """`start` begins a job's workflow by its id and attempt."""

    def __init__(self, store: JobStore, board: Board, executor_id: str, start: Callable[[str, int], None]) -> None:
        self._store = store
        self._board = board
        self._executor_id = executor_id
        self._start = start
        self._strays: set[str] = set()

    def revive(self, executor_id: str, has_left: bool) -> bool:
        for workflow in _pending(executor_id=executor_id):
            self._take_up(workflow, has_left)
        return True

    def find_orphans(self, known_now: Callable[[], frozenset[str]]) -> None:
        """Jobs whose executor nobody knows, and those of this process that it does not work on, seen twice."""
        running, strays = self._board.running, set[str]()
        pending = _pending()
        known = known_now()  # afterwards: who has begun meanwhile was known before it began
        for workflow in pending:
            if workflow.executor_id == self._executor_id:
                is_running = workflow.workflow_id.partition(":")[0] in running
                strays |= set() if is_running else {workflow.workflow_id}
            elif workflow.executor_id not in known:
                self._take_up(workflow, has_left=False)
        for workflow in _pending(workflow_ids=sorted(strays & self._strays)):
            self._take_up(workflow, has_left=False)
        self._strays = strays - self._strays
        for job in self._store.silent_jobs(SILENT_MS):
            self._settle(job)

    def _settle(self, job: Job) -> None:
        """A job whose row was not told how its workflow ended, or whose workflow was never begun."""
        workflow = DBOS.get_workflow_status(job.job_id)
        if workflow is None:
            self._start(job.job_id, job.attempt)
        elif workflow.status == "SUCCESS":
            self._store.finish_left(job)
        elif workflow.status not in ("PENDING", "ENQUEUED", "DELAYED"):
            self._give_up(job, "the judge failed")

    def _take_up(self, workflow: Workflow, has_left: bool) -> None:
        """Puts into the queue what its executor has left, or gives it up."""
        job_id, _, stage = workflow.workflow_id.partition(":")
        job = self._store.find(job_id)
        if job is None or job.is_over:
            DBOS.cancel_workflow(workflow.workflow_id)
            return
        if not _pending(workflow_ids=[workflow.workflow_id], executor_id=workflow.executor_id):
            return  # somebody was faster
        was_held = job.holder == workflow.executor_id and stage in ("", job.stage)
        is_guilty = was_held and job.is_busy and not has_left
        faults = (job.faults + 1 if job.fault_stage == job.stage else 1) if is_guilty else job.faults
        if faults >= MAX_FAULTS:
            if self._give_up(job, BROKE.format(count=faults)):
                DBOS.cancel_workflow(workflow.workflow_id)
            return
        values: dict[str, object] = {"holder": None, "is_busy": False} if was_held else {}
        values |= {"faults": faults, "fault_stage": job.stage} if is_guilty else {}
        claim = self._store.claim_stage if stage else self._store.claim
        if claim(job, values):
            log.info("job %s is taken up again at %s", job_id, job.stage or "its beginning")
            metrics.JOBS_RECOVERED.inc()
            queue = workflow.queue_name if stage else None
            DBOS.resume_workflow(workflow.workflow_id, queue_name=queue or DEFAULT)

    def forget(self) -> None:
        """What is over since long, together with its workflows."""
        if forgotten := self._store.forget_jobs(KEPT_MS):
            children = [f"{job_id}:{stage}" for job_id in forgotten for stage in Stage]
            DBOS.delete_workflows([*forgotten, *children])

    def _give_up(self, job: Job, text: str) -> bool:
        """False where the job lives after all."""
        if not self._store.fail_left(job, JobFailedError.__name__, text):
            return False
        log.info("job %s failed: %s", job.job_id, text)
        metrics.JOBS_FAILED.labels(JobFailedError.__name__).inc()
        return True


def _pending(**filters: Any) -> list[Workflow]:
    if filters.get("workflow_ids") == []:
        return []
    return DBOS.list_workflows(status="PENDING", load_input=False, load_output=False, **filters)
