"""What a sealed take lacks, told and filled: one call at a time for each take, two heavy ones in this process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from weakref import WeakValueDictionary

from voicejury.v1 import media_pb2

from media_server.errors import LateSoundError, MediaError
from media_server.filling import fill, open_take
from media_server.frames import SAMPLE_RATE_HZ
from media_server.late_sound import MAX_SOUND_S, SoundReader
from media_server.missing import Missing, is_open, lost_of, missing_of, reply_of
from media_server.sealed import read_sealed

AT_ONCE = 2  # each holds a whole take in memory, and works beside the voices of those who sing now
SPARE_S = 1.0  # of a span, for whoever cuts to whole pieces
STALLED_S = 30.0  # between two messages
DRAIN_S = 5.0


class Gaps:
    def __init__(self, takes_dir: Path) -> None:
        self._takes_dir = takes_dir
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)

    async def missing(self, session_id: str) -> media_pb2.MissingReply:
        """Raises a MediaError."""
        async with self._room:
            take = await asyncio.to_thread(read_sealed, self._takes_dir, session_id)
            return reply_of(await asyncio.to_thread(missing_of, take))

    async def fill(self, sounds: AsyncIterator[media_pb2.PhoneSound]) -> media_pb2.FillReply:
        """Raises a MediaError. Nothing is filled by a call that breaks off."""
        first = await _next(sounds)
        lock = self._locks.setdefault(first.session_id, asyncio.Lock())
        try:
            async with self._room, lock:
                take = await asyncio.to_thread(open_take, self._takes_dir, first.session_id)
                reader = SoundReader(first, _limit_s(await asyncio.to_thread(lost_of, take)))
                reader.take(first)
                while not reader.ended:
                    reader.take(await _next(sounds))
                return await asyncio.to_thread(fill, self._takes_dir, first.session_id, reader.pieces())
        except MediaError:
            await _drain(sounds)
            raise


async def _next(sounds: AsyncIterator[media_pb2.PhoneSound]) -> media_pb2.PhoneSound:
    try:
        sound = await asyncio.wait_for(anext(sounds, None), STALLED_S)
    except TimeoutError as error:
        raise LateSoundError("the sound stopped coming") from error
    if sound is None:
        raise LateSoundError("the sound was cut off")
    return sound


async def _drain(sounds: AsyncIterator[media_pb2.PhoneSound]) -> None:
    """A caller who is refused while it still writes hears of a broken call, and not why."""
    with suppress(TimeoutError):
        async with asyncio.timeout(DRAIN_S):
            async for _ in sounds:
                pass


def _limit_s(lost: Missing) -> float:
    """Seconds that a call may hold; for a take without gaps a little, so that it is answered and not refused."""
    beside_s = 2 * lost.margin_s + SPARE_S
    spans_s = sum(
        MAX_SOUND_S if is_open(span) else (span.end_sample - span.first_sample) / SAMPLE_RATE_HZ + beside_s
        for span in lost.spans
    )
    return max(spans_s, beside_s)
