"""Recordings and prepared songs under VOICEJURY_STEMS_URL."""

import errno
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem
from google.protobuf.message import DecodeError
from voicejury.v1 import reference_pb2

from inference.errors import PrepareError, RequestError

CONTENT_HASH = re.compile(r"[0-9a-f]{64}")
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}(/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}){0,3}")
PREPARED_FILE = "song.pb"  # voicejury.v1.PreparedSong, written last: where it is, the sound is whole
FULL = (errno.ENOSPC, errno.EDQUOT)


class StemStore:
    """Blocking, for worker threads. A local folder is worked on in place, any other store by copies."""

    def __init__(self, url: str) -> None:
        self._files, self._root = fsspec.core.url_to_fs(url)
        self._is_local = isinstance(self._files, LocalFileSystem)

    def prepared(self, content_hash: str) -> reference_pb2.PreparedSong | None:
        """What was prepared before; None where nothing was, or where some of its sound is gone."""
        folder = self._folder(content_hash)
        try:
            prepared = reference_pb2.PreparedSong.FromString(self._files.cat_file(f"{folder}/{PREPARED_FILE}"))
        except (FileNotFoundError, DecodeError):
            return None
        names = {prepared.song.audio_key, prepared.song.vocals_key, prepared.song.original_key} - {""}
        return prepared if all(self._files.exists(f"{folder}/{name}") for name in names) else None

    def keep(self, content_hash: str, made: Path, prepared: reference_pb2.PreparedSong) -> None:
        """Puts the files of the folder `made` in place, then `song.pb`. Raises PrepareError on a full disk."""
        folder = self._folder(content_hash)
        try:
            self._files.makedirs(folder, exist_ok=True)
            for path in sorted(made.iterdir()):
                self._put(path, f"{folder}/{path.name}")
            draft = f"{folder}/{PREPARED_FILE}.{uuid.uuid4().hex}"
            self._files.pipe_file(draft, prepared.SerializeToString())
            self._files.mv(draft, f"{folder}/{PREPARED_FILE}")
        except OSError as error:
            self._files.rm(folder, recursive=True)  # no half song
            raise told(error) from error

    def _put(self, path: Path, target: str) -> None:
        if self._is_local:
            path.replace(target)  # `made` lies in the same store
        else:
            self._files.put_file(str(path), target)

    @contextmanager
    def workplace(self) -> Iterator[Path]:
        """An empty folder for one preparation; what is left in it is thrown away."""
        try:
            if self._is_local:
                self._files.makedirs(self._root, exist_ok=True)
            folder = Path(tempfile.mkdtemp(prefix=".preparing-", dir=self._root if self._is_local else None))
        except OSError as error:
            raise told(error) from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def fetched(self, key: str, workplace: Path) -> Path:
        """A file on this machine's disk. Raises PrepareError where there is none, RequestError for an odd key."""
        check_key(key)
        if self._is_local:
            path = Path(self._root, key)
            if not path.is_file():
                raise PrepareError("no-source", "the recording is not there")
            return path
        fetched = workplace / f"given-{uuid.uuid4().hex}"
        try:
            self._files.get_file(f"{self._root}/{key}", str(fetched))
        except FileNotFoundError as error:
            raise PrepareError("no-source", "the recording is not there") from error
        except OSError as error:
            raise told(error) from error
        return fetched

    def clear(self) -> None:
        """Throws away what preparations left that were killed in the middle."""
        if self._is_local and Path(self._root).is_dir():
            for left in Path(self._root).glob(".preparing-*"):
                shutil.rmtree(left, ignore_errors=True)

    def _folder(self, content_hash: str) -> str:
        check_hash(content_hash)
        return f"{self._root}/{content_hash}"


def told(error: OSError) -> PrepareError:
    if error.errno in FULL:
        return PrepareError("disk-full", "the disk is full")
    return PrepareError("service-failed", "the store of recordings cannot be used")


def check_hash(content_hash: str) -> None:
    """Raises RequestError."""
    if not CONTENT_HASH.fullmatch(content_hash):
        raise RequestError("content_hash must be a SHA-256 in hexadecimal")


def check_key(key: str) -> None:
    """Raises RequestError."""
    if not KEY.fullmatch(key) or ".." in key.split("/"):
        raise RequestError("a key must be <folder>/<file>, without odd characters")
