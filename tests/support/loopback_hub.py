"""A model hub on loopback, after the public description of its API: versions, trees, files with Range."""

import hashlib
import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class LoopbackHub:
    """What it serves, and how badly; `asked` keeps (path, Range) of each request."""

    repo: str
    files: dict[str, bytes]
    commit: str = COMMIT  # of the branch "main"
    older: dict[str, dict[str, bytes]] = field(default_factory=dict)  # files by earlier commits
    large: frozenset[str] = frozenset()  # kept by LFS: with a SHA-256
    cut_after: int = 0  # bytes of a file per answer; 0: all
    wrong: bool = False  # other bytes than the tree names
    silent_s: float = 0.0
    status: int = 0  # of every answer, where not 0
    ignores_range: bool = False
    redirect_to: str = ""
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""

    @property
    def versions(self) -> dict[str, dict[str, bytes]]:
        return {**self.older, self.commit: self.files}

    def commit_of(self, revision: str) -> str | None:
        return self.commit if revision == "main" else revision if revision in self.versions else None

    def tree(self, commit: str) -> list[dict[str, Any]]:
        return [self._entry(path, content) for path, content in self.versions[commit].items()]

    def change(self, commit: str, **files: bytes) -> None:
        """A new commit on the branch; what was stays under its own."""
        self.older[self.commit] = self.files
        self.files, self.commit = {**self.files, **files}, commit

    def _entry(self, path: str, content: bytes) -> dict[str, Any]:
        git = hashlib.sha1(f"blob {len(content)}\0".encode() + content, usedforsecurity=False).hexdigest()
        entry: dict[str, Any] = {"type": "file", "oid": git, "size": len(content), "path": path}
        if path in self.large:
            entry["lfs"] = {"oid": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}
        return entry


class QuietServer(ThreadingHTTPServer):
    daemon_threads = False  # closing waits for answers under way

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away while the hub was silent is no news; anything else is."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def loopback_hub(hub: LoopbackHub) -> Iterator[LoopbackHub]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

        def do_GET(self) -> None:
            answer(hub, self)

    server = QuietServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer(hub: LoopbackHub, request: BaseHTTPRequestHandler) -> None:
    wanted = request.headers.get("Range", "")
    hub.asked.append((request.path, wanted))
    if hub.silent_s:
        time.sleep(hub.silent_s)
    if hub.status:
        _send(request, hub.status, b"")
    elif request.path.startswith("/api/models/"):
        _send_facts(hub, request)
    else:
        _send_file(hub, request, wanted)


def _send_facts(hub: LoopbackHub, request: BaseHTTPRequestHandler) -> None:
    kind, _, revision = request.path.removeprefix(f"/api/models/{hub.repo}/").partition("/")
    commit = hub.commit_of(revision)
    if commit is None or kind not in ("revision", "tree"):
        _send(request, 404, b'{"error": "Invalid rev id"}')
        return
    facts = {"sha": commit, "cardData": {"license": "mit"}} if kind == "revision" else hub.tree(commit)
    _send(request, 200, json.dumps(facts).encode())


def _send_file(hub: LoopbackHub, request: BaseHTTPRequestHandler, wanted: str) -> None:
    revision, _, name = request.path.removeprefix(f"/{hub.repo}/resolve/").partition("/")
    files = hub.versions.get(hub.commit_of(revision) or "", {})
    if name not in files:
        _send(request, 404, b"")
        return
    if hub.redirect_to:
        request.send_response(302)
        request.send_header("Location", hub.redirect_to)
        request.send_header("Content-Length", "0")
        request.end_headers()
        return
    content = files[name]
    if hub.wrong:
        content = bytes(len(content))
    first = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted and not hub.ignores_range else 0
    request.send_response(206 if first else 200)
    if first:
        request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - first))
    request.end_headers()
    end = first + hub.cut_after if hub.cut_after else len(content)
    request.wfile.write(content[first:end])
    request.close_connection = end < len(content)


def _send(request: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)
