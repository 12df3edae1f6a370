"""Which yt-dlp and which JavaScript runtime fetch recordings: asked in a process of its own, told from memory."""

import asyncio
import time
from dataclasses import dataclass

from signaling.errors import SourceError
from signaling.net.once import Once
from signaling.sources.youtube import YouTube

LIFE_S = 600.0  # a failure too: asking costs a process
OFF = "switched off (VOICEJURY_YOUTUBE)"
ASKING = "its versions are still being asked for"


@dataclass(frozen=True, slots=True)
class YouTubeAbility:
    is_there: bool
    detail: str


class Versions:
    def __init__(self, youtube: YouTube | None) -> None:
        self._youtube = youtube
        self._asking: Once[YouTubeAbility] = Once()
        self._known: YouTubeAbility | None = None
        self._known_s = 0.0

    async def aclose(self) -> None:
        await self._asking.aclose()

    async def ability(self, wait_s: float) -> YouTubeAbility:
        """Waits so long at most; who asks later gets the answer."""
        if self._youtube is None:
            return YouTubeAbility(False, OFF)
        if self._known is not None and time.monotonic() - self._known_s < LIFE_S:
            return self._known
        try:
            async with asyncio.timeout(wait_s):
                return await self._asking.run("youtube", self._ask)
        except TimeoutError:
            return self._known or YouTubeAbility(False, ASKING)

    async def _ask(self) -> YouTubeAbility:
        assert self._youtube is not None
        try:
            status = await self._youtube.runtime_status()
        except SourceError as error:
            found = YouTubeAbility(False, error.detail)
        else:
            versions = f"yt-dlp {status.yt_dlp_version}, {status.name} {status.version or 'missing'}"
            detail = f"{versions}: {status.detail}" if status.detail else versions
            found = YouTubeAbility(status.is_supported, detail)
        self._known, self._known_s = found, time.monotonic()
        return found
