"""The signaling API as a singer uses it."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp

from deploy.singer.errors import SingError

REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=20.0)
BUSY = 503
BUSY_ATTEMPTS = 6
LONGEST_WAIT_S = 5.0
JUDGING_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_read=60.0)


class SignalingClient:
    """One session. Raises SingError for every refusal."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url.rstrip("/")
        self._http = http
        self._headers: dict[str, str] = {}
        self._session_id = ""

    async def start(self, song_id: str, singer: str | None) -> list[dict[str, Any]]:
        """Begins a session and returns its ICE servers."""
        body = {"song_id": song_id} | ({"singer": singer} if singer else {})
        reply = await self._ask("POST", "/api/session/start", body)
        self._session_id = reply["session_id"]
        self._headers = {"Authorization": f"Bearer {reply['token']}"}
        return list(reply["ice_servers"])

    async def offer(self, sdp: str, resume: bool = False) -> str:
        body = {"sdp": sdp, "type": "offer", "resume": resume}
        return str((await self._ask("POST", self._path("offer"), body))["sdp"])

    async def end(self) -> None:
        await self._ask("POST", self._path("end"))

    async def results(self) -> dict[str, Any]:
        return await self._ask("GET", self._path("results"))

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Server-sent events until the verdict or an error; raises SingError for the latter."""
        async with self._http.get(
            self._url + self._path("events"), headers=self._headers, timeout=JUDGING_TIMEOUT
        ) as reply:
            name = ""
            async for raw in reply.content:
                line = raw.decode().rstrip("\r\n")
                if line.startswith("event:"):
                    name = line.removeprefix("event:").strip()
                elif line.startswith("data:") and name:
                    data = json.loads(line.removeprefix("data:"))
                    if name == "error":
                        raise SingError(f"{data.get('code')}: {data.get('detail')}")
                    yield {"type": name, **data}

    def _path(self, leaf: str) -> str:
        return f"/api/session/{self._session_id}/{leaf}"

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Waits as the page does while the house is busy."""
        for _ in range(BUSY_ATTEMPTS):
            status, document, wait_s = await self._ask_once(method, path, body)
            if status != BUSY:
                break
            await asyncio.sleep(min(wait_s, LONGEST_WAIT_S))
        if status >= 400:
            raise SingError(f"{document.get('code')}: {document.get('detail') or document.get('title')}")
        return document

    async def _ask_once(self, method: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any], float]:
        """The status, the answer, and the seconds to wait before the next try."""
        async with self._http.request(
            method, self._url + path, json=body, headers=self._headers, timeout=REQUEST_TIMEOUT
        ) as reply:
            try:
                document: dict[str, Any] = await reply.json(content_type=None)
                return reply.status, document, float(reply.headers.get("Retry-After", "1"))
            except ValueError as error:
                raise SingError(f"{self._url} does not answer as voicejury does") from error
