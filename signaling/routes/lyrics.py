"""The words of a track and of a session's song, and how far they lie from the audio."""

import asyncio
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from aiohttp import web
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError, ServiceError
from signaling.lyrics.lines import FoundLyrics, LyricLine
from signaling.lyrics.songs import own_lyrics, tempo_of, wanted_for_song, wanted_for_track
from signaling.lyrics.sung import SungSongs
from signaling.lyrics.wanted import WantedLyrics
from signaling.routes.answers import answer, read_body, read_query
from signaling.routes.auth import own_session_with_song
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas_lyrics import (
    LyricsLine,
    LyricsQuery,
    LyricsReply,
    OffsetReply,
    OffsetRequest,
    SessionLyricsReply,
)
from signaling.services import KEPT, SERVICES, Services

SUNG = web.AppKey("sung", SungSongs)
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
    own = await _of_session(request)
    made_from = ("session lyrics", own.song_pb, own.found.source, own.found.fetched_at, own.found.offset_s)
    if (known := request.app[KEPT].get(made_from)) is not None:
        return known
    document = _document(own.found, own.found.lines_at_offset(tempo_of(own.song)))
    return request.app[KEPT].keep(made_from, SessionLyricsReply(**document, offset_s=own.found.offset_s))


async def lyrics_offset(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    found = (await _of_session(request)).found
    return answer(OffsetReply(track_id=found.track_id, source=found.source, offset_s=found.offset_s))


async def set_lyrics_offset(request: web.Request) -> web.Response:
    request.app[LYRICS_LIMIT].take(request.remote)
    found = (await _of_session(request)).found
    wanted = await read_body(request, OffsetRequest)
    await request.app[SERVICES].lyrics.set_offset(found, wanted.offset_s)
    return answer(OffsetReply(track_id=found.track_id, source=found.source, offset_s=wanted.offset_s))


@dataclass(frozen=True, slots=True)
class _OfSession:
    """`found` in the times of the recording."""

    song_pb: bytes
    song: song_pb2.Song
    found: FoundLyrics


async def _of_session(request: web.Request) -> _OfSession:
    """The session's song and its lyrics; raises ProblemError."""
    services = request.app[SERVICES]
    own = await own_session_with_song(request)
    song_pb = own.song_pb or await _song_again(services, own.session.song_id)
    sung = request.app[SUNG].of(song_pb)
    if sung.words is not None:
        found = replace(sung.words, offset_s=await services.lyrics.offset_s(sung.words))
        return _OfSession(song_pb, sung.song, found)
    others = await services.lyrics.lyrics_for(wanted_for_song(sung.song))
    if others is None:
        raise _no_lyrics()
    return _OfSession(song_pb, sung.song, others)


async def _song_again(services: Services, song_id: str) -> bytes:
    """Of a session that is prepared still, or over: then the catalogue has it."""
    known = await asyncio.to_thread(services.catalogue.find, song_id)
    if known is None:
        raise ProblemError(409, "not-ready", "The song is still being prepared.")
    return known.SerializeToString(deterministic=True)


async def _wanted(services: Services, track_id: str, query: LyricsQuery) -> WantedLyrics:
    """By what a search told of the track, otherwise by what the request says."""
    if len(track_id) > MAX_ID_CHARACTERS or not track_id.isprintable():
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
