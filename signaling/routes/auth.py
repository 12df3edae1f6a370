"""Whose session a request speaks for."""

import jwt
from aiohttp import web
from voicejury.tokens import Scope, TokenError, bearer, verify

from signaling.errors import ProblemError
from signaling.services import SERVICES
from signaling.store.sessions import Session

CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def own_session(request: web.Request) -> Session:
    """The session in the path, if the token is of this very session; raises ProblemError."""
    return await session_of(request, request.match_info["id"])


async def session_of(request: web.Request, session_id: str) -> Session:
    """The session of that id, if the token is of this very session; raises ProblemError."""
    services = request.app[SERVICES]
    try:
        token = bearer(request.headers.get("Authorization"))
        grant = verify(services.settings.secret.get_secret_value(), token, frozenset({Scope.SESSION}))
    except TokenError as error:
        expired = isinstance(error.__cause__, jwt.ExpiredSignatureError)
        code = "expired-token" if expired else "unauthorized"
        raise ProblemError(401, code, f"{error}.".capitalize(), CHALLENGE) from error
    if grant.subject != session_id:
        raise ProblemError(403, "foreign-session", "This token belongs to another session.")
    session = await services.sessions.find(session_id)
    if session is None:
        raise ProblemError(404, "unknown-session", "There is no such session.")
    return session
