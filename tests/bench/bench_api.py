"""`make bench-api`: what 50 users at once wait for each GET endpoint, on either kind of store.

Cold: all 50 ask at the same instant, and it is the first question of its kind to a process that just started with
empty caches. Warm: 50 users who each ask again after a pause, as people on phones do; every answer is asked for by its
own connection. `at once` beside it is all 50 at the same instant again and again: how a burst queues up on one core.
"""

import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import numpy as np
import psutil
import redis.asyncio
from voicejury.rpc import add_open_services, build_server, set_serving
from voicejury.tokens import Scope

from signaling.config import Settings
from signaling.store.database import open_database
from tests.bench.api_house import PREPARED, SESSIONS, TRACK, LaidHouse, lay_past, lay_songs
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.contract.preparing_house import reference_service, unused_port
from tests.contract.signaling_stage import SECRET, new_database
from tests.support.places import ROOT
from tests.support.servers import postgres_server, redis_server
from tests.support.signaling_process import environment, signaling_process
from tests.support.song_services import Recording, SongServices, song_services

PAGE = ROOT / "docs" / "benchmarks.md"
USERS = 50
TARGET_MS = 50.0
WARM_S, PAUSE_S = 1.6, (0.2, 0.6)  # of one endpoint; of one user between an answer and the next question
BURSTS = 3
SPOTIFY_ID = "0" * 22


@dataclass(frozen=True)
class Endpoint:
    """`urls` gives each of the users an address; `token` the session's, where it wants one."""

    name: str
    url: Callable[[int], str]
    token: Callable[[int], str] = lambda _user: ""
    is_at_a_service: bool = False  # cold, its answer waits for an outside service


def endpoints(house: LaidHouse) -> list[Endpoint]:
    created, done = list(house.created), list(house.done)

    def of(sessions: dict[str, str], path: str) -> tuple[Callable[[int], str], Callable[[int], str]]:
        ids = list(sessions)
        return lambda user: path.format(ids[user % len(ids)]), lambda user: sessions[ids[user % len(ids)]]

    def fixed(name: str, url: str, outside: bool = False) -> Endpoint:
        return Endpoint(name, lambda _user: url, is_at_a_service=outside)

    assert len(created) == len(done) == SESSIONS
    open_ones = [
        fixed("/api/songs", "/api/songs"),
        Endpoint("/api/songs/{id}", lambda user: f"/api/songs/personne-chanson-{user}"),
        fixed("/api/songs/{id}, prepared, with its contour", f"/api/songs/{PREPARED}"),
        Endpoint("/api/songs/{id}/audio", lambda user: f"/api/songs/personne-chanson-{user}/audio"),
        fixed("/api/songs/{id}/guide", f"/api/songs/{PREPARED}/guide"),
        Endpoint("/api/songs/{id}/cover", lambda user: f"/api/songs/personne-chanson-{user}/cover"),
        fixed("/api/results/history", "/api/results/history"),
        fixed("/api/results/history?song_id=", "/api/results/history?song_id=personne-chanson-3"),
        Endpoint("/api/search/tracks", lambda user: f"/api/search/tracks?q=chanson%20{user}", is_at_a_service=True),
        fixed("/api/search/tracks/{id}", f"/api/search/tracks/spotify:{SPOTIFY_ID}", outside=True),
        fixed("/api/search/tracks/{id}/cover", f"/api/search/tracks/spotify:{SPOTIFY_ID}/cover", outside=True),
        fixed("/api/search/recent", "/api/search/recent"),
        fixed("/api/sources", f"/api/sources?track_id={TRACK}"),
        fixed("/api/lyrics/track/{id}", f"/api/lyrics/track/spotify:{SPOTIFY_ID}", outside=True),
        fixed("/api/lyrics/word-timestamps/{id}", f"/api/lyrics/word-timestamps/song:{PREPARED}"),
        fixed("/api/abilities", "/api/abilities"),
        fixed("/health", "/health"),
        fixed("/metrics", "/metrics"),
        fixed("/openapi.json", "/openapi.json"),
    ]
    own = {
        "/api/session/{id}/status": of(house.created, "/api/session/{}/status"),
        "/api/session/{id}/song": of(house.created, "/api/session/{}/song"),
        "/api/session/{id}/lyrics": of(house.created, "/api/session/{}/lyrics"),
        "/api/session/{id}/lyrics-offset": of(house.created, "/api/session/{}/lyrics-offset"),
        "/api/audio/{id}/tracks": of(house.created, "/api/audio/{}/tracks"),
        "/api/audio/{id}/ref/instrumentals": of(house.created, "/api/audio/{}/ref/instrumentals"),
        "/api/session/{id}/results": of(house.done, "/api/session/{}/results"),
        "/api/session/{id}/events, a judged one": of(house.done, "/api/session/{}/events"),
    }
    return [*open_ones, *(Endpoint(name, url, token) for name, (url, token) in own.items())]


class Client:
    """Fifty users with a connection each."""

    def __init__(self, api: aiohttp.ClientSession) -> None:
        self._api = api

    async def ask(self, endpoint: Endpoint, user: int) -> float:
        """Milliseconds up to the last byte; raises where the answer is not 200."""
        token = endpoint.token(user)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        began_s = time.perf_counter()
        async with self._api.get(endpoint.url(user), headers=headers) as reply:
            body = await reply.read()
        took_ms = 1000 * (time.perf_counter() - began_s)
        if reply.status != 200:
            raise RuntimeError(f"GET {endpoint.name}: {reply.status} {body[:200]!r}")
        return took_ms

    async def at_once(self, endpoint: Endpoint) -> list[float]:
        return list(await asyncio.gather(*(self.ask(endpoint, user) for user in range(USERS))))

    async def as_people(self, endpoint: Endpoint) -> list[float]:
        chance = random.Random(endpoint.name)
        end_s = time.monotonic() + WARM_S

        async def user(number: int) -> list[float]:
            took_ms = []
            await asyncio.sleep(chance.uniform(0, PAUSE_S[1]))
            while time.monotonic() < end_s:
                took_ms.append(await self.ask(endpoint, number))
                await asyncio.sleep(chance.uniform(*PAUSE_S))
            return took_ms

        return [one for many in await asyncio.gather(*(user(number) for number in range(USERS))) for one in many]


def quantiles(took_ms: list[float]) -> tuple[float, float, float]:
    p50, p95, p99 = np.percentile(took_ms, [50, 95, 99])
    return float(p50), float(p95), float(p99)


async def measured(client: Client, endpoint: Endpoint, store: str, process: psutil.Process) -> Figure:
    cold = quantiles(await client.at_once(endpoint))
    before_s = cpu_s(process)
    took_ms = await client.as_people(endpoint)
    cpu_ms = 1000 * (cpu_s(process) - before_s) / len(took_ms)
    warm = quantiles(took_ms)
    bursts = quantiles([one for _ in range(BURSTS) for one in await client.at_once(endpoint)])
    burst_text = f"at once {bursts[0]:.0f}/{bursts[1]:.0f}/{bursts[2]:.0f}"
    rest = f"p50 {warm[0]:.1f}, p99 {warm[2]:.1f}, CPU {cpu_ms:.1f}; {burst_text}"
    cold_text = f"cold {cold[0]:.0f}/{cold[1]:.0f}/{cold[2]:.0f}"
    return Figure(f"{store} `{endpoint.name}`: p95 ({rest}; {cold_text})", warm[1], "ms", TARGET_MS)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@asynccontextmanager
async def judges() -> AsyncIterator[str]:
    """What /health asks: a gRPC server with the standard health service."""
    server = build_server(SECRET, frozenset({Scope.SERVICE}))
    health = add_open_services(server, [])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    await set_serving(health, [], True)
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


def process_settings(
    folder: Path, stores: tuple[str, str], services: SongServices, grpc_urls: tuple[str, str]
) -> dict[str, str]:
    judge, reference = grpc_urls
    urls = {"media_url": judge, "live_url": judge, "analysis_url": judge, "reference_url": reference}
    settings = environment(folder / "data", unused_port(), SECRET, rate_per_minute="1000000", **urls)
    outside = {name.upper(): str(value) for name, value in services.settings.items()}
    return {**settings, **outside, "DATABASE_URL": stores[0], "REDIS_URL": stores[1]}


async def bench(store: str, database_url: str, redis_url: str) -> list[Figure]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data_dir = folder / "data"
        await asyncio.to_thread(lay_songs, data_dir)
        engine = await open_database(Settings.model_construct(data_dir=data_dir, database_url=database_url).sql_url)
        house = await lay_past(engine)
        await engine.dispose()
        async with song_services() as services, judges() as judge, reference_service(data_dir) as reference:
            services.recordings.append(Recording(SPOTIFY_ID, "Le vent", "Personne", synced="[00:01.00]Le vent\n"))
            settings = process_settings(folder, (database_url, redis_url), services, (judge, reference))
            async with signaling_process(settings, folder / "signaling.log") as process:
                return await _measure_all(store, house, int(settings["VOICEJURY_PORT"]), psutil.Process(process.pid))


async def _measure_all(store: str, house: LaidHouse, port: int, process: psutil.Process) -> list[Figure]:
    connector = aiohttp.TCPConnector(limit=USERS)
    async with aiohttp.ClientSession(f"http://127.0.0.1:{port}", connector=connector) as api:
        client = Client(api)
        await _search_once(api)
        return [await measured(client, endpoint, store, process) for endpoint in endpoints(house)]


async def _search_once(api: aiohttp.ClientSession) -> None:
    """A track is known by its id once a search found it."""
    async with api.get("/api/search/tracks?q=Le%20vent") as reply:
        assert reply.status == 200, await reply.text()


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    with ExitStack() as stack:
        cluster, redis_url = stack.enter_context(postgres_server()), stack.enter_context(redis_server())
        yield asyncio.run(new_database(cluster)), redis_url


async def _flush(redis_url: str) -> None:
    async with redis.asyncio.Redis.from_url(redis_url) as client:
        await client.flushdb()


def on_servers() -> list[Figure]:
    with servers() as (database_url, redis_url):
        asyncio.run(_flush(redis_url))
        return asyncio.run(bench("PostgreSQL, Redis", database_url, redis_url))


def main() -> int:
    report = Report()
    report.section("SQLite, embedded Redis", lambda: asyncio.run(bench("SQLite", "", "")))
    report.section("PostgreSQL and Redis", on_servers)
    report.figures.append(Figure("load of the machine, mean of the last 5 minutes", os.getloadavg()[1], "processes"))
    print_report(report)
    write_report(report, PAGE, "bench-api")
    return 0 if report.passes else 1


if __name__ == "__main__":
    sys.exit(main())
