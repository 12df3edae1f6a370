"""From a song or a track to the lyrics that are wanted for it."""

from voicejury.v1 import song_pb2

from signaling.lyrics.lines import FoundLyrics, lyrics_of_song
from signaling.lyrics.wanted import WantedLyrics
from signaling.search.tracks import Track


def track_id_of(song: song_pb2.Song) -> str:
    """Lyrics lie on a recording: two versions of one title have lyrics and offsets of their own."""
    return song.source_id or f"song:{song.id}"


def own_lyrics(song: song_pb2.Song) -> FoundLyrics | None:
    """What the song itself sings, in its own times; None where it has no words."""
    lyrics = lyrics_of_song(song)
    if lyrics is None:
        return None
    source = song.voices[0].reference.lyrics.source or "notes"
    return FoundLyrics(track_id_of(song), source, lyrics.language, lyrics.is_synced, lyrics.lines)


def wanted_for_song(song: song_pb2.Song) -> WantedLyrics:
    return WantedLyrics(
        track_id=track_id_of(song),
        title=song.title,
        artist=song.artist,
        duration_s=song.duration_s * tempo_of(song) or None,
        language=song.language,
        is_known=True,
    )


def wanted_for_track(track: Track) -> WantedLyrics:
    return WantedLyrics(track.id, track.title, track.artist, track.duration_s, track.album, is_known=True)


def tempo_of(song: song_pb2.Song) -> float:
    return song.tempo or 1.0
