"""The gRPC server of one role: live judge, analysis and testers, or references."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import grpc
from prometheus_client import start_http_server
from voicejury.rpc import add_open_services, set_serving
from voicejury.v1 import live_pb2_grpc

from inference.service.config import Settings
from inference.service.scopes import build_role_server

if TYPE_CHECKING:
    from inference.analysis.judging import JudgeTools

Built = TypeVar("Built")

logger = logging.getLogger(__name__)

GRACE_S = 0.5  # stop() waits this long for streams that a client left open; the supervisor kills after 2 s


class Role(StrEnum):
    LIVE = "live"
    ANALYSIS = "analysis"
    REFERENCE = "reference"


SERVICES = {
    Role.LIVE: ["voicejury.v1.LiveService"],
    Role.ANALYSIS: ["voicejury.v1.AnalysisService", "voicejury.v1.TesterService"],
    Role.REFERENCE: ["voicejury.v1.ReferenceService"],
}


class ServerFailedError(Exception):
    """The server cannot go on; its supervisor starts it again."""


async def serve(role: Role, settings: Settings) -> None:
    """Until cancelled."""
    async with running(role, settings) as (port, failed):
        logger.info("%s answers on port %d", role, port)
        await failed.wait()
        raise ServerFailedError(f"the {role} service failed")


@asynccontextmanager
async def running(role: Role, settings: Settings) -> AsyncIterator[tuple[int, asyncio.Event]]:
    """A server that is ready: its port, and an event that is set when it can judge no longer."""
    failed = asyncio.Event()
    server = build_role_server(settings.secret.get_secret_value())
    health = add_open_services(server, SERVICES[role])
    async with _services(role, server, settings, failed):
        port = _listen(server, settings.listen)
        await server.start()
        await set_serving(health, SERVICES[role], True)
        try:
            yield port, failed
        finally:
            await set_serving(health, SERVICES[role], False)
            await server.stop(GRACE_S)


def _services(
    role: Role, server: grpc.aio.Server, settings: Settings, failed: asyncio.Event
) -> AbstractAsyncContextManager[None]:
    if role is Role.LIVE:
        return _live(server, settings, failed)
    return _analysis(server, settings) if role is Role.ANALYSIS else _reference(server, settings)


def _listen(server: grpc.aio.Server, address: str) -> int:
    try:
        return server.add_insecure_port(address)
    except RuntimeError as error:
        raise ServerFailedError(f"cannot listen on {address}") from error


@asynccontextmanager
async def _live(server: grpc.aio.Server, settings: Settings, failed: asyncio.Event) -> AsyncIterator[None]:
    from inference.audio.bleed.backings import Backings
    from inference.live.engine import LiveEngine  # each role loads its own code alone
    from inference.live.songs import SongReader
    from inference.models.card import LiveFirst
    from inference.models.estimators import build_estimator
    from inference.models.live_choice import build_live_estimator
    from inference.service.live import LiveServicer
    from inference.service.metrics import serve_metrics

    loop = asyncio.get_running_loop()

    def on_failure() -> None:
        loop.call_soon_threadsafe(failed.set)

    name = settings.live_pitch
    estimator = await _built(build_live_estimator if name == "auto" else lambda: build_estimator(name))
    engine = LiveEngine(estimator, on_failure, LiveFirst(settings.card_lock).behind)
    if settings.metrics_port is not None:
        serve_metrics(engine, settings.metrics_port)
    songs = SongReader(Backings(settings.songs)) if settings.take_separation != "never" else None
    live_pb2_grpc.add_LiveServiceServicer_to_server(LiveServicer(engine, songs), server)
    try:
        yield
    finally:
        await asyncio.to_thread(engine.stop)


@asynccontextmanager
async def _analysis(server: grpc.aio.Server, settings: Settings) -> AsyncIterator[None]:
    def tools() -> "JudgeTools":
        from inference.service.analysis import judge_tools  # the scorer and its friends: not for the live judge

        return judge_tools(settings)

    built = await _built(tools)
    from inference.service.analysis import analysis

    _serve_metrics(settings.analysis_metrics_port)

    async with analysis(server, settings, built):
        yield


@asynccontextmanager
async def _reference(server: grpc.aio.Server, settings: Settings) -> AsyncIterator[None]:
    """Ready at once: its networks are loaded when the first song comes."""
    from inference.service.reference import add_reference

    stop = add_reference(server, settings)
    _serve_metrics(settings.reference_metrics_port)
    try:
        yield
    finally:
        stop()


def _serve_metrics(port: int | None) -> None:
    if port is not None:
        start_http_server(port, addr="127.0.0.1")


async def _built(build: Callable[[], Built]) -> Built:
    """Runs what takes seconds in a thread of its own. A stop waits for threads of an executor, but not for this one."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Built] = loop.create_future()

    def settle(settled: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop was stopped meanwhile
            loop.call_soon_threadsafe(lambda: None if done.done() else settled())

    def work() -> None:
        try:
            built = build()
        except BaseException as error:
            caught = error
            settle(lambda: done.set_exception(caught))
        else:
            settle(lambda: done.set_result(built))

    threading.Thread(target=work, name="models", daemon=True).start()
    return await done
