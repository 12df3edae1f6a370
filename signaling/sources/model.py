"""The words of this package: what is wanted, what was found, what was fetched."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

OnProgress = Callable[[float, float | None], None]  # fraction 0..1, seconds left or None; called in the event loop


class Kind(StrEnum):
    YOUTUBE = "youtube"
    LINK = "link"  # an address of another host that the operator allowed
    UPLOAD = "upload"
    FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The song that a source is looked for: a track of the search."""

    id: str
    title: str
    artist: str
    duration_s: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One hit of a search on YouTube."""

    id: str  # of the video
    title: str
    artist: str  # the uploader, where no artist is named
    duration_s: float | None
    cover_url: str | None
    url: str


@dataclass(frozen=True, slots=True)
class Source:
    """A row of the table `sources`. `id` is "<kind>:<what names it there>"."""

    id: str
    kind: Kind
    title: str
    artist: str
    duration_s: float | None
    added_at: datetime
    track_id: str | None = None
    match: float | None = None
    content_hash: str | None = None  # known once it was fetched
    details: dict[str, Any] = field(default_factory=dict)  # url, uploader, cover_url, lyrics, language, files of a pair


@dataclass(frozen=True, slots=True)
class Candidate:
    """A source beside what was made of it so far."""

    source: Source
    is_ready: bool
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """Recordings in the folder that was asked for: one `original`, or a pair of `instrumental` and `vocals`."""

    original: Path | None
    instrumental: Path | None
    vocals: Path | None
    content_hash: str  # SHA-256 of the original, or of both files' hashes
    title: str
    artist: str
    duration_s: float
    uploader: str = ""
    cover_url: str | None = None
    language: str = ""
    lyrics: str = ""  # LRC or plain text that came with it
    song_text: str = ""  # an UltraStar song with notes and words of this very recording; then `lyrics` do not count
    note: str = ""  # what the user should know, such as "the picture of the video was left out"


class Origin(Protocol):
    """One kind of place that recordings come from. Every call raises SourceError."""

    async def named(self, wanted: Wanted) -> Source | None:
        """The source that the track itself is, as a video found by the search; it belongs to no other track."""
        ...

    async def candidates(self, wanted: Wanted) -> list[Source]:
        """What this place has for the track, with `match`; an empty list when it has nothing."""
        ...

    async def fetch(self, source: Source, folder: Path, on_progress: OnProgress) -> Fetched:
        """Leaves nothing in the folder when it fails."""
        ...
