"""Judging waits for what a phone recorded itself, where sound is missing and the phone said that it has some.

A mark in Redis for each session, so that whichever process judges knows of it. Losing the marks costs no verdict: the
take is judged as it was received.
"""

import asyncio
import logging
import time

import grpc
from redis.exceptions import RedisError
from voicejury.v1 import media_pb2

from signaling.rtc.media import MediaClient
from signaling.store.events import Events

BEGIN_S = 20.0  # for the sound to begin to come
COMING_S = 160.0  # in all, while it comes: longer than an upload may take (routes/recording.py)
POLL_S = 0.25
EXPECTED, SETTLED = "expected", "settled"

TAIL_S = 1.0  # behind the song's end: the phone records no longer
MIN_SPAN_S = 0.06

log = logging.getLogger(__name__)


def clipped(reply: media_pb2.MissingReply, song_s: float) -> list[tuple[float, float]]:
    """The missing spans that a phone can have recorded, in song seconds."""
    end_s = song_s + TAIL_S if song_s > 0 else float("inf")
    spans = ((span.start_song_s, min(span.end_song_s, end_s)) for span in reply.spans)
    return [(start_s, stop_s) for start_s, stop_s in spans if stop_s - start_s >= MIN_SPAN_S]


class Recordings:
    def __init__(self, events: Events, media: MediaClient) -> None:
        self._events = events
        self._media = media

    async def expect(self, session_id: str) -> None:
        """The phone has a recording: judging waits where something is missing."""
        await self._note(session_id, EXPECTED)

    async def settle(self, session_id: str) -> None:
        """It is there, or will not come: judging goes on at once."""
        await self._note(session_id, SETTLED)

    async def coming(self, session_id: str) -> None:
        """To be told every second or two while the sound comes in."""
        try:
            await self._events.recording_comes(session_id)
        except (RedisError, OSError) as error:
            log.warning("session %s: that its recording comes was not noted: %s", session_id, error)

    async def is_expected(self, session_id: str) -> bool:
        """Did the phone say that it has a recording?"""
        try:
            return await self._events.recording(session_id) == EXPECTED
        except (RedisError, OSError) as error:
            log.warning("session %s: judged without waiting for its recording: %s", session_id, error)
            return False

    async def wait(self, session_id: str, song_s: float) -> None:
        """Until a sealed take is whole, or as whole as it will be; call it before a take is judged.

        `song_s`: how long the song is, 0 where that is not known.
        """
        began_s = time.monotonic()
        try:
            if await self._events.recording(session_id) != EXPECTED or not await self._lacks(session_id, song_s):
                return
            while await self._is_awaited(session_id, time.monotonic() - began_s):  # noqa: ASYNC110 (told by Redis)
                await asyncio.sleep(POLL_S)
            await self.settle(session_id)
        except (RedisError, OSError) as error:
            log.warning("session %s: judged without waiting for its recording: %s", session_id, error)

    async def _is_awaited(self, session_id: str, waited_s: float) -> bool:
        if await self._events.recording(session_id) != EXPECTED or waited_s >= COMING_S:
            return False
        return waited_s < BEGIN_S or await self._events.recording_is_coming(session_id)

    async def _lacks(self, session_id: str, song_s: float) -> bool:
        try:
            return bool(clipped(await self._media.missing(session_id), song_s))
        except grpc.aio.AioRpcError as error:
            log.warning("session %s: what is missing was not told: %s", session_id, error.code().name)
            return await self._events.recording_is_coming(session_id)  # an upload holds the take, maybe for long

    async def _note(self, session_id: str, mark: str) -> None:
        try:
            await self._events.note_recording(session_id, mark)
        except (RedisError, OSError) as error:
            log.warning("session %s: the mark of its recording was not kept: %s", session_id, error)
