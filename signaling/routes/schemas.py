"""What the REST interface takes and gives; /openapi.json is made from these models."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel

MAX_SDP_CHARACTERS = 60_000
PLAIN_ID = r"^[^\x00-\x1f\x7f-\x9f]*$"  # PostgreSQL keeps no NUL, and no id holds a control character


def plain_name(value: Any) -> Any:
    """Names are compared, in the leaderboard too: one form, no control characters, no runs of spaces."""
    if not isinstance(value, str):
        return value
    kept = "".join(" " if letter.isspace() else letter for letter in unicodedata.normalize("NFC", value))
    kept = "".join(letter for letter in kept if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Cn"))
    return " ".join(kept.split())


SingerName = Annotated[str, BeforeValidator(plain_name), Field(min_length=1, max_length=24)]


class Request(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class OfferRequest(Request):
    sdp: str = Field(min_length=1, max_length=MAX_SDP_CHARACTERS)
    type: Literal["offer"]
    resume: bool = False


class HistoryQuery(Request):
    song_id: str | None = Field(default=None, max_length=64, pattern=PLAIN_ID)
    limit: int = Field(default=20, ge=1, le=100)
    before: datetime | None = Field(default=None, description="`sung_at` of the last take of the page before")


class StartReply(BaseModel):
    session_id: str
    token: str
    expires_s: int
    ice_servers: list[dict[str, Any]]
    state: str = Field(description="created, or preparing while the song is made")


class OfferReply(BaseModel):
    sdp: str
    type: Literal["answer"] = "answer"
    resumed: bool


class EndReply(BaseModel):
    state: str


class Progress(BaseModel):
    stage: str
    fraction: float
    left_s: float | None = None


class SessionProblem(BaseModel):
    code: str
    detail: str


class StatusReply(BaseModel):
    session_id: str
    song_id: str
    state: str
    progress: Progress | None
    error: SessionProblem | None


class BestTake(BaseModel):
    singer: str
    total: float


class SongSummary(BaseModel):
    id: str
    title: str
    artist: str
    language: str
    duration_s: float
    source: str
    cover_url: str | None
    guide_url: str | None
    best: BestTake | None


class SongList(BaseModel):
    songs: list[SongSummary]


class SongDocument(RootModel[dict[str, Any]]):
    """`voicejury.v1.Song` with `audio_url`, `guide_url` and `cover_url`."""


class VerdictDocument(RootModel[dict[str, Any]]):
    """`voicejury.v1.Verdict` as JSON, with null for each part that was not measured, and `jury`."""


class TakeSummary(BaseModel):
    take_id: str
    song_id: str
    title: str
    artist: str
    singer: str
    total: float | None
    pitch: float | None
    rhythm: float | None
    lyrics: float | None
    sung_at: datetime
    curve: list[dict[str, float]]


class Ranked(BaseModel):
    rank: int
    singer: str
    total: float
    sung_at: datetime


class HistoryReply(BaseModel):
    takes: list[TakeSummary]
    leaderboard: list[Ranked] = Field(description="empty without song_id")


class DependencyHealth(BaseModel):
    status: Literal["ok", "degraded", "down"]
    detail: str


class HealthReply(BaseModel):
    status: Literal["ok", "degraded", "down"]
    dependencies: dict[str, DependencyHealth]


class Problem(BaseModel):
    """RFC 9457."""

    code: str
    title: str
    status: int
    detail: str
