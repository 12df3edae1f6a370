"""Deletes what has had its time: recordings and stems of sessions that are over, prepared songs beyond the budget,
expired lyrics, and what processes that died left half-made.

What is due is read from the tables and the folders each time, so a restart goes on where the last process stopped.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from signaling.preparing.stems import Kept, Stems
from signaling.songs.catalogue import Catalogue
from signaling.songs.marks import song_mark
from signaling.store.database import told
from signaling.store.keeping import Keeping
from signaling.store.preparations import Preparations
from signaling.store.references import PreparedReference, References

ROUND_S = 300.0
HALF_MADE_LIFE_S = 6 * 3600.0  # longer than any download

log = logging.getLogger(__name__)


def now_utc() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Limits:
    files_life: timedelta  # of recordings and stems, after their session's end
    budget_bytes: int  # of prepared songs


@dataclass(frozen=True, slots=True)
class Deleted:
    """What one round deleted."""

    recordings: int
    songs: int
    rows: int
    half_made: int


class Retention:
    def __init__(
        self,
        limits: Limits,
        stems: Stems,
        catalogue: Catalogue,
        references: References,
        preparations: Preparations,
        keeping: Keeping,
        now: Callable[[], datetime] = now_utc,
    ) -> None:
        self._limits = limits
        self._stems = stems
        self._catalogue = catalogue
        self._references = references
        self._preparations = preparations
        self._keeping = keeping
        self._now = now

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            try:
                deleted = await self.round()
                if deleted != Deleted(0, 0, 0, 0):
                    log.info("deleted %s", deleted)
            except Exception as error:  # a store or a disk that is away must not end the keeping of our word
                log.error("deleting what is due: %s", told(error))
            await asyncio.sleep(ROUND_S)

    async def round(self) -> Deleted:
        """Each part for itself: what stops one is logged and stops no other."""
        return Deleted(
            recordings=await _unless_it_breaks("recordings", self._delete_recordings()),
            songs=await _unless_it_breaks("songs", self._delete_songs()),
            rows=await _unless_it_breaks("expired words", self._keeping.delete_expired(self._now())),
            half_made=await _unless_it_breaks("what was left half-made", self._sweep()),
        )

    async def _sweep(self) -> int:
        before_s = self._now().timestamp() - HALF_MADE_LIFE_S
        swept = await asyncio.to_thread(self._stems.sweep, before_s)
        return swept + await asyncio.to_thread(self._catalogue.sweep, before_s)

    async def _delete_recordings(self) -> int:
        """Downloads and stems; a prepared song has files of its own."""
        kept = await asyncio.to_thread(self._stems.kept)
        in_use = await self._keeping.contents_in_use(self._now(), self._limits.files_life)
        oldest_s = (self._now() - self._limits.files_life).timestamp()
        due = [one for one in kept if one.content_hash not in in_use and one.changed_s < oldest_s]
        return await asyncio.to_thread(self._delete_files, due)

    def _delete_files(self, due: list[Kept]) -> int:
        """How many are gone; one that cannot be deleted stays until the next round."""
        deleted = 0
        for one in due:
            try:
                self._stems.delete(one)
                deleted += 1
            except Exception as error:  # whatever the store of the files raises
                log.error("recording %s cannot be deleted: %s", one.content_hash[:8], told(error))
        return deleted

    async def _delete_songs(self) -> int:
        """The least recently sung first, until the rest is within the budget; never one that is being sung."""
        over_bytes = await self._references.size_bytes() - self._limits.budget_bytes
        deleted = 0
        for reference in await self._references.least_recently_sung() if over_bytes > 0 else []:
            if over_bytes <= 0:
                break
            if await self._delete_song(reference):
                over_bytes -= reference.size_bytes
                deleted += 1
        return deleted

    async def _delete_song(self, reference: PreparedReference) -> bool:
        """The row goes first, and only if nobody took the song up since; a folder without a row is made anew."""
        if not await self._references.drop(reference):
            return False
        await self._preparations.forget_song(reference.song_id)
        await asyncio.to_thread(self._catalogue.remove, reference.song_id)
        log.info("song %s made room for others", song_mark(reference.song_id))
        return True


async def _unless_it_breaks(what: str, deleting: Awaitable[int]) -> int:
    try:
        return await deleting
    except Exception as error:  # a store or a disk that is away: the next round tries again
        log.error("deleting %s: %s", what, told(error))
        return 0
