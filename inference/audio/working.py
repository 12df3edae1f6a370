"""Working files of a take: what a stage found, kept beside the take so that nobody has to find it twice.

Each begins with a line that says what it was made from and one with the checksum of the rest; one that was made from
something else, or is damaged, is not there. Losing them costs time, never points. They die with the take's folder.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress

import fsspec

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
FOLDER = "work"
MAX_HEADER_BYTES = 64 * 1024
MadeFrom = Mapping[str, str]


class WorkingFiles:
    """The folder `<take>/work`; `folder_url` is the take's own. Blocking, for worker threads. Raises OSError."""

    def __init__(self, folder_url: str) -> None:
        self._files, root = fsspec.core.url_to_fs(folder_url)
        self._root = f"{root}/{FOLDER}"

    def read(self, name: str, made_from: MadeFrom) -> bytes | None:
        """The file's bytes; None where there is none that was made from just this."""
        try:
            data: bytes = self._files.cat_file(self._path(name))
        except FileNotFoundError:
            return None
        header, _, rest = data.partition(b"\n")
        checksum, _, payload = rest.partition(b"\n")
        return payload if header == _header(made_from) and checksum == _checksum(payload) else None

    def has(self, name: str, made_from: MadeFrom) -> bool:
        try:
            with self._files.open(self._path(name), "rb") as file:
                header: bytes = file.readline(MAX_HEADER_BYTES)
        except FileNotFoundError:
            return False
        return header == _header(made_from) + b"\n"

    def write(self, name: str, made_from: MadeFrom, payload: bytes) -> None:
        """Whole or not at all."""
        write_whole(self._files, self._path(name), b"\n".join((_header(made_from), _checksum(payload), payload)))

    def _path(self, name: str) -> str:
        if not NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a working file")
        return f"{self._root}/{name}"


def write_whole(files: fsspec.AbstractFileSystem, path: str, data: bytes) -> None:
    """Written beside, then renamed; a disk that is full keeps nothing of it. Raises OSError."""
    draft = f"{path}.{uuid.uuid4().hex}"
    files.makedirs(path.rpartition("/")[0], exist_ok=True)
    try:
        files.pipe_file(draft, data)
        files.mv(draft, path)
    except BaseException:
        with suppress(FileNotFoundError):
            files.rm_file(draft)
        raise


def _checksum(payload: bytes) -> bytes:
    """A power cut may leave a file of the right length whose bytes never came."""
    return hashlib.sha256(payload).hexdigest().encode()


def _header(made_from: MadeFrom) -> bytes:
    return json.dumps(dict(made_from), sort_keys=True, ensure_ascii=True).encode()
