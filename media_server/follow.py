"""Asks the analysis to work on takes while they are sung, and passes on the words that it hears.

Nothing here is waited for by anything else: without an analysis the take is judged afterwards all the same.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import TypeAlias, cast

import grpc
from voicejury.rpc import bearer_metadata, client_channel
from voicejury.tokens import Scope, mint
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, live_pb2

FIRST_BACKOFF_S = 0.5
MAX_BACKOFF_S = 10.0
TOKEN_TTL_S = 3600.0  # looked at when a stream opens
MAX_HEARD = 1_000  # characters of one line; what a recogniser writes is not bounded
GIVE_UP = frozenset({grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAUTHENTICATED})

Call: TypeAlias = "grpc.aio.UnaryStreamCall[analysis_pb2.FollowRequest, analysis_pb2.FollowEvent]"
OnWords = Callable[[str, live_pb2.LineWords], None]
logger = logging.getLogger(__name__)


class TakeFollowing:
    """One stream for each session; `run` owns them. `begin` and `end` never wait."""

    def __init__(self, address: str, secret: str, on_words: OnWords) -> None:
        self._address = address
        self._secret = secret
        self._on_words = on_words
        self._wanted: dict[str, analysis_pb2.FollowRequest] = {}
        self._streams: dict[str, asyncio.Task[None]] = {}
        self._changed = asyncio.Event()

    def begin(self, request: analysis_pb2.FollowRequest) -> None:
        """Safe to repeat."""
        if self._address:
            self._wanted[request.session_id] = request
            self._changed.set()

    def end(self, session_id: str) -> None:
        """Of a session that nobody listens to any more. The analysis goes on with the take by itself."""
        self._wanted.pop(session_id, None)
        self._changed.set()

    async def run(self) -> None:
        async with client_channel(self._address or "localhost:0") as channel, asyncio.TaskGroup() as tasks:
            stub = analysis_pb2_grpc.AnalysisServiceStub(channel)
            while True:
                await self._changed.wait()
                self._changed.clear()
                for session_id in self._streams.keys() - self._wanted.keys():
                    self._streams.pop(session_id).cancel()
                for session_id in self._wanted.keys() - self._streams.keys():
                    stream = self._follow(stub, self._wanted[session_id])
                    self._streams[session_id] = tasks.create_task(stream, name="follow")

    async def _follow(self, stub: analysis_pb2_grpc.AnalysisServiceStub, request: analysis_pb2.FollowRequest) -> None:
        """Until the take is sealed, or the analysis says that it follows none."""
        backoff_s = FIRST_BACKOFF_S
        while True:
            try:
                await self._listen(stub, request)
            except grpc.aio.AioRpcError as error:
                logger.info("session %s: not followed: %s", request.session_id, error.code().name)
                if error.code() in GIVE_UP:
                    return
            except (asyncio.CancelledError, asyncio.InvalidStateError):  # so grpc.aio tells some ends of the other side
                _raise_if_ours()
                logger.info("session %s: not followed: the call broke", request.session_id)
            else:
                return
            await asyncio.sleep(backoff_s)
            backoff_s = min(MAX_BACKOFF_S, 2 * backoff_s)

    async def _listen(self, stub: analysis_pb2_grpc.AnalysisServiceStub, request: analysis_pb2.FollowRequest) -> None:
        token = mint(self._secret, Scope.SERVICE, "media_server", TOKEN_TTL_S)
        open_stream = cast("Callable[..., Call]", stub.Follow)
        call = open_stream(request, metadata=bearer_metadata(token))
        try:
            async for event in call:
                if event.HasField("words"):
                    event.words.heard = event.words.heard[:MAX_HEARD]
                    self._on_words(request.session_id, event.words)
        finally:
            call.cancel()


def _raise_if_ours() -> None:
    """A cancellation by whoever owns this task, and not by the analysis."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
