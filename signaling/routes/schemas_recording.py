"""What a phone is told about its own recording of a take."""

from pydantic import BaseModel, Field

from signaling.routes.schemas import Request


class EndRequest(Request):
    has_recording: bool = False


class MissingSpan(BaseModel):
    start_s: float = Field(description="song seconds")
    end_s: float


class MissingReply(BaseModel):
    spans: list[MissingSpan]
    margin_s: float = Field(description="of sound to be sent along before and after each span")


class FilledSpan(MissingSpan):
    filled_s: float = Field(description="0 where it was refused")
    offset_s: float | None = Field(description="found by correlation; positive: the stamps were early")
    correlation: float
    refusal: str = Field(description="empty, no-agreement, no-margin or nothing-missing")


class RecordingReply(BaseModel):
    spans: list[FilledSpan]


class RecordingUpload(BaseModel):
    """`voicejury.v1.PhoneSound` messages, each behind its length as a varint."""
