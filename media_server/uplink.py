"""One stream to the live judge for all singers of this process.

Sent at each packet, without a tick: waiting is latency. A lost stream is opened again and each singer's take is told
from its spool, in pieces between the live packets of the others.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeAlias, cast

import grpc
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import live_pb2, live_pb2_grpc

from media_server import metrics
from media_server.feed import Feed, FeedState

FIRST_BACKOFF_S = 0.2
MAX_BACKOFF_S = 2.0
READY_TIMEOUT_S = 5.0
TOKEN_TTL_S = 3600.0  # looked at when a stream opens

logger = logging.getLogger(__name__)
Call: TypeAlias = "grpc.aio.StreamStreamCall[live_pb2.SingRequest, live_pb2.SingReply]"


class Spooled(Protocol):
    """A take as the uplink sees it."""

    @property
    def end_offset(self) -> int: ...


class StreamLostError(Exception):
    """The live judge ended the stream."""


class Uplink:
    """Owns the stream; `run` is its only task."""

    def __init__(self, address: str, secret: str, on_judgement: Callable[[live_pb2.Judgement], None]) -> None:
        self._address = address
        self._secret = secret
        self._on_judgement = on_judgement
        self._feeds: dict[str, tuple[Feed, Spooled]] = {}
        self._wake = asyncio.Event()
        self.connected = False

    def add(self, feed: Feed, take: Spooled) -> None:
        self._feeds[feed.session_id] = (feed, take)
        self._wake.set()

    def push(self, session_id: str, item: live_pb2.SingerInput) -> None:
        if (known := self._feeds.get(session_id)) is not None:
            known[0].push(item)
            self._wake.set()

    def end(self, session_id: str) -> None:
        """Tells the judge the end after everything else; without a judge there is nobody to tell."""
        if not self.connected:
            self._feeds.pop(session_id, None)
        elif (known := self._feeds.get(session_id)) is not None:
            known[0].ending = True
            self._wake.set()

    def is_live(self, session_id: str) -> bool:
        """True while this singer's packets reach the judge as they come."""
        known = self._feeds.get(session_id)
        return self.connected and known is not None and known[0].state is FeedState.LIVE

    async def run(self) -> None:
        backoff_s = FIRST_BACKOFF_S
        async with client_channel(self._address) as channel:
            while True:
                try:
                    async with asyncio.timeout(READY_TIMEOUT_S):  # `wait_for` loses a stop that comes as it is ready
                        await channel.channel_ready()
                    backoff_s = FIRST_BACKOFF_S
                    await self._stream(live_pb2_grpc.LiveServiceStub(channel))
                except* TimeoutError:
                    logger.warning("the live judge at %s does not answer", self._address)
                except* (grpc.aio.AioRpcError, asyncio.InvalidStateError, StreamLostError) as lost:
                    logger.warning("the stream to the live judge is lost: %s", _reason(lost))
                finally:
                    self._disconnected()
                await asyncio.sleep(backoff_s)
                backoff_s = min(MAX_BACKOFF_S, backoff_s * 2)

    async def _stream(self, stub: live_pb2_grpc.LiveServiceStub) -> None:
        token = mint(self._secret, Scope.SERVICE, "media_server", TOKEN_TTL_S)
        # Written to with `write`, which the stubs' types do not know.
        open_stream = cast("Callable[..., Call]", stub.Sing)
        call = open_stream(metadata=bearer_metadata(token))
        metrics.UPLINK_CONNECTS.inc()
        self.connected = True
        self._wake.set()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._send(call), name="uplink send")
                tasks.create_task(self._receive(call), name="uplink receive")
        finally:
            call.cancel()

    def _disconnected(self) -> None:
        self.connected = False
        for session_id, (feed, _) in list(self._feeds.items()):
            feed.lost()
            if feed.ending:  # the take is sealed; the final judge reads it
                del self._feeds[session_id]

    async def _receive(self, call: Call) -> None:
        try:
            async for reply in call:
                for judgement in reply.judgements:
                    self._on_judgement(judgement)
        except asyncio.CancelledError:
            _raise_if_remote()
        raise StreamLostError("the live judge ended it")

    async def _send(self, call: Call) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._send_waiting(call)
            for feed, take in list(self._feeds.values()):
                if feed.state is FeedState.REPLAY and not feed.caught_up(take.end_offset):
                    await self._write(call, await asyncio.to_thread(feed.read_piece, take.end_offset))
                    await self._send_waiting(call)
                    self._wake.set()
                elif feed.state is FeedState.LIVE and feed.ending:
                    self._wake.set()

    async def _write(self, call: Call, inputs: list[live_pb2.SingerInput]) -> None:
        try:
            await call.write(live_pb2.SingRequest(inputs=inputs))
        except asyncio.CancelledError:
            _raise_if_remote()

    async def _send_waiting(self, call: Call) -> None:
        inputs: list[live_pb2.SingerInput] = []
        for feed, _ in list(self._feeds.values()):
            inputs.extend(self._inputs_of(feed))
        if inputs:
            await self._write(call, inputs)

    def _inputs_of(self, feed: Feed) -> list[live_pb2.SingerInput]:
        if feed.state is FeedState.NEW:
            return [feed.start()]
        if feed.state is not FeedState.LIVE:
            return []
        inputs = feed.take()
        if feed.ending:
            feed.state = FeedState.ENDED
            del self._feeds[feed.session_id]
            inputs.append(live_pb2.SingerInput(end=live_pb2.SingEnd(session_id=feed.session_id)))
        return inputs


def _raise_if_remote() -> None:
    """grpc.aio tells a CANCELLED of the server as a cancellation of this task: only a real one goes on as such."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    raise StreamLostError("cancelled by the live judge")


def _reason(lost: BaseExceptionGroup[Exception]) -> str:
    error = lost.exceptions[0]
    if isinstance(error, BaseExceptionGroup):
        return _reason(error)
    return f"{error.code()} {error.details()}" if isinstance(error, grpc.aio.AioRpcError) else str(error)
