"""The song that lyrics are looked for."""

import hashlib
from dataclasses import dataclass

from signaling.lyrics.lines import Lyrics
from signaling.search.likeness import fold


@dataclass(frozen=True, slots=True)
class WantedLyrics:
    """`is_known`: the names were told by a search, a source or the catalogue, not by whoever asks for the lyrics."""

    track_id: str
    title: str
    artist: str
    duration_s: float | None = None
    album: str = ""
    language: str = ""  # ISO 639-1 of the song, where it is known
    carried: Lyrics | None = None  # what the song's own file says
    is_known: bool = False

    @property
    def key(self) -> str:
        """Under which lyrics are kept. Nobody's own idea of a title gets into what others see under a track's id."""
        if self.is_known:
            return self.track_id
        length_s = "" if self.duration_s is None else f"{self.duration_s:.0f}"
        asked = "\0".join((self.track_id, fold(self.title), fold(self.artist), length_s))
        return f"asked:{hashlib.sha256(asked.encode()).hexdigest()}"
