"""Whether a service answers its health check."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import aiohttp
from voicejury.rpc import client_channel, is_serving

POLL_S = 0.1
ANSWER_S = 2.0
SPARE = ("reference", "youtube")  # for new songs; those of the list are sung without


class HealthCheck(Protocol):
    async def problem(self) -> str:
        """Empty when the service answers well, otherwise what is wrong in a few words."""


async def wait_until_healthy(check: HealthCheck) -> None:
    """Returns at the first good answer; the caller sets the deadline."""
    while True:
        if not await check.problem():
            return
        await asyncio.sleep(POLL_S)


@dataclass(frozen=True)
class GrpcHealth:
    """The standard health service, on loopback."""

    address: str

    async def problem(self) -> str:
        host, port = self.address.rsplit(":", 1)
        try:  # a channel that failed once backs off; so it is made once somebody listens
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            return f"nothing listens on {self.address}"
        writer.close()
        async with client_channel(self.address) as channel:
            return "" if await is_serving(channel, ANSWER_S) else "its health check does not say SERVING"


@dataclass(frozen=True)
class PageHealth:
    """GET /health; `whole` also wants every dependency of signaling to be up."""

    url: str
    certificate: Path | None = None
    whole: bool = False

    def _trust(self) -> ssl.SSLContext | bool:
        """Only the certificate that we made is trusted."""
        if self.certificate is None:
            return True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(self.certificate)
        return context

    async def problem(self) -> str:
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=False) as session,
                session.get(f"{self.url}/health", ssl=self._trust()) as answer,
            ):
                health = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return f"{self.url}/health does not answer ({type(error).__name__})"
        return _down(health) if self.whole else ""


def _down(health: object) -> str:
    """Names the dependencies that signaling reports as down and that singing needs."""
    if not isinstance(health, dict) or not isinstance(health.get("dependencies"), dict):
        return "/health is not the document of the contract"
    down = [
        f"{name}: {state.get('detail') or 'down'}"
        for name, state in health["dependencies"].items()
        if isinstance(state, dict) and state.get("status") == "down" and name not in SPARE
    ]
    return "; ".join(down)
