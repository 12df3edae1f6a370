"""Folders of this machine as sources: the watched folder, and the music folder of a media library, read only."""

import asyncio
import hashlib
import logging
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz, process

from signaling.errors import LyricsFormatError, SourceError
from signaling.lyrics.lrc import decode_lyrics, parse_lyrics
from signaling.sources.accepting import accept
from signaling.sources.child import Limits, Misfortunes, run_child
from signaling.sources.child_main import of_os_error
from signaling.sources.disk import check_free, temporary_folder
from signaling.sources.model import Fetched, Kind, OnProgress, Source, Wanted
from signaling.sources.ranking import fold, match_of
from signaling.sources.trees import MAX_TEXT_BYTES, Recording, Tree, look

TAGS_CHILD = "signaling.sources.tags_child"
TAGS_AT_ONCE = 400
TAGS_LIMITS = Limits(wall_s=120.0, cpu_s=120, memory_bytes=1024**3, file_bytes=0)
GONE = SourceError("no-source", "This file is no longer in its folder.")
TAGS_LOST = SourceError("not-audio", "The tags of these files cannot be read.")
MIN_MATCH = 0.3
MIN_LIKENESS = 60  # per cent, before versions are told apart
MOST = 10
COPY_BYTES = 1024 * 1024

TagsKey = tuple[Path, tuple[int, int]]  # the first file and the stamp
Tags = dict[TagsKey, Mapping[str, Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Shelved:
    """A recording of a folder with its names, as a search sees it."""

    source: Source
    recording: Recording
    folded: str


class Folder:
    """One root, looked through by `scan`; searching asks what the last scan found."""

    def __init__(self, name: str, root: Path, max_s: float, max_bytes: int) -> None:
        self.name = name  # "watched" or "music": part of every id, so that moving the folder keeps them
        self._root = root
        self._max_s = max_s
        self._max_bytes = max_bytes
        self._shelf: dict[str, Shelved] = {}
        self._shelved_of: list[Recording] = []
        self._tags: Tags = {}

    async def scan(self) -> Tree:
        """Looks again; tags are read of new files only. Of a folder that is gone the last look is kept."""
        try:
            tree = await asyncio.to_thread(look, self._root)
            await self.shelve(tree.recordings)
        except OSError as error:
            log.warning("folder %s cannot be read: %s", self.name, error.strerror)
            tree = Tree()
        return tree

    async def shelve(self, recordings: Sequence[Recording]) -> None:
        """Makes these the ones that are found. In a thread: tens of thousands take most of a second."""
        these = list(recordings)
        if await asyncio.to_thread(self._shelved_of.__eq__, these):
            return
        fresh = await asyncio.to_thread(self._without_tags, these)
        read = dict(zip(fresh, await _read_tags([path for path, _ in fresh]), strict=True))
        self._tags, self._shelf = await asyncio.to_thread(self._built, these, self._tags | read)
        self._shelved_of = these

    def _without_tags(self, recordings: Sequence[Recording]) -> list[TagsKey]:
        return [key for recording in recordings if (key := _key(recording)) not in self._tags]

    def _built(self, recordings: Sequence[Recording], known: Tags) -> tuple[Tags, dict[str, Shelved]]:
        """The tags that are still of use, and the shelf."""
        tags = {(key := _key(recording)): known[key] for recording in recordings}
        shelf = [self._shelved(recording, tags[_key(recording)]) for recording in recordings]
        return tags, {one.source.id: one for one in shelf}

    def search(self, query: str, limit: int) -> list[Source]:
        """What sounds like the query, by title and artist, best first."""
        found = self._alike(query, limit)
        return [replace(one.source, match=likeness / 100) for one, likeness in found]

    def named(self, source_id: str) -> Source | None:
        return self._shelf[source_id].source if source_id in self._shelf else None

    def candidates(self, wanted: Wanted) -> list[Source]:
        alike = [one.source for one, _ in self._alike(f"{wanted.artist} {wanted.title}", MOST)]
        ranked = [(match_of(wanted, one.title, one.artist, one.duration_s), one) for one in alike]
        return [replace(one, track_id=wanted.id, match=match) for match, one in ranked if match >= MIN_MATCH]

    async def fetch(self, source: Source, folder: Path) -> Fetched:
        """A copy in `folder`, checked; SourceError("no-source") when the file is no longer there."""
        shelved = self._shelf.get(source.id)
        if shelved is None:
            await self.scan()  # after a restart nothing was looked at yet
            shelved = self._shelf.get(source.id)
        if shelved is None:
            raise GONE.anew()
        check_free(folder)
        async with temporary_folder(folder, ".fetching-") as inner:
            given = {
                role: await asyncio.to_thread(self._copy, path, inner / f"{role}{path.suffix.lower()}")
                for role, path in shelved.recording.files
            }
            accepted = await accept(given, folder, self._max_s)
        lyrics = await asyncio.to_thread(_words_beside, shelved.recording.lyrics)
        return Fetched(
            original=accepted.file("original"),
            instrumental=accepted.file("instrumental"),
            vocals=accepted.file("vocals"),
            content_hash=accepted.content_hash,
            title=source.title,
            artist=source.artist,
            duration_s=accepted.duration_s,
            lyrics=lyrics or accepted.lyrics,
            note=accepted.note,
        )

    def _alike(self, query: str, limit: int) -> list[tuple[Shelved, float]]:
        shelf = self._shelf  # another look may replace it meanwhile
        choices = {source_id: one.folded for source_id, one in shelf.items()}
        hits = process.extract(
            fold(query), choices, scorer=fuzz.token_set_ratio, score_cutoff=MIN_LIKENESS, limit=limit
        )
        return [(shelf[source_id], float(likeness)) for _text, likeness, source_id in hits]

    def _shelved(self, recording: Recording, tags: Mapping[str, Any]) -> Shelved:
        path = recording.files[0][1]
        mark = hashlib.sha256(f"{self.name}/{path.relative_to(self._root)}".encode(errors="replace")).hexdigest()
        title, artist = _readable(tags["title"] or recording.title), _readable(tags["artist"] or recording.artist)
        details = {
            "folder": self.name,
            "is_pair": len(recording.files) == 2,
            "has_words": recording.lyrics is not None,
        }
        source = Source(
            id=f"{Kind.FOLDER.value}:{mark[:32]}",
            kind=Kind.FOLDER,
            title=title,
            artist=artist,
            duration_s=tags["duration_s"],
            added_at=datetime.now(UTC),
            details=details,
        )
        return Shelved(source, recording, fold(f"{artist} {title}"))

    def _copy(self, path: Path, target: Path) -> Path:
        """By a descriptor that refuses links, from a place that is still inside the folder."""
        if not path.resolve(strict=True).is_relative_to(self._root.resolve()):
            raise GONE.anew()
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file, target.open("wb") as copy:
            if os.fstat(file.fileno()).st_size > self._max_bytes:
                raise SourceError("too-large", f"This recording is larger than {self._max_bytes // 1024**2} MiB.")
            shutil.copyfileobj(file, copy, COPY_BYTES)
        return target


class Folders:
    """All folders of this installation as one origin."""

    def __init__(self, folders: Sequence[Folder]) -> None:
        self.folders = tuple(folders)

    def search(self, query: str, limit: int) -> list[Source]:
        found = [source for folder in self.folders for source in folder.search(query, limit)]
        return sorted(found, key=lambda source: -(source.match or 0.0))[:limit]

    async def named(self, wanted: Wanted) -> Source | None:
        found = (folder.named(wanted.id) for folder in self.folders)
        return next((source for source in found if source is not None), None)

    async def candidates(self, wanted: Wanted) -> list[Source]:
        return await asyncio.to_thread(lambda: [one for folder in self.folders for one in folder.candidates(wanted)])

    async def fetch(self, source: Source, folder: Path, on_progress: OnProgress) -> Fetched:
        for one in self.folders:
            if one.name == source.details.get("folder"):
                try:
                    fetched = await one.fetch(source, folder)
                except OSError as error:
                    raise of_os_error(error) or GONE.anew() from error
                on_progress(1.0, 0.0)
                return fetched
        raise SourceError("no-source", "This folder is no longer one of this installation.")


def _key(recording: Recording) -> TagsKey:
    return recording.files[0][1], recording.stamp


def _readable(name: str) -> str:
    """A name of a file may hold bytes of no encoding, which no answer can tell and no store can keep."""
    return name.encode("utf-8", "replace").decode()


async def _read_tags(paths: Sequence[Path]) -> list[Mapping[str, Any]]:
    """Title, artist and length of each; batches that break are left without."""
    tags: list[Mapping[str, Any]] = []
    for first in range(0, len(paths), TAGS_AT_ONCE):
        batch = [str(path) for path in paths[first : first + TAGS_AT_ONCE]]
        try:
            done = await run_child(TAGS_CHILD, {"paths": batch}, TAGS_LIMITS, Misfortunes(TAGS_LOST, TAGS_LOST))
            tags += done["tags"]
        except SourceError:
            log.warning("the tags of %d files cannot be read", len(batch))
            tags += [{"title": "", "artist": "", "duration_s": None}] * len(batch)
    return tags


def _words_beside(path: Path | None) -> str:
    """The lyrics of the file beside it; a file that holds none counts as absent."""
    if path is None:
        return ""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            text = decode_lyrics(file.read(MAX_TEXT_BYTES))
        parse_lyrics(text)
    except (OSError, LyricsFormatError) as error:
        log.warning("lyrics beside a recording are left out: %s", type(error).__name__)
        return ""
    return text
