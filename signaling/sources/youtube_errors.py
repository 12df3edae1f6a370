"""What yt-dlp raises, told in the codes of the API. Its own words never reach the user or the log."""

import re
import socket
from collections.abc import Iterator

from yt_dlp.networking.exceptions import HTTPError, IncompleteRead, TransportError
from yt_dlp.utils import GeoRestrictedError, UnsupportedError

from signaling.errors import SourceError
from signaling.sources.child_main import of_os_error

NOT_FOR_US = re.compile(r"private|members.only|premium", re.IGNORECASE)  # before the wall: it too says "sign in"
WALL = re.compile(
    r"sign in to|not a bot|confirm your age|age.restrict|inappropriate|log ?in required|captcha|--cookies",
    re.IGNORECASE,
)
GONE = re.compile(
    r"unavailable|not available|no longer|removed|deleted|terminated|does not exist|no video formats|requested format"
    r"|not found|copyright|DRM",
    re.IGNORECASE,
)
NO_ROUTE = re.compile(
    r"name resolution|name or service|nodename|getaddrinfo|failed to resolve|network is unreachable|no route to host"
    r"|connection refused",
    re.IGNORECASE,
)
BLOCKED = SourceError("video-blocked", "The site wants a person who is signed in; choose another source.")
UNAVAILABLE = SourceError("video-unavailable", "This video is private, removed or not shown here.")
NO_NETWORK = SourceError("no-network", "The site cannot be reached: is this machine on the internet?")
FAILED = SourceError("service-failed", "The site did not answer as it should; try again later.")
CUT_OFF = SourceError("service-failed", "The site broke off in the middle of the recording; try again.")
BUSY = SourceError("service-failed", "The site asks for patience (too many requests); try again later.")
NO_VIDEO = SourceError("video-unavailable", "There is no recording at this address.")
STATUSES = {401: BLOCKED, 403: BLOCKED, 404: UNAVAILABLE, 410: UNAVAILABLE, 429: BUSY, 451: UNAVAILABLE}
PATTERNS = ((NOT_FOR_US, UNAVAILABLE), (WALL, BLOCKED), (NO_ROUTE, NO_NETWORK), (GONE, UNAVAILABLE))
MAX_CAUSES = 20


def as_source_error(error: BaseException) -> SourceError:
    """The most telling of the error and its causes."""
    causes = list(_causes(error))
    for cause in causes:
        if (found := _of_type(cause)) is not None:
            return found
    text = " ".join(str(cause) for cause in causes)
    for pattern, found in PATTERNS:
        if pattern.search(text):
            return found
    return FAILED


def _of_type(cause: BaseException) -> SourceError | None:
    if isinstance(cause, SourceError):
        return cause
    if isinstance(cause, HTTPError):
        return STATUSES.get(cause.status, FAILED)
    if isinstance(cause, IncompleteRead | ConnectionResetError):
        return CUT_OFF
    if isinstance(cause, socket.gaierror | ConnectionRefusedError):
        return NO_NETWORK
    if isinstance(cause, UnsupportedError):
        return NO_VIDEO
    if isinstance(cause, GeoRestrictedError):
        return UNAVAILABLE
    if isinstance(cause, OSError) and not isinstance(cause, TransportError):
        return of_os_error(cause)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything behind it: yt-dlp keeps causes in three places."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < MAX_CAUSES:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        exc_info = getattr(cause, "exc_info", None)
        waiting += [cause.__cause__, getattr(cause, "cause", None), exc_info[1] if exc_info else None]
        waiting += [cause.__context__, getattr(cause, "reason", None), *cause.args]
