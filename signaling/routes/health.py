"""Is everything there that a session needs? Asked of the dependencies themselves, all at once."""

import asyncio
import time
from collections.abc import Awaitable
from typing import Literal

import grpc
from aiohttp import web
from grpc_health.v1 import health_pb2, health_pb2_grpc
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from signaling.net.moment import Moment
from signaling.routes.answers import answer
from signaling.routes.schemas import DependencyHealth, HealthReply
from signaling.services import BACKGROUND, METRICS, SERVICES, Services

DEADLINE_S = 1.0
MOMENT_S = 0.5
SLOW_S = 0.5  # of a store: singers notice
# Without these nobody sings; without a judge the take waits.
NEEDED = ("database", "redis", "media_server", "background")
SPARE = ("reference", "youtube")  # for new songs; those of the list are sung without
TIDYING = {"folders and uploads", "retention"}  # parts of the background that singers can do without for a while
OK = DependencyHealth(status="ok", detail="")


class Look:
    """What the dependencies said a moment ago: many who ask together cause one look. `background` is never old."""

    def __init__(self) -> None:
        self._said: Moment[dict[str, DependencyHealth]] = Moment(MOMENT_S, 1)
        self._looking = asyncio.Lock()

    async def of(self, services: Services) -> dict[str, DependencyHealth]:
        async with self._looking:
            said = self._said.get("")
            if said is None:
                said = await _asked(services)
                self._said.put("", said)
            return said


LOOK = web.AppKey("look", Look)


async def health(request: web.Request) -> web.Response:
    found = await request.app[LOOK].of(request.app[SERVICES]) | {"background": _background(request)}
    status = _overall(found)
    return answer(HealthReply(status=status, dependencies=found), 503 if status == "down" else 200)


async def _asked(services: Services) -> dict[str, DependencyHealth]:
    checks = {
        "database": _store(services.sessions.ping()),
        "redis": _store(services.events.ping()),
        "media_server": _service(services.media.channel),
        "live": _service(services.live_channel),
        "analysis": _service(services.analysis.channel),
        "reference": _reference(services),
        "youtube": _youtube(services),
    }
    return dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))


async def metrics(request: web.Request) -> web.Response:
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    return web.Response(body=request.app[METRICS].exposition(), headers=headers)


def _background(request: web.Request) -> DependencyHealth:
    """The parts that judge, prepare and delete; one that ended is begun again soon."""
    ended = request.app[BACKGROUND].ended
    if not ended:
        return OK
    parts = "; ".join(f"{name} has ended ({why}) and begins again soon" for name, why in sorted(ended.items()))
    return DependencyHealth(status="degraded" if ended.keys() <= TIDYING else "down", detail=parts)


async def _reference(services: Services) -> DependencyHealth:
    channel = services.reference.channel
    if channel is None:
        return DependencyHealth(status="down", detail="not set up (VOICEJURY_REFERENCE_URL)")
    return await _service(channel)


async def _youtube(services: Services) -> DependencyHealth:
    """yt-dlp and its JavaScript runtime, with their versions."""
    found = await services.making.versions.ability(DEADLINE_S)
    return DependencyHealth(status="ok" if found.is_there else "degraded", detail=found.detail)


async def _store(check: Awaitable[None]) -> DependencyHealth:
    began_s = time.monotonic()
    try:
        async with asyncio.timeout(DEADLINE_S):
            await check
    except (TimeoutError, SQLAlchemyError, RedisError, OSError) as error:
        return DependencyHealth(status="down", detail=type(error).__name__)
    took_s = time.monotonic() - began_s
    if took_s > SLOW_S:
        return DependencyHealth(status="degraded", detail=f"answered after {took_s:.2f} s")
    return OK


async def _service(channel: grpc.aio.Channel) -> DependencyHealth:
    """The standard health service's word: a service that is there but not ready is degraded, none is down."""
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        reply = await stub.Check(health_pb2.HealthCheckRequest(), timeout=DEADLINE_S)
    except grpc.aio.AioRpcError as error:
        return DependencyHealth(status="down", detail=f"does not answer ({error.code().name})")
    if reply.status != health_pb2.HealthCheckResponse.SERVING:
        return DependencyHealth(status="degraded", detail="answers, but is not ready")
    return OK


def _overall(found: dict[str, DependencyHealth]) -> Literal["ok", "degraded", "down"]:
    if any(found[name].status == "down" for name in NEEDED):
        return "down"
    needed = [one for name, one in found.items() if name not in SPARE]
    return "ok" if all(one.status == "ok" for one in needed) else "degraded"
