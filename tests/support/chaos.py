"""Kills in a house that sings: which service dies when, what was hit, and how soon it is back."""

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg
import psutil
import soundfile

from deploy.singer.encoded import RATE_HZ
from deploy.singer.sound import Pcm, load
from inference.jobs.stages import Stage
from tests.support.house import House, running_house
from tests.support.killable_analysis import JobRows
from tests.support.killable_servers import Killable, killable_postgres, killable_redis
from tests.support.microphone_file import SAMPLE_RATE_HZ
from tests.support.short_song import ShortSong
from tests.support.steady_singer import Outcome, SteadySinger

SERVICES = ("signaling", "media_server", "live", "analysis")
STORES = ("postgres", "redis")
TARGETS = (*SERVICES, *STORES)
SINGING = "singing"
STAGES = [stage.value for stage in Stage]
AT_ONCE = 4
STAGGER_S = 0.7
SLICE_S = 0.004  # of the analysis between two looks at its stage
REACH_S = 60.0
STORE_AWAY_S = 0.5
BACK_S = 120.0
FROZEN_S = 10.0


@dataclass(frozen=True, slots=True)
class Kill:
    """A wish: this one, while that happens."""

    target: str  # one of TARGETS, or "frozen"
    phase: str  # SINGING or a stage


@dataclass(slots=True)
class Hit:
    """What became of a kill, and of the take that it was meant for."""

    kill: Kill
    met: str = "nothing"  # what the take's job was at
    back_s: float = 0.0  # until the killed one worked again
    outcome: Outcome | None = None
    verdict_s: float | None = None  # from the kill in the judging to the verdict


class ChaosHouse:
    """A house on real PostgreSQL and Redis; one kill at a time, each until the killed one is back."""

    def __init__(self, house: House, postgres: Killable, redis: Killable) -> None:
        self.house = house
        self._stores = {"postgres": postgres, "redis": redis}
        self._killing = asyncio.Lock()
        self.rows = JobRows(postgres.url)
        self._url = house.url

    def url(self) -> str:
        """Stays the same: nobody asks run.json while signaling is away."""
        return self._url

    async def take(self, http: aiohttp.ClientSession, pcm: Pcm, song_id: str, kill: Kill) -> Hit:
        """One take with its kill."""
        hit = Hit(kill)
        singer = SteadySinger(self.url, http, pcm, song_id)
        killed_s = 0.0

        async def while_singing(singer: SteadySinger) -> None:
            if kill.phase == SINGING:
                await asyncio.wait_for(singer.begun.wait(), REACH_S)
                await asyncio.sleep(2.0)
                async with self._killing:
                    hit.met = SINGING
                    hit.back_s = await self._strike(kill.target)

        async def before_end(_singer: SteadySinger) -> None:
            if kill.phase != SINGING:
                await self._killing.acquire()

        async def after_end(singer: SteadySinger) -> None:
            nonlocal killed_s
            if kill.phase == SINGING:
                return
            try:
                hit.met = await self._reach(singer.session_id, kill.phase)
                killed_s = time.monotonic()
                hit.back_s = await self._strike(kill.target)
            finally:
                self._killing.release()

        hit.outcome = await singer.perform(while_singing, before_end, after_end)
        if killed_s and hit.outcome.state == "done":
            hit.verdict_s = time.monotonic() - killed_s
        return hit

    async def _reach(self, session_id: str, stage: str) -> str:
        """Lets the analysis go on in slices until the take's job is at the stage; it stands still then."""
        deadline_s = time.monotonic() + REACH_S
        pid = self.house.pid("analysis")
        while time.monotonic() < deadline_s:
            os.kill(pid, signal.SIGSTOP)
            row = await asyncio.to_thread(self.rows.job, session_id)
            if row is not None and (row["state"] in ("done", "failed") or _is_at(row, stage)):
                return str(row["stage"] if row["state"] == "running" else row["state"])
            os.kill(pid, signal.SIGCONT)
            await asyncio.sleep(SLICE_S)
        return "nothing"

    async def _strike(self, target: str) -> float:
        """Kills it, sees that it comes back; seconds until it did. A frozen analysis goes on afterwards."""
        began_s = time.monotonic()
        if target == "frozen":
            await self._freeze()
        elif target in self._stores:
            await self._kill_store(self._stores[target])
        else:
            await self._kill_service(target)
        return time.monotonic() - began_s

    async def _kill_service(self, name: str) -> None:
        pid = self.house.pid(name)
        os.kill(pid, signal.SIGKILL)
        self._thaw()
        deadline_s = time.monotonic() + BACK_S
        while not self._is_back(name, pid):
            if time.monotonic() > deadline_s:
                raise RuntimeError(f"{name} did not come back")
            await asyncio.sleep(0.1)

    def _is_back(self, name: str, old_pid: int) -> bool:
        try:
            return self.house.pid(name) != old_pid
        except (OSError, ValueError, KeyError):
            return False

    async def _kill_store(self, store: Killable) -> None:
        await asyncio.to_thread(store.kill)
        self._thaw()
        await asyncio.sleep(STORE_AWAY_S)
        await asyncio.to_thread(store.start)

    async def _freeze(self) -> None:
        os.kill(self.house.pid("analysis"), signal.SIGSTOP)
        await asyncio.sleep(FROZEN_S)
        self._thaw()

    def _thaw(self) -> None:
        pid = self.house.pid("analysis")
        if psutil.pid_exists(pid):
            os.kill(pid, signal.SIGCONT)

    async def verdicts(self) -> dict[str, int]:
        """Rows of results by session: more than one for a session cannot be, none is a lost verdict."""
        connection = await asyncpg.connect(self._stores["postgres"].url)
        try:
            rows = await connection.fetch("SELECT session_id, count(*) AS n FROM session_results GROUP BY session_id")
        finally:
            await connection.close()
        return {row["session_id"]: row["n"] for row in rows}

    def close(self) -> None:
        self.rows.close()


def _is_at(row: dict[str, object], stage: str) -> bool:
    """At the stage, or past it already."""
    at = str(row["stage"])
    return bool(row["is_busy"]) and at in STAGES and STAGES.index(at) >= STAGES.index(stage)


async def sing_all(
    house: ChaosHouse,
    pcm: Pcm,
    song_id: str,
    kills: Sequence[Kill],
    at_once: int = AT_ONCE,
    on_hit: Callable[[Hit], None] = lambda _hit: None,
) -> list[Hit]:
    """One take for each kill, in their order, a few at a time."""
    room = asyncio.Semaphore(at_once)
    async with aiohttp.ClientSession() as http:

        async def one(kill: Kill) -> Hit:
            try:
                hit = await house.take(http, pcm, song_id, kill)
            finally:
                room.release()
            on_hit(hit)
            return hit

        takes = []
        for kill in kills:
            await room.acquire()
            takes.append(asyncio.create_task(one(kill), name=f"{kill.target} {kill.phase}"))
            await asyncio.sleep(STAGGER_S)
        return await asyncio.gather(*takes)


def prepared(song: ShortSong, folder: Path, house: House, length_s: float) -> tuple[Pcm, str]:
    """The song in the house's catalogue, and the first seconds of a voice that sings it."""
    imported = house.command("songs", "add", str(song.folder(folder)))
    if imported.returncode:
        raise RuntimeError(imported.stderr)
    path = folder / "voice.wav"
    soundfile.write(path, song.voice()[: int(length_s * SAMPLE_RATE_HZ)], SAMPLE_RATE_HZ)
    return load(path, RATE_HZ), song_id_of(house, song.title)


def song_id_of(house: House, title: str) -> str:
    songs = house.http("GET", "/api/songs").body["songs"]
    return str(next(song["id"] for song in songs if song["title"] == title))


@contextmanager
def chaos_house(data_dir: Path, **environment: str) -> Iterator[ChaosHouse]:
    """A house on real PostgreSQL and Redis that can be killed."""
    with killable_postgres() as postgres, killable_redis() as redis:
        stores = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        with running_house(data_dir, stores | environment) as house:
            chaos = ChaosHouse(house, postgres, redis)
            try:
                yield chaos
            finally:
                chaos.close()


def problems_of(hits: Sequence[Hit], verdicts: Mapping[str, int]) -> list[str]:
    """Empty where each take has its verdict, once."""
    found = []
    for hit in hits:
        outcome = hit.outcome
        if outcome is None or outcome.state != "done" or outcome.results is None:
            state = outcome and (outcome.state, outcome.error)
            found.append(f"{hit.kill.target} killed at {hit.kill.phase}: no verdict, {state}")
        elif verdicts.get(outcome.session_id) != 1:
            found.append(f"{outcome.session_id}: {verdicts.get(outcome.session_id, 0)} verdicts in the store")
    sung = {hit.outcome.session_id for hit in hits if hit.outcome is not None}
    return found + [f"{session_id}: a verdict without a take" for session_id in verdicts if session_id not in sung]
