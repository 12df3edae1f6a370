"""The one way to the outside services that an operator has set: bounded in time and size, and patient with none.

A service that says "too many" or fails three times in a row is left alone for a while, so that a search does not wait
for it each time. Addresses come from settings and from these services, never from a user.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from importlib.metadata import version
from typing import TypeVar

import aiohttp
from pydantic import TypeAdapter, ValidationError
from yarl import URL

from signaling.errors import ServiceError

USER_AGENT = (
    f"voicejury/{version('voicejury')} (singing game with a jury, self-hosted)"  # LRCLIB asks for name and version
)
CONNECT_S = 3.0
TOTAL_S = 8.0
RETRY_PAUSE_S = 0.2
MAX_ANSWER_BYTES = 2 * 1024 * 1024  # the largest pages of lyrics are half of it
CHUNK_BYTES = 64 * 1024
MAX_CONNECTIONS = 32
MAX_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LIMITED_PAUSE_S = 30.0  # where the service does not say how long
MAX_PAUSE_S = 24 * 3600.0
FAILURES_TO_PAUSE = 3
BROKEN_PAUSE_S = 30.0

log = logging.getLogger(__name__)
Model = TypeVar("Model")


class Kind(StrEnum):
    LIMITED = "limited"  # 429, or 503 with Retry-After
    PAUSED = "paused"  # not asked, because of what it said before
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BROKEN = "broken"  # 5xx, or an answer that breaks off
    REFUSED = "refused"  # 4xx
    NONSENSE = "nonsense"
    TOO_LARGE = "too-large"
    REDIRECTED = "redirected"  # to another host


TELLS_OF_HEALTH = frozenset({Kind.UNREACHABLE, Kind.SLOW, Kind.BROKEN})


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `accept` lists the statuses that are answers; every other one is an error."""

    service: str
    url: str
    method: str = "GET"
    params: Mapping[str, str | int] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    accept: frozenset[int] = frozenset({200})
    max_bytes: int = MAX_ANSWER_BYTES


@dataclass(frozen=True, slots=True)
class Reply:
    service: str
    status: int
    media_type: str
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def read(self, model: TypeAdapter[Model]) -> Model:
        """The body as JSON of this shape; raises ServiceError for anything else."""
        try:
            return model.validate_json(self.body)
        except ValidationError as error:
            raise ServiceError(self.service, Kind.NONSENSE, "its answer cannot be understood") from error


@dataclass(slots=True)
class _Health:
    failures: int = 0  # in a row
    paused_until_s: float = 0.0


class ServiceClient:
    """Makes requests; raises ServiceError and nothing else."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._health: dict[str, _Health] = defaultdict(_Health)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MAX_CONNECTIONS),
            timeout=aiohttp.ClientTimeout(total=TOTAL_S, sock_connect=CONNECT_S),
            headers={"User-Agent": USER_AGENT},
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )

    async def aclose(self) -> None:
        await self._session.close()

    async def ask(self, ask: Ask) -> Reply:
        self._heed_pause(ask.service)
        try:
            reply = await self._follow(ask)
        except ServiceError as error:
            self._note(error)
            log.warning("%s: %s (%s)", error.service, error.detail, error.kind)
            raise
        self._health[ask.service].failures = 0
        return reply

    def _heed_pause(self, service: str) -> None:
        left_s = self._health[service].paused_until_s - self._clock()
        if left_s > 0:
            raise ServiceError(service, Kind.PAUSED, f"is left alone for {left_s:.0f} s", left_s)

    def _note(self, error: ServiceError) -> None:
        health = self._health[error.service]
        if error.kind == Kind.LIMITED:
            health.paused_until_s = self._clock() + (error.retry_after_s or LIMITED_PAUSE_S)
        elif error.kind in TELLS_OF_HEALTH:
            health.failures += 1
            if health.failures >= FAILURES_TO_PAUSE:
                health.paused_until_s = self._clock() + BROKEN_PAUSE_S

    async def _follow(self, ask: Ask) -> Reply:
        """Goes along with redirects as long as they stay on the same host."""
        url = URL(ask.url).update_query(ask.params)
        for _ in range(MAX_REDIRECTS + 1):
            answered = await self._send_twice(ask, url)
            if isinstance(answered, Reply):
                return answered
            if answered.origin() != url.origin() or ask.method != "GET":
                raise ServiceError(ask.service, Kind.REDIRECTED, "points to another address, which is not followed")
            url = answered
        raise ServiceError(ask.service, Kind.REDIRECTED, "points to one address after another")

    async def _send_twice(self, ask: Ask, url: URL) -> Reply | URL:
        """A second attempt to connect; a GET whose connection is lost later aiohttp itself repeats once."""
        try:
            return await self._send(ask, url)
        except ServiceError as error:
            if not isinstance(error.__cause__, aiohttp.ClientConnectorError):
                raise
        await asyncio.sleep(RETRY_PAUSE_S)
        return await self._send(ask, url)

    async def _send(self, ask: Ask, url: URL) -> Reply | URL:
        """The answer, or where it points to."""
        try:
            async with self._session.request(
                ask.method, url, headers=ask.headers, data=ask.form, allow_redirects=False
            ) as response:
                if response.status in REDIRECTS:
                    return response.url.join(URL(response.headers.get("Location", "")))
                if response.status not in ask.accept:
                    raise _problem_of(ask.service, response)
                body = await _read(ask, response)
                return Reply(ask.service, response.status, response.content_type, body)
        except TimeoutError as error:
            raise ServiceError(ask.service, Kind.SLOW, "did not answer in time") from error
        except aiohttp.ClientConnectionError as error:
            raise ServiceError(ask.service, Kind.UNREACHABLE, "cannot be reached") from error
        except aiohttp.ClientPayloadError as error:
            raise ServiceError(ask.service, Kind.BROKEN, "broke off in mid-answer") from error
        except (aiohttp.ClientError, ValueError) as error:  # no HTTP, or an address that is none
            raise ServiceError(ask.service, Kind.NONSENSE, "its answer cannot be understood") from error


async def _read(ask: Ask, response: aiohttp.ClientResponse) -> bytes:
    """The body, unpacked; whoever sends more than the limit is cut off."""
    body = bytearray()
    if (response.content_length or 0) <= ask.max_bytes:
        async for chunk in response.content.iter_chunked(CHUNK_BYTES):
            body += chunk
            if len(body) > ask.max_bytes:
                break
        else:
            return bytes(body)
    response.close()
    raise ServiceError(ask.service, Kind.TOO_LARGE, f"its answer is larger than {ask.max_bytes // 1024} KiB")


def _problem_of(service: str, response: aiohttp.ClientResponse) -> ServiceError:
    status, wait_s = response.status, _retry_after_s(response.headers.get("Retry-After"))
    if status == 429 or (status == 503 and wait_s is not None):
        return ServiceError(service, Kind.LIMITED, f"asks for patience ({status})", wait_s)
    if status >= 500:
        return ServiceError(service, Kind.BROKEN, f"is broken ({status})")
    if status >= 400:
        return ServiceError(service, Kind.REFUSED, f"refuses ({status})")
    return ServiceError(service, Kind.NONSENSE, f"answered {status}")


def _retry_after_s(value: str | None) -> float | None:
    """Seconds, or a date of HTTP; None where it is neither. One second at least, a day at most."""
    if value is None:
        return None
    try:
        wait_s = float(value) if value.strip().isdigit() else _seconds_until(parsedate_to_datetime(value))
    except ValueError:
        return None
    return min(max(wait_s, 1.0), MAX_PAUSE_S)


def _seconds_until(moment: datetime) -> float:
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()
