"""Songs as sessions keep them, with the words that they sing themselves."""

from dataclasses import dataclass, replace

from voicejury.v1 import song_pb2

from signaling.lyrics.lines import FoundLyrics
from signaling.lyrics.songs import own_lyrics, tempo_of
from signaling.net.latest import Latest

KEPT = 32  # songs, half a megabyte each at most


@dataclass(frozen=True, slots=True)
class SungSong:
    """`song` must not be changed. `words` are in the times of the recording, without an offset."""

    song: song_pb2.Song
    words: FoundLyrics | None


class SungSongs:
    """By their bytes: whatever changes the song of a session changes these."""

    def __init__(self) -> None:
        self._kept: Latest[bytes, SungSong] = Latest(KEPT)

    def of(self, song_pb: bytes) -> SungSong:
        return self._kept.of(song_pb, lambda: _read(song_pb))


def _read(song_pb: bytes) -> SungSong:
    song = song_pb2.Song.FromString(song_pb)
    own = own_lyrics(song)
    if own is None:
        return SungSong(song, None)
    return SungSong(song, replace(own, lines=tuple(line.moved(0.0, 1 / tempo_of(song)) for line in own.lines)))
