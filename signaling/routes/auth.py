"""Whose session a request speaks for."""

import jwt
from aiohttp import web
from voicejury.tokens import Scope, TokenError, bearer, verify

from signaling.errors import ProblemError
from signaling.services import SERVICES
from signaling.store.sessions import Session, WithSong, WithTake

CHALLENGE = {"WWW-Authenticate": "Bearer"}


async def own_session(request: web.Request) -> Session:
    """The session in the path, if the token is of this very session; raises ProblemError."""
    return await session_of(request, request.match_info["id"])


async def own_session_with_song(request: web.Request) -> WithSong:
    """As `own_session`, with its song in one question."""
    found = await request.app[SERVICES].sessions.with_song(own_id(request))
    if found is None:
        raise _unknown()
    return found


async def own_session_with_take(request: web.Request) -> WithTake:
    """As `own_session`, with the id of its verdict in one question."""
    found = await request.app[SERVICES].sessions.with_take(own_id(request))
    if found is None:
        raise _unknown()
    return found


async def session_of(request: web.Request, session_id: str) -> Session:
    """The session of that id, if the token is of this very session; raises ProblemError."""
    check_token(request, session_id)
    session = await request.app[SERVICES].sessions.find(session_id)
    if session is None:
        raise _unknown()
    return session


def own_id(request: web.Request) -> str:
    """The id in the path, if the token is of this very session; raises ProblemError. It may be gone."""
    session_id = request.match_info["id"]
    check_token(request, session_id)
    return session_id


def check_token(request: web.Request, session_id: str) -> None:
    try:
        token = bearer(request.headers.get("Authorization"))
        secret = request.app[SERVICES].settings.secret.get_secret_value()
        grant = verify(secret, token, frozenset({Scope.SESSION}))
    except TokenError as error:
        expired = isinstance(error.__cause__, jwt.ExpiredSignatureError)
        code = "expired-token" if expired else "unauthorized"
        raise ProblemError(401, code, f"{error}.".capitalize(), CHALLENGE) from error
    if grant.subject != session_id:
        raise ProblemError(403, "foreign-session", "This token belongs to another session.")


def _unknown() -> ProblemError:
    return ProblemError(404, "unknown-session", "There is no such session.")
