"""Judging on demand: now, or once more after it failed; and how far it is."""

from aiohttp import web
from redis.exceptions import RedisError

from signaling.errors import ProblemError
from signaling.routes.answers import answer
from signaling.routes.auth import own_session
from signaling.routes.schemas import EndReply, SessionProblem
from signaling.routes.schemas_judging import AnalysisStatus
from signaling.routes.sessions import END_LIMIT, end_singing
from signaling.services import SERVICES, Services
from signaling.store.sessions import JUDGE_FAILED, Session
from signaling.store.states import State

QUEUED = "queued"


async def analyze(request: web.Request) -> web.Response:
    """Safe to repeat: a take that is being judged, or was, stays as it is."""
    request.app[END_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    session = await own_session(request)
    if session.state is State.CONNECTED:
        await end_singing(services, session)
    elif session.state is State.FAILED and session.failure is not None and session.failure.code == JUDGE_FAILED:
        await services.judging.judge_again(session.id)
    elif session.state is State.JUDGING:
        await services.judging.recordings.settle(session.id)  # whoever asks now waits for no recording
        services.judging.begin(session.id)
    elif session.state is not State.DONE:
        raise _nothing_to_judge(session)
    now = await services.sessions.find(session.id)
    return answer(EndReply(state=(now or session).state.value), 202)


async def analysis_status(request: web.Request) -> web.Response:
    session = await own_session(request)
    failure = session.failure
    known = await _progress(request.app[SERVICES], session) if session.state is State.JUDGING else {}
    return answer(
        AnalysisStatus(
            state=session.state.value,
            stage=known.get("stage"),
            fraction=known.get("fraction"),
            left_s=known.get("left_s"),
            attempt=session.attempt,
            error=SessionProblem(code=failure.code, detail=failure.detail) if failure is not None else None,
        )
    )


async def _progress(services: Services, session: Session) -> dict[str, object]:
    try:
        known = await services.events.progress(session.id)
    except (RedisError, OSError):
        known = None  # the state itself comes from the store
    return known or {"stage": QUEUED, "fraction": 0.0}


def _nothing_to_judge(session: Session) -> ProblemError:
    if session.failure is not None:
        return ProblemError(409, session.failure.code, session.failure.detail)
    return ProblemError(409, "not-ready", "Nothing was sung yet.")
