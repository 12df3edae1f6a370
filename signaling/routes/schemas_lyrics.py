"""What the calls about lyrics take and give."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

from signaling.routes.schemas import Request, plain_name

Name = Annotated[str, BeforeValidator(plain_name), Field(max_length=300)]


class LyricsQuery(Request):
    """For tracks that no search has given."""

    title: Name = ""
    artist: Name = ""
    duration_s: float | None = Field(default=None, gt=0, le=7200, allow_inf_nan=False)


class OffsetRequest(Request):
    offset_s: float = Field(ge=-10, le=10, allow_inf_nan=False, description="positive: the words come later")


class TimedLyricWord(BaseModel):
    text: str
    onset_s: float
    offset_s: float | None


class LyricsLine(BaseModel):
    text: str
    onset_s: float | None = Field(description="null in plain lyrics")
    offset_s: float | None
    words: list[TimedLyricWord] = Field(description="empty where the words are not timed")


class LyricsReply(BaseModel):
    track_id: str
    source: str = Field(description="user, lrclib, genius, file or notes")
    language: str = Field(description="ISO 639-1, empty when unknown")
    is_synced: bool
    lines: list[LyricsLine]
    fetched_at: datetime | None = Field(description="null for the song's own")
    expires_at: datetime | None


class SessionLyricsReply(LyricsReply):
    """Times as this session sings the song: offset and tempo are inside."""

    offset_s: float


class OffsetReply(BaseModel):
    track_id: str
    source: str
    offset_s: float
