"""Around every request: problem documents, figures, security headers, a limit for each address."""

import ipaddress
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from aiohttp import web
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from signaling.errors import ProblemError, ServiceError, SourceError
from signaling.routes.answers import problem_answer, problem_of_source
from signaling.routes.page import page_answer
from signaling.services import METRICS, SETTINGS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
MAX_ADDRESSES = 10_000
SERVICE_RETRY_S = 10.0
CODES = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",  # another key or tempo is computed in WebAssembly, from a file of ours
        "style-src 'self' 'unsafe-inline'",  # dialogs lock scrolling with a style element
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Server": "voicejury",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}

log = logging.getLogger(__name__)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """A signal, not a middleware: it also reaches files and event streams."""
    response.headers.update(SECURITY_HEADERS)
    if request.path.startswith(("/api/", "/health", "/metrics")):
        response.headers.setdefault("Cache-Control", "no-store")


@web.middleware
async def measured(request: web.Request, handler: Handler) -> web.StreamResponse:
    began = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
        return response
    finally:
        resource = request.match_info.route.resource
        route = resource.canonical if resource is not None else "unmatched"
        labels = (request.method, route, str(status))
        request.app[METRICS].requests.labels(*labels).observe(time.perf_counter() - began)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is a problem document and one log line."""
    try:
        return await handler(request)
    except ProblemError as error:
        problem = error
    except (ServiceError, SourceError) as error:
        problem = problem_of_source(error) if isinstance(error, SourceError) else _of_service(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        if error.status == 404 and request.method in ("GET", "HEAD") and not request.path.startswith("/api/"):
            return page_answer(request.app[SETTINGS].page_dir, request.path)
        allow = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else None
        problem = ProblemError(error.status, CODES.get(error.status, "bad-request"), error.reason, allow)
    except (SQLAlchemyError, RedisError) as error:
        log.error("%s %s: %s", request.method, _route(request), type(error).__name__)
        problem = ProblemError(503, "unavailable", "A store does not answer; try again.", {"Retry-After": "1"})
    except Exception as error:
        where = _origin(error)
        log.error("%s %s: %s: %s (%s)", request.method, _route(request), type(error).__name__, error, where)
        problem = ProblemError(500, "internal", "Something broke here; it is in the log.")
    log.info("%s %s: %d %s", request.method, _route(request), problem.status, problem.code)
    return problem_answer(problem)


def _of_service(error: ServiceError) -> ProblemError:
    wait_s = math.ceil(error.retry_after_s or SERVICE_RETRY_S)
    detail = f"{error.service} {error.detail}; try again later."
    return ProblemError(503, "service-failed", detail, {"Retry-After": str(wait_s)})


def _route(request: web.Request) -> str:
    """The pattern, not the path: what a stranger writes into a path stays out of the log."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unmatched path"


def _origin(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "unknown"


class AddressLimit:
    """A token bucket for each address: `per_minute` in a burst, and as many again over a minute."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, at this time

    def take(self, remote: str | None) -> None:
        """Raises ProblemError when the address has nothing left."""
        address = network_of(remote)
        now = self._clock()
        tokens, then = self._buckets.pop(address, (float(self._per_minute), now))
        tokens = min(self._per_minute, tokens + (now - then) * self._per_minute / 60)
        allowed = tokens >= 1
        self._buckets[address] = (tokens - 1 if allowed else tokens, now)
        if len(self._buckets) > MAX_ADDRESSES:
            self._buckets.popitem(last=False)
        if not allowed:
            wait_s = int((1 - tokens) * 60 / self._per_minute) + 1
            raise ProblemError(429, "busy", "Too many requests from this address.", {"Retry-After": str(wait_s)})


def network_of(remote: str | None) -> str:
    """One bucket for an IPv4 address or an IPv6 /64, which is what one subscriber has."""
    try:
        address = ipaddress.ip_address((remote or "").partition("%")[0])
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
