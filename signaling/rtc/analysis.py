"""Client of AnalysisService: one take, its progress, its jurors, its verdict."""

from collections.abc import AsyncIterator

import grpc
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc

from signaling.rtc.service_calls import TOKEN_TTL_S, service_metadata


class AnalysisClient:
    def __init__(self, channel: grpc.aio.Channel, secret: str) -> None:
        self.channel = channel
        self._stub = analysis_pb2_grpc.AnalysisServiceStub(channel)
        self._secret = secret

    async def judge(self, request: analysis_pb2.JudgeRequest) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        """Raises grpc.aio.AioRpcError; an end without a verdict is left to the caller to notice."""
        call = self._stub.Judge(request, timeout=TOKEN_TTL_S, metadata=service_metadata(self._secret))
        try:
            async for event in call:
                yield event
        finally:
            call.cancel()
