"""What metrics and traces are told of jobs and their stages."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.trace import SpanContext
from voicejury import tracing

from inference import metrics
from inference.jobs.stages import Stage
from inference.jobs.store import Job


@contextmanager
def stage_watched(job_id: str, stage: Stage, queue: str, waited_s: float) -> Iterator[None]:
    """While a stage runs, here or in the process that took it over; what it calls lies under it in the trace."""
    session_id, _, attempt = job_id.partition(".")
    attributes = {
        "voicejury.stage": stage.value,
        "voicejury.queue": queue,
        "voicejury.attempt": int(attempt or 0),
        "voicejury.waited_s": round(waited_s, 3),
    }
    metrics.STAGE_WAIT_SECONDS.labels(stage.value).observe(waited_s)
    began_s = time.monotonic()
    with tracing.span(f"stage {stage.value}", session_id, attributes, parent=job_place(job_id)):
        yield
    metrics.STAGE_SECONDS.labels(stage.value).observe(time.monotonic() - began_s)


def job_place(job_id: str) -> SpanContext:
    """Of the span under which a job's stages lie, whichever processes run them."""
    return tracing.place(job_id.partition(".")[0], tracing.JOB, job_id)


def trace_job(job: Job, failure: str = "") -> None:
    """Told once it is over, by the process that ended it."""
    tracing.tell(
        tracing.JOB,
        job.session_id,
        job.created_ms / 1000.0,
        {"voicejury.attempt": job.attempt, "voicejury.runs": job.runs, "voicejury.faults": job.faults},
        parent=tracing.place(job.session_id, tracing.JUDGING, job.attempt),
        own=job_place(job.job_id),
        failure=failure,
    )
