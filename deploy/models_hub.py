"""What the hub says of a model, and its files: resumed by HTTP Range, checked before they are put in place."""

import errno
import hashlib
import http.client
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any

from deploy.models_errors import HubError
from deploy.models_registry import COMMIT, Model

LOOPBACK = ("127.0.0.1", "localhost", "::1")
METADATA_BYTES = 8 << 20
BLOCK_BYTES = 1 << 18
TRIES = 6  # without a single new byte between them; any progress begins the count again
FIRST_PAUSE_S = 0.5
MAX_FILE_BYTES = 20 << 30
PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
SHA256, SHA1 = re.compile(r"[0-9a-f]{64}"), re.compile(r"[0-9a-f]{40}")
OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class HubFile:
    """Either checksum: large files have a SHA-256, small ones the SHA-1 that git gives them."""

    path: str
    size: int
    sha256: str
    git_sha1: str

    @property
    def checksum(self) -> str:
        return f"sha256:{self.sha256}" if self.sha256 else f"git-sha1:{self.git_sha1}"

    @property
    def part_name(self) -> str:
        """Another content has another name: no old beginning is gone on with."""
        return f"{self.sha256 or self.git_sha1}.part"


@dataclass(frozen=True, slots=True)
class HubModel:
    commit: str
    licence: str  # as the hub shows it; may be empty
    files: tuple[HubFile, ...]

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files)


class Hub:
    """`url` is an operator's setting; `timeout_s` is how long the hub may stay silent."""

    def __init__(self, url: str, timeout_s: float = 30.0) -> None:
        self._url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._opener = urllib.request.build_opener(SafeRedirects())
        if not _is_safe(self._url):
            raise HubError(f"{url}: the hub must be an https address, or one of this machine")

    def describe(self, model: Model, revision: str) -> HubModel:
        """`revision`: a branch or a commit. Raises HubError."""
        facts = self._json(f"/api/models/{model.repo}/revision/{urllib.parse.quote(revision, safe='')}")
        commit = str(facts.get("sha", "")) if isinstance(facts, dict) else ""
        if not COMMIT.fullmatch(commit):
            raise HubError("the hub's answer names no version of the model")
        if COMMIT.fullmatch(revision) and commit != revision:
            raise HubError(f"the hub answers with another version than {revision[:12]}")
        card = facts.get("cardData")
        licence = str(card.get("license", "")) if isinstance(card, dict) else ""
        tree = self._json(f"/api/models/{model.repo}/tree/{commit}")
        if not isinstance(tree, list):
            raise HubError("the hub's list of files cannot be read")
        files = tuple(_file(entry) for entry in tree if isinstance(entry, dict) and model.wants(str(entry.get("path"))))
        missing = [pattern for pattern in model.files if not any(fnmatch(file.path, pattern) for file in files)]
        if missing:
            raise HubError(f"the hub has no {', '.join(missing)} for {model.name}")
        return HubModel(commit, licence[:64], files)

    def fetch(self, model: Model, commit: str, file: HubFile, part: Path, on_bytes: OnBytes) -> None:
        """Fills `part`, going on where it ends, until it is whole and right. Raises HubError.

        `on_bytes` is told how many bytes of the file are there.
        """
        url = f"{self._url}/{model.repo}/resolve/{commit}/{urllib.parse.quote(file.path)}"
        failures = 0
        while (have := _size(part)) < file.size:
            try:
                self._append(url, part, have, file.size, on_bytes)
                problem = "it ended early"
            except (OSError, http.client.HTTPException) as error:
                problem = _told(error, file.path)
            failures = 0 if _size(part) > have else failures + 1
            if failures >= TRIES:
                raise HubError(f"{file.path}: {problem}; what has come is kept, ask again to go on")
            if failures:
                time.sleep(FIRST_PAUSE_S * 2 ** (failures - 1))
        _check(part, file)

    def _append(self, url: str, part: Path, have: int, size: int, on_bytes: OnBytes) -> None:
        request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
        with self._opener.open(request, timeout=self._timeout_s) as answer:
            goes_on = answer.status == http.client.PARTIAL_CONTENT
            if goes_on and not str(answer.headers.get("Content-Range", "")).startswith(f"bytes {have}-"):
                raise OSError("the hub sent another part than was asked for")
            with part.open("ab" if goes_on else "wb") as kept:
                _pour(answer, kept, have if goes_on else 0, size, on_bytes)

    def _json(self, path: str) -> Any:
        try:
            with self._opener.open(self._url + path, timeout=self._timeout_s) as answer:
                content = answer.read(METADATA_BYTES)
        except (OSError, http.client.HTTPException) as error:
            raise HubError(f"the model: {_told(error, 'the model')}") from error
        try:
            return json.loads(content)
        except ValueError as error:
            raise HubError("the hub's answer cannot be read") from error


class SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows the hub to its file servers, never from https to plain http."""

    def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
        if not _is_safe(newurl):
            raise urllib.error.HTTPError(newurl, code, "redirected to an address that is not safe", headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _pour(answer: IO[bytes], kept: IO[bytes], have: int, size: int, on_bytes: OnBytes) -> None:
    while block := answer.read(BLOCK_BYTES):
        have += len(block)
        if have > size:
            raise OSError("the hub sent more than the file holds")
        kept.write(block)
        on_bytes(have)


def _file(entry: dict[str, Any]) -> HubFile:
    large = entry.get("lfs")
    sha256 = str(large.get("oid", "")) if isinstance(large, dict) else ""
    git_sha1 = "" if sha256 else str(entry.get("oid", ""))
    path, size = str(entry.get("path")), entry.get("size")
    if not PATH.fullmatch(path) or not isinstance(size, int) or not 0 < size <= MAX_FILE_BYTES:
        raise HubError("the hub's list of files cannot be read")
    if not (SHA256.fullmatch(sha256) or SHA1.fullmatch(git_sha1)):
        raise HubError(f"the hub gives no checksum for {path}")
    return HubFile(path, size, sha256, git_sha1)


def _check(part: Path, file: HubFile) -> None:
    digest = hashlib.sha256() if file.sha256 else hashlib.sha1(usedforsecurity=False)
    if not file.sha256:
        digest.update(f"blob {file.size}\0".encode())  # as git counts it
    with part.open("rb") as kept:
        while block := kept.read(BLOCK_BYTES):
            digest.update(block)
    if digest.hexdigest() != (file.sha256 or file.git_sha1):
        part.unlink()
        raise HubError(f"{file.path}: what came is not what the hub names (wrong checksum); nothing was installed")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _is_safe(url: str) -> bool:
    parts = urllib.parse.urlsplit(url)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def _told(error: Exception, what: str) -> str:
    """Raises HubError at once for what trying again cannot mend."""
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        if error.code < 500 and error.code not in (408, 416, 429):
            raise HubError(f"{what}: the hub answers {error.code} {error.reason}") from error
        return f"the hub answers {error.code}"
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        raise HubError(f"{what}: the disk is full") from error
    if isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError):
        return "the hub stays silent"
    return "the connection to the hub broke" if isinstance(error, http.client.HTTPException) else str(error)
