"""A headless phone that does not give up: it sings over real WebRTC, comes back when the link is lost, asks again."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.singer.encoded import Voice, encoded
from deploy.singer.errors import SingError
from deploy.singer.phone import Phone
from deploy.singer.sound import PIECE_S, Pcm

PATIENCE_S = 180.0
RETRY_S = 0.3
LOOK_S = 0.1
SILENT_S = 3.0  # without a word from the media server the link is lost; it says something each second
REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=15.0)
OVER = ("done", "failed", "abandoned")
Hook = Callable[["SteadySinger"], Coroutine[None, None, None]]


async def nothing(_singer: "SteadySinger") -> None:
    """No kill."""


class ResumedPhone(Phone):
    """Goes on with the song where it stands."""

    def __init__(self, voice: Voice, song_s: float, ice_servers: list[dict[str, Any]]) -> None:
        super().__init__(voice[round(song_s / PIECE_S) :], ice_servers)
        self._song_s = song_s

    async def sing(self) -> None:
        self.microphone.sing()
        await self.microphone.begun.wait()
        self.microphone.begun_epoch_ms -= 1000.0 * self._song_s
        self._telling = asyncio.create_task(self._tell_clock(), name="playback clock")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one take ended."""

    session_id: str
    state: str
    error: str
    resumed: int
    end_to_verdict_s: float
    results: dict[str, Any] | None


class SteadySinger:
    """One take. `while_singing` begins with the first sample; `before_end` and `after_end` stand around the end."""

    def __init__(
        self, url: Callable[[], str], http: aiohttp.ClientSession, pcm: Pcm, song_id: str, name: str = "Chaos"
    ) -> None:
        self._url = url
        self._http = http
        self._voice = encoded(pcm)
        self._song_id = song_id
        self._name = name
        self._headers: dict[str, str] = {}
        self._ice_servers: list[dict[str, Any]] = []
        self._began_s: float | None = None
        self.begun = asyncio.Event()  # the first sample was sent
        self.session_id = ""
        self.resumed = 0

    async def perform(
        self, while_singing: Hook = nothing, before_end: Hook = nothing, after_end: Hook = nothing
    ) -> Outcome:
        begun = await self._ask("POST", "start", {"song_id": self._song_id, "singer": self._name})
        self.session_id = begun["session_id"]
        self._headers = {"Authorization": f"Bearer {begun['token']}"}
        self._ice_servers = begun["ice_servers"]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sing(), name="sing")
            tasks.create_task(while_singing(self), name="while singing")
        await before_end(self)
        await self._ask("POST", self._path("end"))
        ended_s = time.monotonic()
        await after_end(self)
        status = await self._until_over()
        verdict_s = time.monotonic() - ended_s
        results = await self._ask("GET", self._path("results")) if status["state"] == "done" else None
        error = status["error"]["detail"] if status["error"] else ""
        return Outcome(self.session_id, status["state"], error, self.resumed, verdict_s, results)

    async def judge_again(self) -> dict[str, Any]:
        """The button on the page; the status at the end of it."""
        await self._ask("POST", self._path("analyze"))
        return await self._until_over()

    async def status(self) -> dict[str, Any]:
        return await self._ask("GET", self._path("status"))

    async def _sing(self) -> None:
        """Until the file is over, over as many connections as it takes."""
        give_up_s = time.monotonic() + PATIENCE_S
        while self._song_s < len(self._voice) * PIECE_S - 0.1 and time.monotonic() < give_up_s:
            try:
                await self._sing_once()
                return
            except (SingError, ConnectionError):
                self.resumed += 1
                await asyncio.sleep(RETRY_S)

    @property
    def _song_s(self) -> float:
        """Where the song stands; it plays on while the link is lost."""
        return time.monotonic() - self._began_s if self._began_s is not None else 0.0

    async def _sing_once(self) -> None:
        """Raises ConnectionError where the link was lost in mid-song, SingError where there is none."""
        phone = Phone(self._voice, self._ice_servers) if self._began_s is None else self._resumed(self._song_s)
        try:
            body = {"sdp": await phone.offer(), "type": "offer", "resume": self.resumed > 0}
            await phone.accept((await self._ask("POST", self._path("offer"), body))["sdp"])
            await phone.opened()
            await phone.sing()
            if self._began_s is None:
                self._began_s = time.monotonic()
                self.begun.set()
            await self._until_finished(phone)
        finally:
            await phone.close()

    def _resumed(self, song_s: float) -> Phone:
        return ResumedPhone(self._voice, song_s, self._ice_servers)

    async def _until_finished(self, phone: Phone) -> None:
        heard_s = time.monotonic()

        async def listen() -> None:
            nonlocal heard_s
            async for _ in phone.messages():
                heard_s = time.monotonic()

        listening = asyncio.create_task(listen(), name="listen")
        try:
            while not phone.microphone.finished.is_set():
                if time.monotonic() - heard_s > SILENT_S:
                    raise ConnectionError("the media server is silent")
                await asyncio.sleep(LOOK_S)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _until_over(self) -> dict[str, Any]:
        give_up_s = time.monotonic() + PATIENCE_S
        while True:
            status = await self.status()
            if status["state"] in OVER or time.monotonic() > give_up_s:
                return status
            await asyncio.sleep(RETRY_S)

    def _path(self, leaf: str) -> str:
        return f"{self.session_id}/{leaf}"

    async def _ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Asks again while the house is away or busy. Raises SingError when it refuses."""
        give_up_s = time.monotonic() + PATIENCE_S
        while True:
            status, document = await self._ask_once(method, path, body)
            if status and status < 500 and status != 429:
                break
            if time.monotonic() > give_up_s:
                raise SingError(f"the house does not answer: {document}")
            await asyncio.sleep(RETRY_S)
        if status >= 400:
            raise SingError(f"{document.get('code')}: {document.get('detail')}")
        return document

    async def _ask_once(self, method: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
        """Status 0 where nobody answers."""
        url = f"{self._url()}/api/session/{path}"
        try:
            async with self._http.request(
                method, url, json=body, headers=self._headers, timeout=REQUEST_TIMEOUT
            ) as reply:
                return reply.status, await reply.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return 0, {"code": type(error).__name__, "detail": str(error)}
