"""What a sealed take lacks, told and filled: one call at a time for each take, two that compute in this process."""

import asyncio
from collections import OrderedDict
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
from media_server.take import LATE_NAME, spool_path

AT_ONCE = 2  # each holds a whole take in memory, and works beside the voices of those who sing now
UPLOADS_AT_ONCE = 16  # each holds what has come of it, and may be slow
SPARE_S = 1.0  # of a span, for whoever cuts to whole pieces
STALLED_S = 30.0  # between two messages
DRAIN_S = 5.0
MAX_TOLD = 32
Stamp = tuple[tuple[int, int] | None, tuple[int, int] | None]  # of the spool, and of what came late


class Gaps:
    def __init__(self, takes_dir: Path) -> None:
        self._takes_dir = takes_dir
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._room = asyncio.Semaphore(AT_ONCE)
        self._uploads = asyncio.Semaphore(UPLOADS_AT_ONCE)
        self._told: OrderedDict[str, tuple[Stamp, media_pb2.MissingReply]] = OrderedDict()  # the page and the judge ask

    async def missing(self, session_id: str) -> media_pb2.MissingReply:
        """Raises a MediaError."""
        path = spool_path(self._takes_dir, session_id)
        async with self._lock(session_id):
            stamp = _stamp(path), _stamp(path.with_name(LATE_NAME))
            known = self._told.get(session_id)
            if known is not None and known[0] == stamp:
                return known[1]
            async with self._room:
                take = await asyncio.to_thread(read_sealed, self._takes_dir, session_id)
                reply = reply_of(await asyncio.to_thread(missing_of, take))
            self._told[session_id] = stamp, reply
            while len(self._told) > MAX_TOLD:
                self._told.popitem(last=False)
            return reply

    async def fill(self, sounds: AsyncIterator[media_pb2.PhoneSound]) -> media_pb2.FillReply:
        """Raises a MediaError. Nothing is filled by a call that breaks off."""
        first = await _next(sounds)
        try:
            async with self._lock(first.session_id), self._uploads:
                async with self._room:
                    limit_s = await asyncio.to_thread(self._limit_s, first.session_id)
                reader = SoundReader(first, limit_s)
                reader.take(first)
                while not reader.ended:
                    reader.take(await _next(sounds))
                async with self._room:
                    return await asyncio.to_thread(fill, self._takes_dir, first.session_id, reader.pieces())
        except MediaError:
            await _drain(sounds)
            raise

    def _limit_s(self, session_id: str) -> float:
        """Blocking."""
        return _limit_s(lost_of(open_take(self._takes_dir, session_id)))

    def _lock(self, session_id: str) -> asyncio.Lock:
        return self._locks.setdefault(session_id, asyncio.Lock())


def _stamp(path: Path) -> tuple[int, int] | None:
    """Differs whenever the file was written; None without one."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_size, facts.st_mtime_ns


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
