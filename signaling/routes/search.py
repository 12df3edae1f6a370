"""Songs by title, and their covers."""

import asyncio
import re
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any

from aiohttp import web

from signaling.errors import ProblemError
from signaling.routes.answers import answer, read_query
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas_search import FoundTrack, PastSearch, RecentReply, SearchQuery, SearchReply, SourceAnswer
from signaling.search.finder import SearchAnswer
from signaling.search.tracks import Track
from signaling.services import SERVICES, Services
from signaling.songs.catalogue import COVER_TYPES

SEARCH_LIMIT = web.AppKey("search_limit", AddressLimit)
COVER_LIMIT = web.AppKey("cover_limit", AddressLimit)
LOOK_S = 0.1  # between two looks whether the one who searches is still there
COVERS_PER_SEARCH = 10  # a list of results shows as many at once
TRACK_ID = re.compile(
    r"(spotify:[A-Za-z0-9]{1,64}|youtube:[A-Za-z0-9_-]{1,64}|folder:[a-f0-9]{1,64}|song:[a-z0-9-]{1,64})"
)
COVER_CACHE = "private, max-age=86400"


async def search_tracks(request: web.Request) -> web.Response:
    request.app[SEARCH_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    wanted = read_query(request, SearchQuery)
    found = await _while_there(request, services.tracks.search(wanted.q, wanted.limit))
    reply = SearchReply(
        query=found.query,
        tracks=[_document(services, track) for track in found.tracks],
        sources=[SourceAnswer(name=one.name, status=one.status, detail=one.detail) for one in found.sources],
    )
    return answer(reply)


async def one_track(request: web.Request) -> web.Response:
    request.app[SEARCH_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    return answer(_document(services, await services.tracks.find(_track_id(request))))


async def track_cover(request: web.Request) -> web.StreamResponse:
    request.app[COVER_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    track = await _known(services, _track_id(request))
    cover, media_type = await _cover(services, track)
    headers = {"Content-Type": media_type, "Cache-Control": COVER_CACHE}
    if isinstance(cover, Path):
        return web.FileResponse(cover, headers=headers)
    return web.Response(body=cover, headers=headers)


async def recent_searches(request: web.Request) -> web.Response:
    found = await request.app[SERVICES].tracks.recent.newest_first()
    return answer(RecentReply(searches=[PastSearch(**asdict(one)) for one in found]))


async def _while_there(request: web.Request, search: Coroutine[Any, Any, SearchAnswer]) -> SearchAnswer:
    """Ends the search of somebody who has left: who goes on typing must not wait behind what was typed before."""
    task = asyncio.create_task(search, name="search")
    try:
        while not (await asyncio.wait({task}, timeout=LOOK_S))[0]:
            if request.transport is None or request.transport.is_closing():
                raise asyncio.CancelledError
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _track_id(request: web.Request) -> str:
    track_id = request.match_info["id"]
    if TRACK_ID.fullmatch(track_id) is None:
        raise ProblemError(404, "no-track", "There is no such track.")
    return track_id


async def _known(services: Services, track_id: str) -> Track:
    """As a search found it, or as a source that was found for a track; raises ProblemError."""
    try:
        return await services.tracks.known(track_id)
    except ProblemError:
        source = await services.sources.find(track_id)
        if source is None:
            raise
    cover_url = source.details.get("cover_url")
    return Track(source.id, source.title, source.artist, "", source.duration_s, cover_url, source.kind.value)


async def _cover(services: Services, track: Track) -> tuple[Path | bytes, str]:
    if track.source == "catalogue":
        return await asyncio.to_thread(_own_cover, services, track)
    return await services.covers.of(track)


def _own_cover(services: Services, track: Track) -> tuple[Path, str]:
    song = services.catalogue.find(track.song_id or "")
    path = services.catalogue.file_of(song, song.cover_key) if song is not None else None
    if path is None:
        raise ProblemError(404, "not-found", "This track has no cover.")
    return path, {**COVER_TYPES, ".svg": "image/svg+xml"}.get(path.suffix.lower(), "application/octet-stream")


def _document(services: Services, track: Track) -> FoundTrack:
    """A cover's address is always one of this service's own."""
    cover_url = track.cover_url
    if cover_url is not None and track.source != "catalogue":
        cover_url = f"/api/search/tracks/{track.id}/cover" if services.covers.is_allowed(cover_url) else None
    return FoundTrack(**{**asdict(track), "cover_url": cover_url})
