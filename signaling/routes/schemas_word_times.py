"""Word times as the REST interface gives them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from signaling.routes.schemas import PLAIN_ID, Request


class GenerateRequest(Request):
    track_id: str = Field(min_length=1, max_length=200, pattern=PLAIN_ID)
    method: Literal["auto", "whisper", "syllables"] = "auto"


class GenerateReply(BaseModel):
    task_id: str


class TimedWord(BaseModel):
    text: str
    onset_s: float
    offset_s: float
    line: int
    timed_by: str = Field(description='"notes", "file", "whisper" or "syllables"')
    certainty: float = Field(description="0..1 that the onset is within 0.3 s")


class WordTimesReply(BaseModel):
    track_id: str
    method: str
    words: list[TimedWord] = Field(description="song seconds of the recording; the lyrics' offset is inside")
    made_at: datetime


class TaskError(BaseModel):
    code: str
    detail: str


class WordTaskReply(BaseModel):
    task_id: str
    state: Literal["queued", "running", "done", "failed"]
    fraction: float
    error: TaskError | None
