"""What users upload: kept under its hash in the data folder until it was prepared or grew old."""

import asyncio
import hashlib
import logging
import os
import shutil
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from signaling.errors import SourceError
from signaling.songs.catalogue import NOTES_PAST_AUDIO_S
from signaling.sources.accepting import Accepted, accept
from signaling.sources.child_main import of_os_error
from signaling.sources.disk import RESERVE_BYTES, check_free, temporary_folder
from signaling.sources.model import Fetched, Kind, OnProgress, Source, Wanted
from signaling.sources.ranking import match_of
from signaling.store.sources import SourceTable

AT_ONCE = 4
MIN_MATCH = 0.3
QUOTA_S = 24 * 3600.0
MAX_ADDRESSES = 10_000
INCOMING = ".incoming-"
STALE_S = 24 * 3600.0  # of what a process that died left behind
GONE = SourceError("no-source", "This upload was deleted since; upload the file again.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class UploadFacts:
    """What the user wrote beside the files; empty where nothing was written."""

    title: str = ""
    artist: str = ""
    language: str = ""
    lyrics: str = ""
    song_text: str = ""  # an UltraStar song, in place of lyrics
    notes_end_s: float = 0.0  # of that song
    file_title: str = ""  # by the file's own name, where neither user nor tags name it


class Uploads:
    def __init__(
        self, folder: Path, table: SourceTable, max_s: float, max_bytes: int, reserve_bytes: int = RESERVE_BYTES
    ) -> None:
        self._folder = folder
        self._table = table
        self._max_s = max_s
        self.max_bytes = max_bytes
        self._reserve_bytes = reserve_bytes
        self._places = asyncio.Semaphore(AT_ONCE)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """An empty folder for one upload, deleted with all that is still in it. Too many at once are told `busy`."""
        if self._places.locked():
            raise SourceError("busy", "Too many uploads at once; try again in a minute.")
        async with self._places:
            await asyncio.to_thread(self._folder.mkdir, mode=0o700, parents=True, exist_ok=True)
            check_free(self._folder, self._reserve_bytes)
            async with temporary_folder(self._folder, INCOMING) as inner:
                yield inner

    async def take(self, given: Mapping[str, Path], facts: UploadFacts) -> Source:
        """Checks what lies in a place, and keeps it as a source; raises SourceError and OSError, keeping nothing."""
        accepted = await accept(given, self._folder, self._max_s)
        source = _source(accepted, facts)
        try:
            _check_notes(accepted, facts)
            await self._table.keep([source])
        except BaseException:
            await asyncio.to_thread(_delete, accepted)
            raise
        return await self._table.find(source.id) or source

    async def named(self, wanted: Wanted) -> Source | None:
        return await self._table.find(wanted.id) if wanted.id.startswith(f"{Kind.UPLOAD.value}:") else None

    async def candidates(self, wanted: Wanted) -> list[Source]:
        """Earlier uploads that are like the track."""
        uploads = await self._table.of_kind(Kind.UPLOAD)
        ranked = [(match_of(wanted, one.title, one.artist, one.duration_s), one) for one in uploads]
        return [replace(one, track_id=wanted.id, match=match) for match, one in ranked if match >= MIN_MATCH]

    async def fetch(self, source: Source, folder: Path, on_progress: OnProgress) -> Fetched:
        kept: dict[str, str] = source.details["files"]
        try:
            files = {role: await asyncio.to_thread(self._copy, name, folder) for role, name in kept.items()}
        except FileNotFoundError as error:
            raise GONE.anew() from error
        except OSError as error:
            raise of_os_error(error) or GONE.anew() from error
        on_progress(1.0, 0.0)
        return Fetched(
            original=files.get("original"),
            instrumental=files.get("instrumental"),
            vocals=files.get("vocals"),
            content_hash=source.content_hash or "",
            title=source.title,
            artist=source.artist,
            duration_s=source.duration_s or 0.0,
            language=source.details.get("language", ""),
            lyrics=source.details.get("lyrics", ""),
            song_text=source.details.get("song_text", ""),
            note=source.details.get("note", ""),
        )

    async def prune(self, older_than_s: float) -> int:
        """Deletes files that nobody touched for so long; sources that were never prepared go with them."""
        deleted = await asyncio.to_thread(self._prune_files, time.time() - older_than_s)
        lost = [
            source.id
            for source in await self._table.of_kind(Kind.UPLOAD)
            if deleted & set(source.details["files"].values())
        ]
        await self._table.forget_unprepared(lost)
        return len(deleted)

    def _copy(self, name: str, folder: Path) -> Path:
        """Linked where the disk allows; the upload counts as touched."""
        kept, target = self._folder / Path(name).name, folder / Path(name).name
        os.utime(kept)
        try:
            os.link(kept, target)
        except FileExistsError:
            return target
        except OSError:
            try:
                shutil.copyfile(kept, target)
            except OSError:
                target.unlink(missing_ok=True)
                raise
        return target

    def _prune_files(self, before_s: float) -> set[str]:
        deleted: set[str] = set()
        if not self._folder.is_dir():
            return deleted
        for entry in self._folder.iterdir():
            try:
                if _prune_one(entry, before_s):
                    deleted.add(entry.name)
            except FileNotFoundError:  # an upload that ends meanwhile moves or deletes its own
                continue
            except OSError as error:
                log.warning("an old upload cannot be deleted: %s", error.strerror)
        return deleted


class Quota:
    """Bytes that one address may upload in a day."""

    def __init__(self, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._max_bytes = max_bytes
        self._clock = clock
        self._spent: OrderedDict[str, tuple[float, int]] = OrderedDict()  # since when, bytes

    def check(self, address: str) -> None:
        """Raises SourceError("busy") when nothing is left."""
        since, spent = self._spent.get(address, (self._clock(), 0))
        if spent >= self._max_bytes and self._clock() - since < QUOTA_S:
            raise SourceError("busy", "This address has uploaded enough for today.")

    def spend(self, address: str, size_bytes: int) -> None:
        now = self._clock()
        since, spent = self._spent.pop(address, (now, 0))
        self._spent[address] = (now, size_bytes) if now - since >= QUOTA_S else (since, spent + size_bytes)
        if len(self._spent) > MAX_ADDRESSES:
            self._spent.popitem(last=False)


def file_title(file_name: str | None) -> str:
    """A title by the name of the user's file."""
    stem = Path(unquote(file_name or "").replace("\\", "/")).stem
    return " ".join(stem.replace("_", " ").split())[:200]


def _prune_one(entry: Path, before_s: float) -> bool:
    """Whether it was an upload and is deleted; raises OSError."""
    changed_s = entry.stat(follow_symlinks=False).st_mtime
    if entry.name.startswith(INCOMING):
        if changed_s < time.time() - STALE_S:
            shutil.rmtree(entry, ignore_errors=True)
        return False
    if changed_s < before_s:
        entry.unlink()
        return True
    return False


def _source(accepted: Accepted, facts: UploadFacts) -> Source:
    content_hash = _content_hash(accepted, facts)
    return Source(
        id=f"{Kind.UPLOAD.value}:{content_hash}",
        kind=Kind.UPLOAD,
        title=facts.title or accepted.title or facts.file_title or "?",
        artist=facts.artist or accepted.artist,
        duration_s=accepted.duration_s,
        added_at=datetime.now(UTC),
        content_hash=content_hash,
        details={
            "files": {role: path.name for role, path in accepted.files.items()},
            "language": facts.language,
            "lyrics": facts.lyrics or accepted.lyrics,
            "lyrics_by": "user" if facts.lyrics else "file",
            "song_text": facts.song_text,
            "note": accepted.note,
        },
    )


def _content_hash(accepted: Accepted, facts: UploadFacts) -> str:
    """Notes make it a song of its own: whoever brings the same recording keeps theirs, with others or with none."""
    if not facts.song_text:
        return accepted.content_hash
    return hashlib.sha256(f"{accepted.content_hash}\n{facts.song_text}".encode()).hexdigest()


def _check_notes(accepted: Accepted, facts: UploadFacts) -> None:
    if facts.notes_end_s > accepted.duration_s + NOTES_PAST_AUDIO_S:
        lengths = f"the recording ends at {accepted.duration_s:.1f} s, the notes at {facts.notes_end_s:.1f} s"
        raise SourceError("bad-request", f"lyrics: these notes are not of this recording: {lengths}")


def _delete(accepted: Accepted) -> None:
    """What an older upload of the same recording uses stays."""
    for path in accepted.added:
        with suppress(OSError):
            path.unlink()
