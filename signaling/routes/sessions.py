"""A session from its start to its results."""

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

from aiohttp import web
from redis.exceptions import RedisError
from voicejury.tokens import Scope, mint

from signaling.errors import MediaRefusedError, ProblemError
from signaling.judging import NO_TAKE
from signaling.levels import LEVELS
from signaling.routes.answers import answer, read_body
from signaling.routes.auth import own_session
from signaling.routes.middleware import AddressLimit
from signaling.routes.schemas import (
    EndReply,
    OfferReply,
    OfferRequest,
    Progress,
    SessionProblem,
    StartReply,
    StartRequest,
    StatusReply,
    VerdictDocument,
)
from signaling.services import SERVICES, Services
from signaling.store.sessions import Session
from signaling.store.states import State

LIMIT = web.AppKey("limit", AddressLimit)  # starts and offers
END_LIMIT = web.AppKey("end_limit", AddressLimit)  # apart: whoever could start a session can end it
LONGEST_TOKEN_S = 30 * 60.0 + 10 * 60.0  # the longest take, and its judging
SINGABLE = (State.CREATED, State.CONNECTED)


async def start(request: web.Request) -> web.Response:
    request.app[LIMIT].take(request.remote)
    services = request.app[SERVICES]
    wanted = await read_body(request, StartRequest)
    song = await asyncio.to_thread(services.catalogue.find, wanted.song_id)
    if song is None:
        raise ProblemError(404, "unknown-song", "There is no such song.")
    now = datetime.now(UTC)
    ttl_s = min(song.duration_s + services.settings.session_spare_s, LONGEST_TOKEN_S)
    session = Session(
        id=uuid.uuid4().hex,
        song_id=song.id,
        singer=wanted.singer,
        level=wanted.level,
        language=wanted.language,
        state=State.CREATED,
        failure=None,
        created_at=now,
        expires_at=now + timedelta(seconds=ttl_s),
        ended_at=None,
    )
    await services.sessions.add(session, song)
    services.metrics.sessions_started.inc()
    token = mint(services.settings.secret.get_secret_value(), Scope.SESSION, session.id, ttl_s)
    reply = StartReply(
        session_id=session.id, token=token, expires_s=int(ttl_s), ice_servers=services.settings.ice_servers
    )
    return answer(reply, 201)


async def offer(request: web.Request) -> web.Response:
    request.app[LIMIT].take(request.remote)
    services = request.app[SERVICES]
    session = await own_session(request)
    wanted = await read_body(request, OfferRequest)
    if session.state not in SINGABLE:
        raise _over()
    song = await services.sessions.song_of(session.id)
    try:
        reply = await services.media.connect(session.id, song, wanted.sdp, LEVELS[session.level], wanted.resume)
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
    if session.state is State.CREATED:
        await services.judging.end_with(session.id, State.ABANDONED, NO_TAKE)
    elif session.state is State.CONNECTED:
        if await services.sessions.move(session.id, State.JUDGING, ended_at=datetime.now(UTC)):
            await services.judging.tell(session.id, "state", {"state": State.JUDGING.value})
        services.judging.begin(session.id)
    now = await services.sessions.find(session.id)
    return answer(EndReply(state=(now or session).state.value), 202)


async def status(request: web.Request) -> web.Response:
    session = await own_session(request)
    progress = None
    if session.state is State.JUDGING:
        progress = await _progress(request.app[SERVICES], session.id)
    failure = session.failure
    reply = StatusReply(
        session_id=session.id,
        song_id=session.song_id,
        state=session.state.value,
        progress=progress,
        error=SessionProblem(code=failure.code, detail=failure.detail) if failure is not None else None,
    )
    return answer(reply)


async def results(request: web.Request) -> web.Response:
    session = await own_session(request)
    verdict = await request.app[SERVICES].results.verdict_of(session.id)
    if verdict is not None:
        return answer(VerdictDocument(verdict))
    if session.failure is not None:
        raise ProblemError(409, session.failure.code, session.failure.detail)
    raise ProblemError(409, "not-ready", "The jury has not spoken yet.")


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


def _over() -> ProblemError:
    return ProblemError(409, "session-over", "This take is over; begin a new session.")
