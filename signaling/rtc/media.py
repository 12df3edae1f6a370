"""Client of MediaService: offers become answers, takes are closed, told what they lack, and filled."""

import grpc
from voicejury.v1 import live_pb2, media_pb2, media_pb2_grpc, song_pb2

from signaling.errors import MediaRefusedError
from signaling.rtc.service_calls import service_metadata

CONNECT_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 15.0
MISSING_TIMEOUT_S = 15.0
FILL_TIMEOUT_S = 180.0
DEFAULT_RETRY_AFTER_S = 5
BAD_OFFER_CODES = ("bad-sdp", "no-audio")  # prefixes of the media server's messages


class MediaClient:
    def __init__(self, channel: grpc.aio.Channel, secret: str) -> None:
        self.channel = channel
        self._stub = media_pb2_grpc.MediaServiceStub(channel)
        self._secret = secret

    async def connect(
        self, session_id: str, song: song_pb2.Song, sdp: str, level: "live_pb2.Level.ValueType", resume: bool
    ) -> media_pb2.ConnectReply:
        """Raises MediaRefusedError."""
        request = media_pb2.ConnectRequest(session_id=session_id, song=song, sdp=sdp, level=level, resume=resume)
        try:
            reply: media_pb2.ConnectReply = await self._stub.Connect(
                request, timeout=CONNECT_TIMEOUT_S, metadata=service_metadata(self._secret)
            )
        except grpc.aio.AioRpcError as error:
            raise refusal(error) from error
        return reply

    async def close(self, session_id: str) -> media_pb2.CloseReply:
        """Raises grpc.aio.AioRpcError."""
        request = media_pb2.CloseRequest(session_id=session_id)
        reply: media_pb2.CloseReply = await self._stub.Close(
            request, timeout=CLOSE_TIMEOUT_S, metadata=service_metadata(self._secret)
        )
        return reply

    async def missing(self, session_id: str) -> media_pb2.MissingReply:
        """What of a sealed take was not received. Raises grpc.aio.AioRpcError."""
        request = media_pb2.MissingRequest(session_id=session_id)
        reply: media_pb2.MissingReply = await self._stub.Missing(
            request, timeout=MISSING_TIMEOUT_S, metadata=service_metadata(self._secret)
        )
        return reply

    def fill(self) -> "grpc.aio.StreamUnaryCall[media_pb2.PhoneSound, media_pb2.FillReply]":
        """An open call: write the sounds and, last, one without sound; a call that is cancelled fills nothing."""
        call: grpc.aio.StreamUnaryCall[media_pb2.PhoneSound, media_pb2.FillReply] = self._stub.Fill(
            timeout=FILL_TIMEOUT_S, metadata=service_metadata(self._secret)
        )
        return call


def refusal(error: grpc.aio.AioRpcError) -> MediaRefusedError:
    """The problem document of a refused offer."""
    status, details = error.code(), error.details() or ""
    if status == grpc.StatusCode.INVALID_ARGUMENT:
        code, colon, text = details.partition(": ")
        if colon and code in BAD_OFFER_CODES:
            return MediaRefusedError(400, code, text)
        return MediaRefusedError(400, "bad-sdp", details)
    if status == grpc.StatusCode.ALREADY_EXISTS:
        return MediaRefusedError(409, "session-live", "This session is being sung already.")
    if status == grpc.StatusCode.FAILED_PRECONDITION:
        return MediaRefusedError(409, "session-over", "This take is closed; begin a new session.")
    if status == grpc.StatusCode.RESOURCE_EXHAUSTED:
        retry_after = str(_retry_after_s(error))
        return MediaRefusedError(503, "busy", "Every stage is taken; try again soon.", {"Retry-After": retry_after})
    return MediaRefusedError(503, "media-unavailable", "The media server does not answer.", {"Retry-After": "1"})


def _retry_after_s(error: grpc.aio.AioRpcError) -> int:
    for key, value in error.trailing_metadata() or ():
        if key == "retry-after-s" and str(value).isdecimal():
            return max(1, int(value))
    return DEFAULT_RETRY_AFTER_S
