"""Signed tokens: who may speak for a session, who may test, which service calls another.

HS256 over VOICEJURY_SECRET. One token names one scope; a session token also names its session.
"""

import time
from dataclasses import dataclass
from enum import StrEnum

import jwt

MIN_SECRET_BYTES = 32  # RFC 7518 section 3.2: a key as long as the hash


class Scope(StrEnum):
    SESSION = "session"  # one singer, one session
    TESTER = "tester"  # LiveService, AnalysisService and TesterService by hand
    SERVICE = "service"  # signaling and media_server to the services behind them


class TokenError(Exception):
    """The token is expired, forged, or for something else. The text is safe to show."""


@dataclass(frozen=True, slots=True)
class Grant:
    scope: Scope
    subject: str  # the session id, or a name for the log
    expires_unix_s: int


def mint(secret: str, scope: Scope, subject: str, ttl_s: float) -> str:
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise TokenError(f"VOICEJURY_SECRET must be at least {MIN_SECRET_BYTES} bytes long")
    now = time.time()
    claims = {"scope": scope.value, "sub": subject, "iat": int(now), "exp": int(now + ttl_s)}
    return jwt.encode(claims, secret, algorithm="HS256")


def verify(secret: str, token: str, scopes: frozenset[Scope]) -> Grant:
    """Raises TokenError unless the token is valid now and for one of the scopes."""
    try:
        claims = jwt.decode(token, secret, algorithms=["HS256"], options={"require": ["exp", "sub", "scope"]})
        scope = Scope(claims["scope"])
    except jwt.ExpiredSignatureError as error:
        raise TokenError("the token has expired") from error
    except (jwt.PyJWTError, ValueError) as error:
        raise TokenError("the token is not valid") from error
    if scope not in scopes:
        raise TokenError(f"a {scope.value} token is not accepted here")
    return Grant(scope, claims["sub"], int(claims["exp"]))


def bearer(header: str | None) -> str:
    """The token inside an Authorization header or metadata value."""
    kind, _, token = (header or "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise TokenError("an Authorization: Bearer token is required")
    return token.strip()
