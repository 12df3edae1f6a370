"""Takes a prepared song into the catalogue: files by link, the row that counts them, once for each content."""

import asyncio
import errno
import logging
from datetime import UTC, datetime
from pathlib import Path

from voicejury.v1 import song_pb2

from signaling.errors import SongAudioError, SourceError
from signaling.preparing.stems import Stems
from signaling.songs.catalogue import Catalogue
from signaling.songs.sounds import Sounds
from signaling.store.references import PreparedReference, References

FILE_KEYS = ("audio_key", "vocals_key", "original_key", "guide_key")

log = logging.getLogger(__name__)


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

    async def take(self, song: song_pb2.Song) -> str:
        """The id of the song in the catalogue: its own, or that of a rival that took the same content before."""
        await asyncio.to_thread(self._add, song)
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
                log.warning("song %s goes without a light sound: %s", song.id, type(error).__name__)

    def _add(self, song: song_pb2.Song) -> None:
        try:
            with self._stems.workplace() as workplace:
                self._catalogue.add(song, self._files(song, workplace), link=True)
        except OSError as error:
            raise disk_error(error) from error

    def _files(self, song: song_pb2.Song, workplace: Path) -> dict[str, Path]:
        names = {getattr(song, key) for key in FILE_KEYS} - {""}
        return {name: self._stems.prepared_file(song.content_hash, name, workplace) for name in sorted(names)}


def disk_error(error: OSError) -> SourceError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SourceError("disk-full", "The disk of this installation is full; free some space, then try again.")
    return SourceError("service-failed", "The files of this song cannot be written.")
