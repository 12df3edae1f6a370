"""The folder that signaling and the reference service share: recordings, and what was made of them.

`originals/<content hash>.<ext>` (of a pair `<content hash>-instrumental.<ext>` and `-vocals.<ext>`), written by
signaling; `<content hash>/`, written by the reference service.
"""

import asyncio
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from fsspec.implementations.local import LocalFileSystem

from signaling.errors import SourceError

ORIGINALS = "originals"
FETCHING = ".fetching-"
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
CONTENT_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies under one content hash, and when it was last written."""

    content_hash: str
    keys: tuple[str, ...]
    changed_s: float  # Unix time


class Stems:
    """Blocking, for worker threads. A local folder is worked on in place, any other store by copies."""

    def __init__(self, url: str) -> None:
        self._files: Any
        self._files, self._root = fsspec.core.url_to_fs(url)
        self.is_local = isinstance(self._files, LocalFileSystem)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """An empty folder on this machine, on the disk of the store where that is local; emptied afterwards."""
        folder = self._emptied()
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[Path]:
        """A workplace for the event loop, which its emptying does not hold up."""
        folder = self._emptied()
        try:
            yield folder
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    def _emptied(self) -> Path:
        if self.is_local:
            Path(self._root, ORIGINALS).mkdir(mode=0o700, parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix=FETCHING, dir=self._root if self.is_local else None))

    def keep_original(self, path: Path, content_hash: str, part: str = "") -> str:
        """Moves a fetched file in and gives its key; `part` is "instrumental" or "vocals" of a pair."""
        suffix = path.suffix.lower() if SUFFIX.fullmatch(path.suffix.lower()) else ""
        key = f"{ORIGINALS}/{content_hash}{'-' if part else ''}{part}{suffix}"
        if self.is_local:
            path.replace(Path(self._root, key))
        else:
            self._files.put_file(str(path), f"{self._root}/{key}")
        return key

    def prepared_file(self, content_hash: str, name: str, workplace: Path) -> Path:
        """A file of the prepared song on this machine. Raises SourceError where it is not there."""
        if FILE_NAME.fullmatch(name) is None or CONTENT_HASH.fullmatch(content_hash) is None:
            raise SourceError("service-failed", "The prepared song names a file that cannot be.")
        if self.is_local:
            path = Path(self._root, content_hash, name)
            if not path.is_file():
                raise SourceError("service-failed", "A file of the prepared song is not there.")
            return path
        copied = workplace / name
        self._files.get_file(f"{self._root}/{content_hash}/{name}", str(copied))
        return copied

    def kept(self) -> list[Kept]:
        """Everything that lies there, by content hash."""
        keys: dict[str, list[str]] = {}
        changed_s: dict[str, float] = {}
        for folder in (self._root, f"{self._root}/{ORIGINALS}"):
            for entry in self._files.ls(folder, detail=True) if self._files.exists(folder) else []:
                key = str(entry["name"])[len(str(self._root)) :].lstrip("/")
                found = CONTENT_HASH.match(key.rsplit("/", 1)[-1])
                if found is None:
                    continue
                keys.setdefault(found.group(), []).append(key)
                changed_s[found.group()] = max(changed_s.get(found.group(), 0.0), self._changed_s(entry))
        return [Kept(content_hash, tuple(names), changed_s[content_hash]) for content_hash, names in keys.items()]

    def delete(self, kept: Kept) -> None:
        for key in kept.keys:
            self._files.rm(f"{self._root}/{key}", recursive=True)

    def sweep(self, before_s: float) -> int:
        """Deletes the workplaces of processes that died before this Unix time; tells how many."""
        if not self.is_local or not Path(self._root).is_dir():
            return 0
        old = [entry for entry in Path(self._root).glob(f"{FETCHING}*") if entry.stat().st_mtime < before_s]
        for entry in old:
            shutil.rmtree(entry, ignore_errors=True)
        return len(old)

    def _changed_s(self, entry: dict[str, Any]) -> float:
        return float(self._files.modified(entry["name"]).timestamp())
