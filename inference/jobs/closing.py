"""Seals a take: the first stage asks the media server, again and again while that is away."""

import asyncio
import time

import grpc
from voicejury.rpc import bearer_metadata
from voicejury.tokens import Scope, mint
from voicejury.v1 import media_pb2, media_pb2_grpc

from inference.errors import InferenceError, TakeError

CLOSE_TIMEOUT_S = 15.0
TOKEN_TTL_S = 60.0
FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 2.0
PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,  # its disk is full
    }
)


class MediaCloser:
    """`channel` belongs to `loop`, which runs in another thread than `close`."""

    def __init__(
        self, channel: grpc.aio.Channel, secret: str, patience_s: float, loop: asyncio.AbstractEventLoop
    ) -> None:
        self._stub = media_pb2_grpc.MediaServiceStub(channel)
        self._secret = secret
        self._patience_s = patience_s
        self._loop = loop

    def close(self, session_id: str) -> str:
        """The key of the sealed take; empty where nothing was sung. Raises InferenceError when nobody answers."""
        give_up, wait_s = time.monotonic() + self._patience_s, FIRST_WAIT_S
        while True:
            try:
                return asyncio.run_coroutine_threadsafe(self._ask(session_id), self._loop).result()
            except grpc.aio.AioRpcError as error:
                if error.code() not in PASSING:
                    raise TakeError(f"the take cannot be closed: {error.details()}") from error
                if time.monotonic() >= give_up:
                    raise InferenceError("the media server does not answer") from error
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def _ask(self, session_id: str) -> str:
        metadata = bearer_metadata(mint(self._secret, Scope.SERVICE, "analysis", TOKEN_TTL_S))
        request = media_pb2.CloseRequest(session_id=session_id)
        reply: media_pb2.CloseReply = await self._stub.Close(request, timeout=CLOSE_TIMEOUT_S, metadata=metadata)
        return reply.take_key
