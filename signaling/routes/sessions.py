"""A session from its offer to its results. How it begins is in starting.py."""

import asyncio
from datetime import UTC, datetime

from aiohttp import web
from redis.exceptions import RedisError
from voicejury import tracing
from voicejury.v1 import song_pb2

from signaling.errors import MediaRefusedError, ProblemError
from signaling.judging import NO_TAKE
from signaling.levels import LEVELS
from signaling.lyrics.judged import as_judged
from signaling.lyrics.songs import own_lyrics
from signaling.routes.answers import answer, json_answer, read_body
from signaling.routes.auth import own_id, own_session, own_session_with_song
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas import (
    EndReply,
    OfferReply,
    OfferRequest,
    Progress,
    SessionProblem,
    StatusReply,
)
from signaling.routes.schemas_recording import EndRequest
from signaling.routes.songs import kept_song_answer, song_answer
from signaling.routes.starting import LIMIT
from signaling.services import SERVICES, Services
from signaling.songs.moved import moved
from signaling.store.sessions import Session
from signaling.store.states import State

END_LIMIT = web.AppKey("end_limit", AddressLimit)  # apart: whoever could start a session can end it
SINGABLE = (State.CREATED, State.CONNECTED)
UNSUNG = (State.PREPARING, State.CREATED)


async def offer(request: web.Request) -> web.Response:
    request.app[LIMIT].take(request.remote)
    services = request.app[SERVICES]
    session = await own_session(request)
    wanted = await read_body(request, OfferRequest)
    if session.state is State.PREPARING:
        raise _not_ready()
    if session.state not in SINGABLE:
        raise _over()
    song = await _settled_song(services, session)
    try:
        with tracing.span("offer", session.id, {"voicejury.resume": wanted.resume}):
            reply = await services.media.connect(
                session.id, as_judged(song), wanted.sdp, LEVELS[session.level], wanted.resume
            )
    except MediaRefusedError as error:
        services.metrics.offers.labels(error.code).inc()
        raise
    services.metrics.offers.labels("answered").inc()
    await _connected(services, session.id)
    return answer(OfferReply(sdp=reply.sdp, resumed=reply.resumed))


async def end(request: web.Request) -> web.Response:
    request.app[END_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    session = await own_session(request)
    wanted = await read_body(request, EndRequest) if request.can_read_body else EndRequest()
    if wanted.has_recording and session.state in (State.CONNECTED, State.JUDGING):
        await services.judging.recordings.expect(session.id)
    if session.state in UNSUNG:  # a preparation goes on, for whoever asks next
        await services.judging.end_with(session.id, State.ABANDONED, NO_TAKE)
    elif session.state is State.CONNECTED:
        await end_singing(services, session)
    now = await services.sessions.find(session.id)
    return answer(EndReply(state=(now or session).state.value), 202)


async def end_singing(services: Services, session: Session) -> None:
    """Of a connected session: its take is judged from now on."""
    if await services.sessions.move(session.id, State.JUDGING, ended_at=datetime.now(UTC)):
        await services.judging.tell(session.id, "state", {"state": State.JUDGING.value})
    services.judging.begin(session.id)


async def status(request: web.Request) -> web.Response:
    session = await own_session(request)
    progress: Progress | None = None
    if session.state is State.JUDGING:
        progress = await _progress(request.app[SERVICES], session.id)
    elif session.state is State.PREPARING:
        progress = await _preparing(request.app[SERVICES], session)
    failure = session.failure
    reply = StatusReply(
        session_id=session.id,
        song_id=session.song_id,
        state=session.state.value,
        progress=progress,
        error=SessionProblem(code=failure.code, detail=failure.detail) if failure is not None else None,
    )
    return answer(reply)


async def sung_song(request: web.Request) -> web.Response:
    """The song as this session sings it; also after the verdict, when the session itself keeps it no longer."""
    own = await own_session_with_song(request)
    session = own.session
    if not session.song_id:
        failure = session.failure
        raise ProblemError(409, failure.code, failure.detail) if failure is not None else _not_ready()
    if own.song_pb:
        return kept_song_answer(request, own.song_pb)
    return song_answer(request, await _song_again(request.app[SERVICES], session))


async def _song_again(services: Services, session: Session) -> song_pb2.Song:
    known = await asyncio.to_thread(services.catalogue.find, session.song_id)
    if known is None:
        raise ProblemError(404, "unknown-song", "This song is no longer here.")
    return moved(known, session.key_shift_semitones, session.tempo)


async def results(request: web.Request) -> web.Response:
    spoken = await request.app[SERVICES].results.spoken(own_id(request))
    if spoken is not None:
        return json_answer(spoken.verdict_json)
    session = await own_session(request)
    if session.failure is not None:
        raise ProblemError(409, session.failure.code, session.failure.detail)
    raise ProblemError(409, "not-ready", "The jury has not spoken yet.")


async def _settled_song(services: Services, session: Session) -> song_pb2.Song:
    """With the offset of its words as it is when the singer first connects: nothing moves in mid-take."""
    song = await services.sessions.song_of(session.id)
    own = own_lyrics(song)
    if session.state is not State.CREATED or own is None:
        return song
    offset_s = await services.lyrics.offset_s(own)
    if offset_s == song.lyrics_offset_s:
        return song
    song.lyrics_offset_s = offset_s
    return song if await services.sessions.keep_song(session.id, song) else await services.sessions.song_of(session.id)


async def _connected(services: Services, session_id: str) -> None:
    """Moves the session on; one that was ended in the meantime gets its peer closed again."""
    if await services.sessions.move(session_id, State.CONNECTED):
        await services.judging.tell(session_id, "state", {"state": State.CONNECTED.value})
        return
    now = await services.sessions.find(session_id)
    if now is None or now.state is not State.CONNECTED:
        await services.media.close(session_id)
        raise _over()


async def _progress(services: Services, session_id: str) -> Progress | None:
    try:
        known = await services.events.progress(session_id)
    except (RedisError, OSError):
        return None  # the state itself comes from the store
    return Progress(**known) if known is not None else None


async def _preparing(services: Services, session: Session) -> Progress | None:
    found = await services.preparing.look(session.source_id or "")
    if found is None:
        return None
    return Progress(stage=found.stage, fraction=round(found.fraction, 3), left_s=found.left_s)


def _not_ready() -> ProblemError:
    return ProblemError(409, "not-ready", "The song is still being prepared.")


def _over() -> ProblemError:
    return ProblemError(409, "session-over", "This take is over; begin a new session.")
