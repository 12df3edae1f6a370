"""What a listener is told of a job: from the job's row, the working files and the verdict that was kept."""

from voicejury.v1 import analysis_pb2, verdict_pb2

from inference import errors
from inference.errors import InferenceError, JobFailedError, TakeMissingError
from inference.jobs.stages import SCORES_FILE, read_jurors
from inference.jobs.store import Job, JobState, read_told_from
from inference.jobs.takes import TakeStore

Event = analysis_pb2.JudgeEvent


class Telling:
    """One listener of one job. Blocking: it reads files."""

    def __init__(self, takes: TakeStore, session_id: str) -> None:
        self._takes = takes
        self._session_id = session_id
        self._files = takes.working(session_id)
        self._at = (-1, -1.0)
        self._has_scores = False
        self._personas: set[str] = set()

    def news(self, job: Job) -> list[Event]:
        """What this listener does not know yet. Raises the InferenceError with which the job has ended."""
        if job.state is JobState.DONE:
            return self.end()
        if job.state is JobState.FAILED:
            raise error_of(job)
        return [*self._progress(job), *self._spoken(job)]

    def end(self) -> list[Event]:
        """The rest of the jury, and the verdict."""
        verdict = self._takes.verdict(self._session_id)
        if verdict is None and self._takes.is_there(self._session_id):
            raise JobFailedError("the verdict was lost on the disk")
        if verdict is None:
            raise TakeMissingError("the take was judged, and is deleted")
        return [*self._jurors(list(verdict.jury)), Event(verdict=verdict)]

    def _progress(self, job: Job) -> list[Event]:
        at = (job.told_stage, job.fraction)
        if at == self._at or job.fraction < self._at[1]:  # who takes a job up begins with what the store was told
            return []
        self._at = at
        progress = analysis_pb2.JudgeProgress(fraction=job.fraction, left_s=job.left_s)
        progress.stage = job.told_stage  # type: ignore[assignment]  # an int that is one of the enum's
        return [Event(progress=progress)]

    def _spoken(self, job: Job) -> list[Event]:
        """The scores, and the jurors that have spoken."""
        if not job.told_from:
            return []
        made_from = read_told_from(job.told_from)
        news = []
        if not self._has_scores and (scores := self._files.read(SCORES_FILE, made_from)) is not None:
            self._has_scores = True
            news.append(Event(scores=verdict_pb2.Verdict.FromString(scores)))
        if job.spoken > len(self._personas):
            news += self._jurors(read_jurors(self._files, made_from))
        return news

    def _jurors(self, jurors: list[verdict_pb2.Juror]) -> list[Event]:
        fresh = [juror for juror in jurors if juror.persona not in self._personas]
        self._personas.update(juror.persona for juror in fresh)
        return [Event(juror=juror) for juror in fresh]


def error_of(job: Job) -> InferenceError:
    """The error with which the job has ended; the same for everybody who asks, now and later."""
    kind = getattr(errors, job.error_kind or "", JobFailedError)
    is_known = isinstance(kind, type) and issubclass(kind, InferenceError) and kind.__init__ is InferenceError.__init__
    error: InferenceError = (kind if is_known else JobFailedError)(job.error_text or "the judge failed")
    return error
