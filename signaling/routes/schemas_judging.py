"""What the judging tells over REST."""

from pydantic import BaseModel

from signaling.routes.schemas import SessionProblem


class AnalysisStatus(BaseModel):
    state: str
    stage: str | None  # queued, close, load, separate, pitch, words, score, jury, store; None where nothing is judged
    fraction: float | None
    left_s: float | None
    attempt: int
    error: SessionProblem | None
