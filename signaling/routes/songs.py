"""The songs and their files."""

import asyncio
import logging
from pathlib import Path

from aiohttp import web
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError, SongAudioError
from signaling.routes.schemas import BestTake, SongList, SongSummary
from signaling.services import KEPT, SERVICES
from signaling.songs.audio import MEDIA_TYPES
from signaling.songs.catalogue import COVER_TYPES
from signaling.songs.document import SongDocuments, urls_of
from signaling.songs.marks import song_mark
from signaling.songs.sounds import LIGHT_TYPE
from signaling.store.results import Best

DOCUMENTS = web.AppKey("documents", SongDocuments)
FILE_CACHE = "private, no-cache"  # asked again each time, answered by ETag
LIGHT_WAIT_S = 20.0  # a song of five minutes takes five seconds of one core
SERVED_COVER_TYPES = {**COVER_TYPES, ".svg": "image/svg+xml"}  # the demo's own; imports keep pictures only

log = logging.getLogger(__name__)


async def list_songs(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    songs = await asyncio.to_thread(services.catalogue.songs)
    made_from = ("songs", await services.results.version(), tuple(map(id, songs)))
    if (known := request.app[KEPT].get(made_from)) is not None:
        return known
    best = await services.results.best_by_song()
    reply = SongList(songs=[_summary(song, best.get(song.id)) for song in songs])
    return request.app[KEPT].keep(made_from, reply, alive=songs)


async def one_song(request: web.Request) -> web.Response:
    return song_answer(request, await _song(request))


def song_answer(request: web.Request, song: song_pb2.Song) -> web.Response:
    return kept_song_answer(request, song.SerializeToString(deterministic=True))


def kept_song_answer(request: web.Request, song_pb: bytes) -> web.Response:
    return web.Response(body=request.app[DOCUMENTS].of_bytes(song_pb), content_type="application/json", charset="utf-8")


async def song_audio(request: web.Request) -> web.StreamResponse:
    song = await _song(request)
    return _file_answer(_file(request, song, song.audio_key), song.audio_type)


async def song_guide(request: web.Request) -> web.StreamResponse:
    song = await _song(request)
    path = _file(request, song, song.guide_key)
    return _file_answer(path, MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream"))


async def song_audio_light(request: web.Request) -> web.StreamResponse:
    song = await _song(request)
    return await _light_answer(request, song, song.audio_key)


async def song_guide_light(request: web.Request) -> web.StreamResponse:
    song = await _song(request)
    return await _light_answer(request, song, song.guide_key)


async def _light_answer(request: web.Request, song: song_pb2.Song, key: str) -> web.FileResponse:
    """Made now where it is not there; who cannot wait so long takes the other one."""
    try:
        async with asyncio.timeout(LIGHT_WAIT_S):
            path = await request.app[SERVICES].sounds.light(song, key)
    except FileNotFoundError as error:
        raise ProblemError(404, "unknown-song", "This song has no such file.") from error
    except (TimeoutError, OSError, SongAudioError) as error:
        log.warning("song %s has no light sound yet: %s", song_mark(song.id), type(error).__name__)
        raise ProblemError(503, "unavailable", "This sound is not made yet.", {"Retry-After": "10"}) from error
    return _file_answer(path, LIGHT_TYPE)


async def song_cover(request: web.Request) -> web.StreamResponse:
    song = await _song(request)
    path = _file(request, song, song.cover_key)
    return _file_answer(path, SERVED_COVER_TYPES.get(path.suffix.lower(), "application/octet-stream"))


async def _song(request: web.Request) -> song_pb2.Song:
    song = await asyncio.to_thread(request.app[SERVICES].catalogue.find, request.match_info["id"])
    if song is None:
        raise ProblemError(404, "unknown-song", "There is no such song.")
    return song


def _file(request: web.Request, song: song_pb2.Song, key: str) -> Path:
    path = request.app[SERVICES].catalogue.file_of(song, key)
    if path is None:
        raise ProblemError(404, "unknown-song", "This song has no such file.")
    return path


def _file_answer(path: Path, media_type: str) -> web.FileResponse:
    return web.FileResponse(path, headers={"Content-Type": media_type, "Cache-Control": FILE_CACHE})


def _summary(song: song_pb2.Song, best: Best | None) -> SongSummary:
    urls = urls_of(song)
    return SongSummary(
        id=song.id,
        title=song.title,
        artist=song.artist,
        language=song.language,
        duration_s=song.duration_s,
        source=song.source,
        cover_url=urls["cover_url"],
        guide_url=urls["guide_url"],
        best=BestTake(singer=best.singer or "", total=best.total) if best is not None else None,
    )
