"""Is everything there that a session needs? Asked of the dependencies themselves, all at once."""

import asyncio
from collections.abc import Awaitable
from typing import Literal

from aiohttp import web
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from voicejury.rpc import is_serving

from signaling.routes.answers import answer
from signaling.routes.schemas import DependencyHealth, HealthReply
from signaling.services import METRICS, SERVICES

DEADLINE_S = 1.0
NEEDED = ("database", "redis", "media_server")  # without these nobody sings; without a judge the take waits


async def health(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    checks = {
        "database": _store(services.sessions.ping()),
        "redis": _store(services.events.ping()),
        "media_server": _service(is_serving(services.media.channel, DEADLINE_S)),
        "live": _service(is_serving(services.live_channel, DEADLINE_S)),
        "analysis": _service(is_serving(services.analysis.channel, DEADLINE_S)),
    }
    found = dict(zip(checks, await asyncio.gather(*checks.values()), strict=True))
    status = _overall(found)
    return answer(HealthReply(status=status, dependencies=found), 503 if status == "down" else 200)


async def metrics(request: web.Request) -> web.Response:
    headers = {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
    return web.Response(body=request.app[METRICS].exposition(), headers=headers)


async def _store(check: Awaitable[None]) -> DependencyHealth:
    try:
        async with asyncio.timeout(DEADLINE_S):
            await check
    except (TimeoutError, SQLAlchemyError, RedisError, OSError) as error:
        return DependencyHealth(status="down", detail=type(error).__name__)
    return DependencyHealth(status="ok", detail="")


async def _service(check: Awaitable[bool]) -> DependencyHealth:
    if await check:
        return DependencyHealth(status="ok", detail="")
    return DependencyHealth(status="down", detail=f"not serving within {DEADLINE_S:g} s")


def _overall(found: dict[str, DependencyHealth]) -> Literal["ok", "degraded", "down"]:
    if any(found[name].status == "down" for name in NEEDED):
        return "down"
    return "ok" if all(one.status == "ok" for one in found.values()) else "degraded"
