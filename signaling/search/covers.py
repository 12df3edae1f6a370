"""Covers of found tracks, fetched here so that a phone asks no stranger, and kept on the disk."""

import asyncio
import hashlib
import logging
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from yarl import URL

from signaling.errors import ProblemError
from signaling.net.once import Once
from signaling.net.services import Ask, ServiceClient
from signaling.search.tracks import Track

SERVICE = "covers"
IMAGE_HOSTS = frozenset({"i.scdn.co", "mosaic.scdn.co", "i.ytimg.com", "img.youtube.com", "yt3.ggpht.com"})
IMAGE_DOMAINS = (".spotifycdn.com", ".ytimg.com")
MAX_COVER_BYTES = 2 * 1024 * 1024
MAX_KEPT_BYTES = 64 * 1024 * 1024
MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

log = logging.getLogger(__name__)


class Covers:
    """Asks hosts of pictures only: Spotify's, YouTube's, and the services that the operator has set."""

    def __init__(self, client: ServiceClient, folder: Path, service_urls: Iterable[str]) -> None:
        self._client = client
        self._folder = folder
        self._service_origins = frozenset(URL(url).origin() for url in service_urls)
        self._fetching: Once[Path | bytes] = Once()

    async def aclose(self) -> None:
        await self._fetching.aclose()

    async def of(self, track: Track) -> tuple[Path | bytes, str]:
        """The file, or the bytes where the disk takes none, and the media type; raises ProblemError, ServiceError."""
        return await self.at(track.cover_url)

    async def at(self, url: str | None) -> tuple[Path | bytes, str]:
        """As `of`, by where a service has the picture."""
        if url is None or not self.is_allowed(url):
            raise _no_cover()
        name = hashlib.sha256(url.encode()).hexdigest()
        kept = await asyncio.to_thread(self._kept, name)
        cover = kept or await self._fetching.run(name, lambda: self._fetch(name, url))
        kind = cover.suffix[1:] if isinstance(cover, Path) else picture_kind(cover)
        return cover, MEDIA_TYPES[kind or "jpg"]

    def is_allowed(self, address: str) -> bool:
        try:
            url = URL(address)
            origin = url.origin()
        except ValueError:
            return False
        if origin in self._service_origins:
            return True
        host = url.host or ""
        is_picture_host = host in IMAGE_HOSTS or host.endswith(IMAGE_DOMAINS)
        return url.scheme == "https" and url.port == 443 and url.user is None and is_picture_host

    def _kept(self, name: str) -> Path | None:
        for kind in MEDIA_TYPES:
            path = self._folder / f"{name}.{kind}"
            if path.is_file():
                os.utime(path)  # the least recently shown go first
                return path
        return None

    async def _fetch(self, name: str, url: str) -> Path | bytes:
        reply = await self._client.ask(Ask(SERVICE, url, accept=frozenset({200, 404}), max_bytes=MAX_COVER_BYTES))
        kind = picture_kind(reply.body) if reply.status == 200 else None
        if kind is None:
            raise _no_cover()
        return await asyncio.to_thread(self._keep, f"{name}.{kind}", reply.body)

    def _keep(self, file_name: str, picture: bytes) -> Path | bytes:
        """By rename, so that nobody reads half a picture; a full disk keeps none."""
        target = self._folder / file_name
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_room(len(picture))
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".adding-") as staging:
                staged = Path(staging) / file_name
                staged.write_bytes(picture)
                os.replace(staged, target)
        except OSError as error:
            log.warning("covers: cannot be kept: %s", error.strerror)
            return picture
        return target

    def _make_room(self, size_bytes: int) -> None:
        files = [(path, path.stat()) for path in self._folder.iterdir() if path.is_file()]
        total = size_bytes + sum(stat.st_size for _, stat in files)
        for path, stat in sorted(files, key=lambda pair: pair[1].st_mtime):
            if total <= MAX_KEPT_BYTES:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size


def picture_kind(data: bytes) -> str | None:
    """By its first bytes, whatever the sender calls it."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    return None


def _no_cover() -> ProblemError:
    return ProblemError(404, "not-found", "This track has no cover.")
