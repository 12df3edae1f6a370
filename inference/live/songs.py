"""The songs' own sound for the live judge, read beside the event loop and the engine."""

from concurrent.futures import ThreadPoolExecutor

from voicejury.v1 import song_pb2

from inference.audio.bleed.backings import Backings, is_moved
from inference.audio.bleed.echo_filter import compile_filter
from inference.audio.framing import Samples
from inference.live.bleed import FindSong


class SongReader:
    """One thread; whoever sings a song that is not read yet is judged without it until it is."""

    def __init__(self, backings: Backings) -> None:
        self._backings = backings
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="songs")
        self._reader.submit(compile_filter)

    def find(self, song: song_pb2.Song) -> FindSong | None:
        """None where the song has no sound, or the phone moves it to another key or tempo."""
        if not song.audio_key or is_moved(song):
            return None
        reading = self._reader.submit(self._backings.of, song)

        def sound() -> Samples | None:
            return reading.result() if reading.done() and reading.exception() is None else None

        return sound
