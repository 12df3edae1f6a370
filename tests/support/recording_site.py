"""A site with recordings on loopback, and the extractor that makes yt-dlp know it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from signaling.net.addresses import AllowedHosts
from signaling.sources.youtube import Downloads, YouTube

CHUNK_BYTES = 16 * 1024
EXTRACTOR = """
from yt_dlp.extractor.common import InfoExtractor, SearchInfoExtractor
from yt_dlp.utils import ExtractorError


class LoopbackIE(InfoExtractor):
    IE_NAME = "loopback"
    _VALID_URL = r"{base}/watch/(?P<id>[\\w.-]+)"

    def _real_extract(self, url):
        video_id = self._match_id(url)
        info = self._download_json("{base}/info/" + video_id, video_id)
        if "wall" in info:
            raise ExtractorError(info["wall"], expected=True)
        if "entries" in info:
            return self.playlist_result([self.url_result("{base}/watch/" + name) for name in info["entries"]], video_id)
        return info


class LoopbackSearchIE(SearchInfoExtractor):
    IE_NAME = "loopback:search"
    _SEARCH_KEY = "loopsearch"

    def _get_n_results(self, query, n):
        hits = self._download_json("{base}/search", query, query={{"q": query}})["hits"]
        return self.playlist_result(hits[:n], query)
"""


@dataclass
class Site:
    """What the site answers. `infos` are what the extractor finds under a name, `files` bytes by path."""

    base: str = ""
    infos: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    hits: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)  # by path
    slow_queries: dict[str, float] = field(default_factory=dict)  # seconds that a search takes
    elsewhere: str = ""  # where /elsewhere redirects to

    def url(self, name: str) -> str:
        return f"{self.base}/watch/{name}"

    def put(self, name: str, path: str, **more: Any) -> str:
        """A video whose only format is the sound at `path`; its address."""
        sound = {"format_id": "sound", "url": f"{self.base}{path}", "ext": "ogg", "vcodec": "none", "acodec": "vorbis"}
        facts = {"id": name, "title": "The Song", "uploader": "The Singer", "duration": 3, "formats": [sound]}
        self.infos[name] = {**facts, **more}
        return self.url(name)


@asynccontextmanager
async def recording_site() -> AsyncIterator[Site]:
    site = Site()
    app = web.Application()
    app.router.add_get("/info/{name}", partial(_info, site))
    app.router.add_get("/search", partial(_search, site))
    app.router.add_get("/slow", _slow)
    app.router.add_get("/cut", _cut)
    app.router.add_get("/endless", _endless)
    app.router.add_get("/elsewhere", partial(_redirect, site))
    app.router.add_get("/{path:.*}", partial(_file, site))
    server = TestServer(app)
    await server.start_server()
    site.base = str(server.make_url("")).rstrip("/")
    try:
        yield site
    finally:
        await server.close()


def youtube_at(site: Site, plugins: Path, **more: Any) -> YouTube:
    """Our downloader with the site's extractor in yt-dlp's own plugin folder, and its endpoint allowed."""
    folder = plugins / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "loopback.py").write_text(EXTRACTOR.format(base=site.base))
    host, _, port = site.base.removeprefix("http://").rpartition(":")
    limits: dict[str, Any] = {"max_s": 60.0, "max_bytes": 4 * 1024**2, "reserve_bytes": 0, "wall_s": 30.0, **more}
    allowed = AllowedHosts(frozenset(), frozenset({(host, int(port))}))
    own: dict[str, Any] = {"search_key": "loopsearch", "search_extractor": "loopback:search", "python_path": (plugins,)}
    return YouTube(Downloads(allowed=allowed, **limits, **own))


async def _info(site: Site, request: web.Request) -> web.Response:
    name = request.match_info["name"]
    if status := site.statuses.get(f"/info/{name}"):
        return web.Response(status=status)
    return web.json_response(site.infos[name])


async def _search(site: Site, request: web.Request) -> web.Response:
    site.asked.append(request.query["q"])
    await asyncio.sleep(site.slow_queries.get(request.query["q"], 0.0))
    return web.json_response({"hits": site.hits})


async def _file(site: Site, request: web.Request) -> web.Response:
    path = request.path
    if status := site.statuses.get(path):
        return web.Response(status=status)
    if path not in site.files:
        return web.Response(status=404)
    return web.Response(body=site.files[path], content_type="audio/ogg")


async def _redirect(site: Site, _request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": site.elsewhere})


async def _slow(request: web.Request) -> web.StreamResponse:
    """A little now and then, of much."""
    response = web.StreamResponse(headers={"Content-Length": "1000000"})
    await response.prepare(request)
    for _ in range(600):
        await response.write(b"x" * 300)
        await asyncio.sleep(0.1)
    return response


async def _cut(request: web.Request) -> web.StreamResponse:
    """Promises more than it gives, every time."""
    response = web.StreamResponse(headers={"Content-Length": str(10 * CHUNK_BYTES)})
    await response.prepare(request)
    await response.write(b"x" * CHUNK_BYTES)
    if request.transport is not None:
        request.transport.close()
    return response


async def _endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * CHUNK_BYTES)
