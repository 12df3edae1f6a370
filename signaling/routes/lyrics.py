"""The words of a track and of a session's song, and how far they lie from the audio."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, replace

from aiohttp import web
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError, ServiceError
from signaling.lyrics.lines import FoundLyrics, LyricLine
from signaling.lyrics.songs import own_lyrics, tempo_of, wanted_for_song, wanted_for_track
from signaling.lyrics.wanted import WantedLyrics
from signaling.routes.answers import answer, read_body, read_query
from signaling.routes.auth import own_session
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas_lyrics import (
    LyricsLine,
    LyricsQuery,
    LyricsReply,
    OffsetReply,
    OffsetRequest,
    SessionLyricsReply,
)
from signaling.services import SERVICES, Services

LYRICS_LIMIT = web.AppKey("lyrics_limit", AddressLimit)
MAX_ID_CHARACTERS = 200


async def track_lyrics(request: web.Request) -> web.Response:
    """The times are as the source gives them: offsets belong to sessions."""
    request.app[LYRICS_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    track_id = request.match_info["id"]
    query = read_query(request, LyricsQuery)
    song = await _song_of(services, track_id)
    found = own_lyrics(song) if song is not None else None
    if found is None:
        wanted = wanted_for_song(song) if song is not None else await _wanted(services, track_id, query)
        found = await services.lyrics.lyrics_for(wanted)
    if found is None:
        raise _no_lyrics()
    return answer(LyricsReply(**_document(replace(found, track_id=track_id), found.lines)))


async def session_lyrics(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    song, found = await _of_session(request)
    lines = found.lines_at_offset(tempo_of(song))
    return answer(SessionLyricsReply(**_document(found, lines), offset_s=found.offset_s))


async def lyrics_offset(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    _, found = await _of_session(request)
    return answer(OffsetReply(track_id=found.track_id, source=found.source, offset_s=found.offset_s))


async def set_lyrics_offset(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    _, found = await _of_session(request)
    wanted = await read_body(request, OffsetRequest)
    await request.app[SERVICES].lyrics.set_offset(found, wanted.offset_s)
    return answer(OffsetReply(track_id=found.track_id, source=found.source, offset_s=wanted.offset_s))


async def _of_session(request: web.Request) -> tuple[song_pb2.Song, FoundLyrics]:
    """The session's song and its lyrics, in the times of the recording; raises ProblemError."""
    services = request.app[SERVICES]
    session = await own_session(request)
    song = await services.sessions.song_of(session.id)
    if not song.id:  # still prepared, or over: then the catalogue has it
        known = await asyncio.to_thread(services.catalogue.find, session.song_id)
        if known is None:
            raise ProblemError(409, "not-ready", "The song is still being prepared.")
        song = known
    found = own_lyrics(song)
    if found is not None:
        unscaled = tuple(line.moved(0.0, 1 / tempo_of(song)) for line in found.lines)
        return song, replace(found, lines=unscaled, offset_s=await services.lyrics.offset_s(found))
    found = await services.lyrics.lyrics_for(wanted_for_song(song))
    if found is None:
        raise _no_lyrics()
    return song, found


async def _wanted(services: Services, track_id: str, query: LyricsQuery) -> WantedLyrics:
    """By what a search told of the track, otherwise by what the request says."""
    if len(track_id) > MAX_ID_CHARACTERS:
        raise ProblemError(404, "no-track", "There is no such track.")
    try:
        return wanted_for_track(await services.tracks.known(track_id))
    except (ProblemError, ServiceError):
        if not query.title:
            raise
    return WantedLyrics(track_id, query.title, query.artist, query.duration_s)


async def _song_of(services: Services, track_id: str) -> song_pb2.Song | None:
    """The own song of this track: by its id, or by the source that it was made from."""
    if track_id.startswith("song:"):
        return await asyncio.to_thread(services.catalogue.find, track_id.removeprefix("song:"))
    return (await services.tracks.own_songs()).by_source.get(track_id)


def _document(found: FoundLyrics, lines: Iterable[LyricLine]) -> dict[str, object]:
    names = ("track_id", "source", "language", "is_synced", "fetched_at", "expires_at")
    return {name: getattr(found, name) for name in names} | {"lines": [LyricsLine(**asdict(line)) for line in lines]}


def _no_lyrics() -> ProblemError:
    return ProblemError(404, "no-lyrics", "Nobody has the words of this song; it is sung without them.")
