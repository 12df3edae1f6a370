"""What the search takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, Field

from signaling.routes.schemas import Request, plain_name

Query = Annotated[str, BeforeValidator(plain_name), Field(min_length=1, max_length=100)]


class SearchQuery(Request):
    q: Query
    limit: int = Field(default=20, ge=1, le=50)


class FoundTrack(BaseModel):
    id: str = Field(description="spotify:<id>, youtube:<id>, folder:<id> or song:<song_id>")
    title: str
    artist: str
    album: str
    duration_s: float | None
    cover_url: str | None
    source: Literal["spotify", "youtube", "folder", "catalogue"]
    song_id: str | None = Field(description="set when it can be sung at once")


class SourceAnswer(BaseModel):
    name: str
    status: Literal["answered", "skipped", "failed"]
    detail: str


class SearchReply(BaseModel):
    query: str
    tracks: list[FoundTrack]
    sources: list[SourceAnswer]


class PastSearch(BaseModel):
    query: str
    searched_at: datetime


class RecentReply(BaseModel):
    searches: list[PastSearch] = Field(description="newest first, 20 at most")
