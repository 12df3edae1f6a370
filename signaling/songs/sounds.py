"""Sounds that are made of a song's own: its backing and guide small enough for a phone, and both parts as one.

They lie beside the song, are made once, and go with it. A worker at low priority makes them: live singers go first.
"""

import asyncio
import logging
import os
import platform
import tempfile
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from voicejury.v1 import song_pb2

from signaling.net.once import Once
from signaling.songs.catalogue import Catalogue
from signaling.songs.encoding_opus import write_opus
from signaling.songs.summing import write_sum

NICENESS = 15
HEAVY = (".flac", ".wav")  # what a light encoding is made of; others are light as they are
LIGHT_SUFFIX = "-light.opus"
LIGHT_TYPE = "audio/ogg"
ORIGINAL_NAME = "original.flac"
Make = Callable[[Path], None]  # writes a file; raises OSError, SongAudioError

log = logging.getLogger(__name__)


def light_key(key: str) -> str:
    """The file name of the light encoding of a song's sound; empty where it needs none."""
    path = Path(key)
    return f"{path.stem}{LIGHT_SUFFIX}" if path.suffix.lower() in HEAVY else ""


def is_made_of_parts(song: song_pb2.Song) -> bool:
    """Whether the whole recording is the sum of what is kept."""
    return bool(song.vocals_key and song.audio_key and not song.original_key)


class Sounds:
    """`grown` is told the id of a song whose folder became larger."""

    def __init__(self, catalogue: Catalogue, grown: Callable[[str], Awaitable[None]]) -> None:
        self._catalogue = catalogue
        self._grown = grown
        self._making: Once[Path] = Once()
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="sounds", initializer=_set_back)

    async def aclose(self) -> None:
        await self._making.aclose()
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def light(self, song: song_pb2.Song, key: str) -> Path:
        """The song's sound of this key in a light encoding. Raises FileNotFoundError, OSError, SongAudioError."""
        source, name = self._catalogue.file_of(song, key), light_key(key)
        if source is None or not name:
            raise FileNotFoundError(key)
        heavy = source
        return await self._made(song, name, lambda draft: write_opus(heavy, draft))

    async def original(self, song: song_pb2.Song) -> Path:
        """Voice and backing as one. Raises FileNotFoundError, OSError."""
        parts = [self._catalogue.file_of(song, key) for key in (song.audio_key, song.vocals_key)]
        there = [part for part in parts if part is not None]
        if not is_made_of_parts(song) or len(there) < len(parts):
            raise FileNotFoundError(song.id)
        return await self._made(song, ORIGINAL_NAME, lambda draft: write_sum(there[0], there[1], draft))

    async def _made(self, song: song_pb2.Song, name: str, make: Make) -> Path:
        known = self._catalogue.file_of(song, name)
        if known is not None:
            return known
        return await self._making.run(f"{song.id}/{name}", lambda: self._make(song, name, make))

    async def _make(self, song: song_pb2.Song, name: str, make: Make) -> Path:
        loop = asyncio.get_running_loop()
        path = await loop.run_in_executor(self._worker, _put_beside, self._catalogue.folder_of(song), name, make)
        await self._grown(song.id)
        return path


def _put_beside(folder: Path, name: str, make: Make) -> Path:
    """Whole or not at all, for every reader."""
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".adding-") as staging:
        draft = Path(staging) / name
        make(draft)
        os.replace(draft, folder / name)  # FileNotFoundError where the song has gone meanwhile
    return folder / name


def _set_back() -> None:
    """On Linux it holds for this thread alone; elsewhere it would slow the whole service."""
    if platform.system() == "Linux":
        os.nice(NICENESS)
