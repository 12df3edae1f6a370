"""A session's beginning: with a song of the list, or with one that is prepared first."""

import asyncio
import hashlib
import time
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from aiohttp import web
from voicejury import tracing
from voicejury.tokens import Scope, mint
from voicejury.v1 import song_pb2

from signaling.errors import ProblemError, ServiceError
from signaling.preparing.audience import TOO_SLOW, as_sung, progress_document
from signaling.preparing.progress import Progress
from signaling.routes.answers import answer, read_body
from signaling.routes.auth import session_of
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas import StartReply
from signaling.routes.schemas_preparing import (
    FallbackReply,
    FallbackRequest,
    StartRequest,
    WantedSource,
    WantedTrack,
)
from signaling.search.likeness import fold
from signaling.services import SERVICES, Services
from signaling.sources.model import Source, Wanted
from signaling.store.preparations import READY, Preparation
from signaling.store.sessions import Session
from signaling.store.states import State

LIMIT = web.AppKey("limit", AddressLimit)  # starts and offers
LONGEST_TOKEN_S = 30 * 60.0 + 10 * 60.0  # the longest take, and its judging
PREPARING_S = 60 * 60.0  # the longest that a token waits for its song
SONG_TRACK = "song:"


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Either a song that is there, or the preparation that makes it."""

    song: song_pb2.Song | None
    preparation: Preparation | None = None


async def start(request: web.Request) -> web.Response:
    began_s = time.time()
    request.app[LIMIT].take(request.remote)
    services = request.app[SERVICES]
    wanted = await read_body(request, StartRequest)
    chosen = await _choose(services, wanted)
    session = _session(services, wanted, chosen)
    own = song_pb2.Song()
    if chosen.song is not None:
        sung = as_sung(chosen.song, session)
        if sung is None:
            raise ProblemError(400, TOO_SLOW.code, TOO_SLOW.detail)
        own = sung
        await services.references.touch(chosen.song.id, session.created_at)
        services.word_timing.look_again(chosen.song)
    await services.sessions.add(session, own)
    services.metrics.sessions_started.inc()
    tracing.tell("session start", session.id, began_s, {"voicejury.state": session.state.value})
    if chosen.song is None and chosen.preparation is not None:
        await _tell_how_far(services, session.id, chosen.preparation)
    ttl_s = (session.expires_at - session.created_at).total_seconds()
    reply = StartReply(
        session_id=session.id,
        token=mint(services.settings.secret.get_secret_value(), Scope.SESSION, session.id, ttl_s),
        expires_s=int(ttl_s),
        ice_servers=services.settings.ice_servers,
        state=session.state.value,
    )
    return answer(reply, 201)


async def fallback_source(request: web.Request) -> web.Response:
    """Another source for a session that was not sung yet."""
    request.app[LIMIT].take(request.remote)
    services = request.app[SERVICES]
    wanted = await read_body(request, FallbackRequest)
    session = await session_of(request, wanted.session_id)
    if not session.may_change_source:
        raise _over()
    source = await _source(services, wanted)
    preparation = await services.preparing.ask(source.id)
    if not await services.sessions.prepare_anew(session.id, source.id):
        raise _over()
    await services.judging.tell(session.id, "state", {"state": State.PREPARING.value})
    if preparation.state == READY:
        await services.preparing.settle(source.id)
    else:
        await _tell_how_far(services, session.id, preparation)
    now = await services.sessions.find(session.id)
    return answer(FallbackReply(state=(now or session).state.value, source_id=source.id), 202)


def _over() -> ProblemError:
    return ProblemError(409, "session-over", "This song is sung already; begin a new session.")


def _session(services: Services, wanted: StartRequest, chosen: _Chosen) -> Session:
    now = datetime.now(UTC)
    song = chosen.song
    if song is None:
        ttl_s = LONGEST_TOKEN_S + PREPARING_S
    else:
        ttl_s = min(song.duration_s / wanted.tempo + services.settings.session_spare_s, LONGEST_TOKEN_S)
    return Session(
        id=uuid.uuid4().hex,
        song_id=song.id if song is not None else "",
        singer=wanted.singer,
        level=wanted.level,
        language=wanted.language,
        state=State.CREATED if song is not None else State.PREPARING,
        failure=None,
        created_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
        ended_at=None,
        source_id=chosen.preparation.source_id if chosen.preparation is not None else None,
        key_shift_semitones=wanted.key_shift_semitones,
        tempo=wanted.tempo,
        for_children=wanted.for_children,
    )


async def _choose(services: Services, wanted: StartRequest) -> _Chosen:
    """Raises ProblemError or SourceError."""
    song_id = wanted.song_id
    if wanted.track is not None and wanted.track.id.startswith(SONG_TRACK):
        song_id = wanted.track.id.removeprefix(SONG_TRACK)
    if song_id is not None:
        song = await asyncio.to_thread(services.catalogue.find, song_id)
        if song is None:
            raise ProblemError(404, "unknown-song", "There is no such song.")
        return _Chosen(song)
    source = await _source_of_track(services, wanted.track) if wanted.track is not None else None
    if source is None:
        assert wanted.source is not None  # one of the three is given
        source = await _source(services, wanted.source)
    preparation = await services.preparing.ask(source.id)
    ready = None
    if preparation.state == READY and preparation.song_id is not None:
        ready = await asyncio.to_thread(services.catalogue.find, preparation.song_id)
    return _Chosen(ready, preparation)


async def _source(services: Services, wanted: WantedSource) -> Source:
    if wanted.url is not None:
        return await services.sources.add_url(wanted.url)
    found = await services.sources.find(wanted.source_id or "")
    if found is None:
        raise ProblemError(404, "no-source", "There is no such source.")
    return found


async def _source_of_track(services: Services, track: WantedTrack) -> Source:
    """The best of what the search for sources found before; asked for where nobody did. It gets the track's names."""
    wanted, names = await _wanted(services, track)
    known = await services.sources.table.of_track(wanted.id)
    source = known[0].source if known else await services.sources.best(wanted)
    return await services.sources.add(replace(source, details={**names, **source.details})) if names else source


async def _wanted(services: Services, track: WantedTrack) -> tuple[Wanted, dict[str, str]]:
    """As a search told of the track, and the names to keep with its source.

    What the request says of a track that no search knows only finds a source: it becomes nobody else's name for it.
    """
    try:
        known = await services.tracks.known(track.id)
    except (ProblemError, ServiceError):
        return _as_told(track), {}
    is_named = known.source == "spotify"  # a video and a file tell their names themselves
    names = {"track_title": known.title, "track_artist": known.artist} if is_named else {}
    if is_named and known.cover_url is not None:
        names["track_cover_url"] = known.cover_url
    return Wanted(known.id, known.title, known.artist, known.duration_s), names


def _as_told(track: WantedTrack) -> Wanted:
    kind = track.id.partition(":")[0]
    if kind == "youtube":
        return Wanted(track.id, "", "")  # its page will tell
    track_id = track.id
    if kind == "spotify":
        told = "\0".join((track.id, fold(track.title), fold(track.artist)))
        track_id = f"asked:{hashlib.sha256(told.encode()).hexdigest()}"
    return Wanted(track_id, track.title, track.artist, track.duration_s)


async def _tell_how_far(services: Services, session_id: str, preparation: Preparation) -> None:
    progress = Progress(preparation.stage, preparation.fraction, preparation.left_s)
    await services.judging.tell(session_id, "progress", progress_document(progress))
