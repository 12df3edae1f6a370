"""What the studio can play of a session."""

from typing import Literal

from pydantic import BaseModel, Field

Owner = Literal["user", "ref"]
Name = Literal["vocals", "instrumentals", "original"]


class StudioTrack(BaseModel):
    owner: Owner
    name: Name
    url: str
    duration_s: float
    media_type: str
    gain_db: float = Field(description="what a mixer should add so that takes are about equally loud")


class MissingTrack(BaseModel):
    owner: Owner
    name: Name
    reason: str = Field(
        description='"not-ready", "no-take", "take-deleted", "not-separated", "no-track", "unknown-song"'
    )


class TracksReply(BaseModel):
    tracks: list[StudioTrack]
    missing: list[MissingTrack]
