"""Client of ReferenceService: a recording becomes a song, known words get their times."""

from collections.abc import AsyncIterator

import grpc
from voicejury.v1 import reference_pb2, reference_pb2_grpc

from signaling.rtc.service_calls import TOKEN_TTL_S, service_metadata

PREPARE_TIMEOUT_S = 3600.0  # an old laptop takes many minutes for a long song; a frozen service is found by keepalive
ABILITIES_TIMEOUT_S = 2.0


class ReferenceClient:
    """`channel` is None where no reference service is set up; then nothing may be asked of it."""

    def __init__(self, channel: grpc.aio.Channel | None, secret: str) -> None:
        self.channel = channel
        self._stub = reference_pb2_grpc.ReferenceServiceStub(channel) if channel is not None else None
        self._secret = secret

    @property
    def is_set_up(self) -> bool:
        return self._stub is not None

    async def prepare(self, request: reference_pb2.PrepareRequest) -> AsyncIterator[reference_pb2.PrepareEvent]:
        """Raises grpc.aio.AioRpcError; an end without a song is left to the caller to notice."""
        call = self._there().Prepare(request, timeout=PREPARE_TIMEOUT_S, metadata=service_metadata(self._secret))
        try:
            async for event in call:
                yield event
        finally:
            call.cancel()

    async def align_words(
        self, request: reference_pb2.AlignWordsRequest
    ) -> AsyncIterator[reference_pb2.AlignWordsEvent]:
        """Raises grpc.aio.AioRpcError; an end without a reply is left to the caller to notice."""
        call = self._there().AlignWords(request, timeout=TOKEN_TTL_S, metadata=service_metadata(self._secret))
        try:
            async for event in call:
                yield event
        finally:
            call.cancel()

    async def abilities(self) -> list[reference_pb2.Ability]:
        """Raises grpc.aio.AioRpcError."""
        request = reference_pb2.AbilitiesRequest()
        metadata = service_metadata(self._secret)
        reply = await self._there().Abilities(request, timeout=ABILITIES_TIMEOUT_S, metadata=metadata)
        return list(reply.abilities)

    def _there(self) -> "reference_pb2_grpc.ReferenceServiceAsyncStub":
        if self._stub is None:
            raise RuntimeError("no reference service is set up (VOICEJURY_REFERENCE_URL)")
        return self._stub
