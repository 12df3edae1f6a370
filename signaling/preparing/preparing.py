"""Prepares songs in the background: one preparation for each source, whoever asks, in whichever process.

The row in `preparations` is the lock. Whoever claims it works on it and tells its heartbeat; when the heartbeat stops,
the next process takes the work over. Sessions that wait are found in SQL too, so no restart forgets one.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from signaling.errors import ProblemError, SourceError
from signaling.metrics import Metrics
from signaling.preparing.audience import Audience
from signaling.preparing.progress import Progress, Speeds, Whole
from signaling.preparing.work import Work
from signaling.songs.catalogue import Catalogue
from signaling.songs.marks import source_mark
from signaling.store.database import told
from signaling.store.preparations import FAILED, QUEUED, READY, RUNNING, Claim, Preparation, Preparations
from signaling.store.sessions import Failure

MAX_AT_ONCE = 4  # downloads go side by side; the reference service works on one song at a time
MAX_WAITING = 64
MAX_ATTEMPTS = 3  # of a preparation that breaks us, or that kills the process in which it runs
BROKEN = Failure("internal", "Preparing this song failed three times; choose another source.")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often things are looked at."""

    tell_s: float = 0.5
    beat_s: float = 2.0
    stale_s: float = 10.0  # without a heartbeat: its process is dead
    round_s: float = 3.0


class Preparing:
    """Owns the task of every preparation of this process."""

    def __init__(
        self,
        store: Preparations,
        work: Work,
        audience: Audience,
        catalogue: Catalogue,
        metrics: Metrics,
        speeds: Speeds,
        rhythm: Rhythm = Rhythm(),
    ) -> None:
        self._store = store
        self._work = work
        self._audience = audience
        self._catalogue = catalogue
        self._metrics = metrics
        self._rhythm = rhythm
        self._stale = timedelta(seconds=rhythm.stale_s)
        self._speeds = speeds
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[str] = set()
        self._queue: list[str] = []  # of those the ones that nothing works on yet
        self._room = asyncio.Semaphore(MAX_AT_ONCE)

    async def run(self) -> None:
        """Until it is cancelled: takes up what was left, here or by a process that died."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                while True:
                    try:
                        await self._round()
                    except Exception as error:  # a store that is away must not end the preparing
                        log.error("looking for preparations: %s", told(error))
                    await asyncio.sleep(self._rhythm.round_s)
        finally:
            self._tasks = None  # whoever comes meanwhile is found by the first round of the next run
            self._running.clear()
            self._queue.clear()

    async def ask(self, source_id: str) -> Preparation:
        """Joins the preparation of a source, or begins it; raises ProblemError when too many wait."""
        known = await self._store.find(source_id)
        if known is not None and await self._is_there(known):
            return known
        under_way = known is not None and known.state in (QUEUED, RUNNING)
        if not under_way and len(await self._store.to_do(datetime.now(UTC), self._stale)) >= MAX_WAITING:
            raise ProblemError(
                503, "busy", "Too many songs wait to be prepared; try again soon.", {"Retry-After": "60"}
            )
        return await self._join(source_id, known)

    async def _is_there(self, known: Preparation) -> bool:
        if known.state != READY or known.song_id is None:
            return False
        return await asyncio.to_thread(self._catalogue.find, known.song_id) is not None

    async def _join(self, source_id: str, known: Preparation | None) -> Preparation:
        """However many wait: for sessions that were let in before. A ready one is begun anew: its song is gone."""
        now = datetime.now(UTC)
        if known is not None and known.state == READY:
            await self._store.begin_anew(source_id, now)
        joined = await self._store.join(source_id, now)
        self.begin(source_id)
        return joined

    async def look(self, source_id: str) -> Preparation | None:
        return await self._store.find(source_id)

    def begin(self, source_id: str) -> None:
        """Works on the source in the background, once; those that sessions wait for go first."""
        if self._tasks is None or source_id in self._running:
            return  # not running yet: the first round finds it
        self._running.add(source_id)
        self._queue.append(source_id)
        self._tasks.create_task(self._work_on_next(), name="prepare")

    async def settle(self, source_id: str) -> None:
        """Tells the sessions that wait for a preparation which is over."""
        found = await self._store.find(source_id)
        if found is None:
            await self._join(source_id, None)
        elif found.state == FAILED and found.failure is not None:
            await self._audience.fail(source_id, found.failure)
        elif found.state == READY and found.song_id is not None:
            song = await asyncio.to_thread(self._catalogue.find, found.song_id)
            if song is None:
                await self._join(source_id, found)
            else:
                await self._audience.give(source_id, song)

    async def _round(self) -> None:
        for source_id in await self._store.to_do(datetime.now(UTC), self._stale):
            self.begin(source_id)
        for source_id in await self._audience.sources():
            if source_id not in self._running:
                await self.settle(source_id)

    async def _work_on_next(self) -> None:
        source_id = ""
        try:
            async with self._room:
                source_id = await self._next()
                try:
                    await self._claim_and_work(source_id)
                finally:
                    self._running.discard(source_id)
            await self.settle(source_id)
        except Exception as error:  # a store that is away: the row stays, and the next round sees it
            log.error("preparing %s: %s", source_mark(source_id), told(error))

    async def _next(self) -> str:
        """Of those that nothing works on yet the first that a session waits for, else the first."""
        try:
            wanted = frozenset(await self._audience.sources())
        except Exception as error:  # a store that is away for a moment: then as they came
            log.warning("who waits for a preparation is not known: %s", told(error))
            wanted = frozenset()
        chosen = next((source_id for source_id in self._queue if source_id in wanted), self._queue[0])
        self._queue.remove(chosen)
        return chosen

    async def _claim_and_work(self, source_id: str) -> None:
        claim = await self._store.claim(source_id, datetime.now(UTC), self._stale)
        if claim is None:
            return
        if claim.attempt > MAX_ATTEMPTS:  # every process before died of it
            await self._fail(claim, BROKEN)
            return
        log.info("preparing %s", source_mark(source_id))
        try:
            await self._until_over(claim)
        except asyncio.CancelledError:
            await asyncio.shield(self._store.release(claim, datetime.now(UTC), counts=False))
            raise
        except ClaimLostError:
            log.warning("another process prepares %s", source_mark(source_id))

    async def _until_over(self, claim: Claim) -> None:
        try:
            song_id = await self._work_and_tell(claim)
        except SourceError as error:
            await self._fail(claim, Failure(error.code, error.detail))
        except ClaimLostError:
            raise
        except Exception as error:
            await self._broken(claim, error)
        else:
            await self._store.finish(claim, song_id, datetime.now(UTC))
            await asyncio.to_thread(self._speeds.keep)
            self._metrics.preparations.labels("ready").inc()
            log.info("%s is ready", source_mark(claim.source_id))

    async def _broken(self, claim: Claim, error: Exception) -> None:
        """Tried again by the next round, a few times."""
        log.error("preparing %s broke: %s", source_mark(claim.source_id), told(error))
        if claim.attempt < MAX_ATTEMPTS:
            await self._store.release(claim, datetime.now(UTC), counts=True)
            return
        await self._fail(claim, BROKEN)

    async def _fail(self, claim: Claim, failure: Failure) -> None:
        await self._store.fail(claim, failure, datetime.now(UTC))
        self._metrics.preparations.labels(failure.code).inc()
        log.info("%s failed: %s", source_mark(claim.source_id), failure.code)

    async def _work_and_tell(self, claim: Claim) -> str:
        before = await self._store.find(claim.source_id)
        whole = Whole(self._speeds, before.fraction if before is not None else 0.0)
        working = asyncio.create_task(self._work.prepare(claim.source_id, whole), name="work")
        telling = asyncio.create_task(self._tell(claim, whole), name="tell")
        try:
            await asyncio.wait({working, telling}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            telling.result()
            raise ClaimLostError
        finally:
            for task in (working, telling):
                task.cancel()
            await asyncio.gather(working, telling, return_exceptions=True)

    async def _tell(self, claim: Claim, whole: Whole) -> None:
        """Heartbeat and progress; ends when the claim is lost."""
        told: Progress | None = None
        beat_s = float("-inf")
        clock = asyncio.get_running_loop().time
        while True:
            now = whole.now
            is_due = clock() - beat_s >= self._rhythm.beat_s or told is None or told.stage != now.stage
            try:
                if now != told:
                    await self._audience.tell(claim.source_id, now)
                if is_due:
                    if not await self._store.beat(claim, datetime.now(UTC), now.stage, now.fraction, now.left_s):
                        return
                    beat_s = clock()
                told = now
            except (SQLAlchemyError, OSError) as error:  # a store that is away for a moment costs no work
                log.warning("the progress of a preparation was not kept: %s", type(error).__name__)
            await asyncio.sleep(self._rhythm.tell_s)


class ClaimLostError(Exception):
    """Another process has the work."""
