"""The words of a song: LRC files, LRCLIB, Genius, the song's own notes."""
