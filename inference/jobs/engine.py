"""The port behind which the jobs run: what the rest of the house knows of them."""

from collections.abc import AsyncIterator
from typing import Protocol

from voicejury.v1 import analysis_pb2


class JobEngine(Protocol):
    """Judges takes so that nothing is lost: not by a client that leaves, nor by a process that dies."""

    async def submit(self, request: analysis_pb2.JudgeRequest) -> str:
        """The job's id; the same for the same take and attempt, however often it is submitted.

        Raises OverloadedError, and InferenceError where the job cannot be kept.
        """
        ...

    def follow(self, job_id: str) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        """How far it is, the scores, each juror, the verdict; wherever it runs.

        Raises the InferenceError with which the job has ended.
        """
        ...


def job_id_of(session_id: str, attempt: int) -> str:
    return f"{session_id}.{attempt}" if attempt else session_id
