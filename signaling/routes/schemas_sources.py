"""What the calls on sources take and give."""

from pydantic import BaseModel, Field

from signaling.routes.schemas import Request


class SourcesQuery(Request):
    track_id: str = Field(pattern=r"^(spotify|youtube|song|folder|upload|link):[A-Za-z0-9_-]{1,64}$")


class UploadForm(BaseModel):
    """`audio`, or `instrumental` and `vocals`. The texts are optional; `lyrics` is LRC or plain text."""

    audio: str = Field(default="", json_schema_extra={"format": "binary"})
    instrumental: str = Field(default="", json_schema_extra={"format": "binary"})
    vocals: str = Field(default="", json_schema_extra={"format": "binary"})
    title: str = ""
    artist: str = ""
    language: str = ""
    lyrics: str = ""


class UploadReply(BaseModel):
    source_id: str
    title: str
    artist: str
    duration_s: float
    kind: str
    note: str = Field(description="what the user should know, such as a picture that was left out; else empty")


class SourceCandidate(BaseModel):
    source_id: str
    kind: str
    title: str
    artist: str
    duration_s: float | None
    match: float | None
    confidence: float | None
    is_ready: bool
    cover_url: str | None
    remarks: list[str] = Field(
        description="what may be wrong: live, cover, no-voice, remix, altered, acoustic, no-song, many-songs, "
        "other-artist, longer, shorter; what speaks for it: same-length, official"
    )


class CandidatesReply(BaseModel):
    candidates: list[SourceCandidate]
