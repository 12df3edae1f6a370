"""Takes a prepared song into the catalogue: files by link, the row that counts them, once for each content."""

import asyncio
import errno
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from voicejury.v1 import song_pb2

from signaling.errors import SongAudioError, SourceError
from signaling.preparing.stems import Stems
from signaling.songs.catalogue import COVER_TYPES, Catalogue
from signaling.songs.marks import song_mark
from signaling.songs.sounds import Sounds
from signaling.store.references import PreparedReference, References

FILE_KEYS = ("audio_key", "vocals_key", "original_key", "guide_key")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cover:
    """A picture in a file, or in memory where no disk took it."""

    picture: Path | bytes
    media_type: str

    @property
    def key(self) -> str:
        """The file's name beside the song."""
        return next(f"cover{suffix}" for suffix, known in COVER_TYPES.items() if known == self.media_type)


class Taking:
    def __init__(self, catalogue: Catalogue, references: References, stems: Stems, sounds: Sounds) -> None:
        self._catalogue = catalogue
        self._references = references
        self._stems = stems
        self._sounds = sounds

    async def known(self, content_hash: str | None) -> song_pb2.Song | None:
        """The song that was made of this content before, if it is still there."""
        reference = await self._references.of_content(content_hash) if content_hash else None
        return await asyncio.to_thread(self._catalogue.find, reference.song_id) if reference is not None else None

    async def take(self, song: song_pb2.Song, cover: Cover | None = None) -> str:
        """The id of the song in the catalogue: its own, or that of a rival that took the same content before."""
        await asyncio.to_thread(self._add, song, cover)
        await self._make_light(song)
        size_bytes = await asyncio.to_thread(self._catalogue.size_bytes, song.id)
        now = datetime.now(UTC)
        confidence = song.confidence.overall if song.HasField("confidence") else None
        own = PreparedReference(song.id, song.content_hash, song.source_id, size_bytes, confidence, now, now)
        kept = await self._references.keep(own)
        if kept == song.id or await asyncio.to_thread(self._catalogue.find, kept) is None:
            return song.id
        await asyncio.to_thread(self._catalogue.remove, song.id)
        return kept

    async def _make_light(self, song: song_pb2.Song) -> None:
        """The song can be sung without: a phone then loads the large one."""
        for key in sorted({song.audio_key, song.guide_key} - {""}):
            try:
                await self._sounds.light(song, key)
            except (OSError, SongAudioError) as error:
                log.warning("song %s goes without a light sound: %s", song_mark(song.id), type(error).__name__)

    def _add(self, song: song_pb2.Song, cover: Cover | None) -> None:
        try:
            with self._stems.workplace() as workplace:
                files = self._files(song, workplace)
                if cover is not None:
                    song.cover_key = cover.key
                    files[cover.key] = _in_file(cover, workplace)
                self._catalogue.add(song, files, link=True)
        except OSError as error:
            raise disk_error(error) from error

    def _files(self, song: song_pb2.Song, workplace: Path) -> dict[str, Path]:
        names = {getattr(song, key) for key in FILE_KEYS} - {""}
        return {name: self._stems.prepared_file(song.content_hash, name, workplace) for name in sorted(names)}


def _in_file(cover: Cover, workplace: Path) -> Path:
    """A copy of its own: the search throws its covers away when they become too many, and touches them meanwhile."""
    path = workplace / cover.key
    path.write_bytes(cover.picture if isinstance(cover.picture, bytes) else cover.picture.read_bytes())
    return path


def disk_error(error: OSError) -> SourceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SourceError("disk-full", "The disk of this installation is full; free some space, then try again.")
    return SourceError("service-failed", "The files of this song cannot be written.")
