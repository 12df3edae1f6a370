"""A song as a search tells of it."""

from dataclasses import asdict, dataclass
from typing import Any

from voicejury.v1 import song_pb2

MAX_NAME_CHARACTERS = 300


@dataclass(frozen=True, slots=True)
class Track:
    """`id` is "spotify:<id>", "youtube:<id>", "folder:<id>" or "song:<song_id>"."""

    id: str
    title: str
    artist: str
    album: str
    duration_s: float | None
    cover_url: str | None  # where the service has it; nothing outside signaling asks there
    source: str  # "spotify", "youtube", "folder", "catalogue"
    song_id: str | None = None  # of the catalogue's song, when it can be sung at once

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(kept: dict[str, Any]) -> "Track":
        return Track(**kept)


def track_of_song(song: song_pb2.Song) -> Track:
    return Track(
        id=f"song:{song.id}",
        title=song.title,
        artist=song.artist,
        album="",
        duration_s=song.duration_s,
        cover_url=f"/api/songs/{song.id}/cover" if song.cover_key else None,
        source="catalogue",
        song_id=song.id,
    )


def shortened(name: str) -> str:
    """One line of bounded length: names come from outside."""
    return " ".join(name.split())[:MAX_NAME_CHARACTERS]
