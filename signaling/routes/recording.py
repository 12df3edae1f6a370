"""What of a take was not received, and the phone's own recording of it, streamed on without being held."""

import asyncio
import time
from collections.abc import AsyncIterator

import grpc
from aiohttp import web
from google.protobuf.message import DecodeError
from voicejury.v1 import media_pb2

from signaling.errors import ProblemError
from signaling.recordings import Recordings, clipped
from signaling.routes.answers import answer
from signaling.routes.auth import own_session
from signaling.routes.middleware import network_of
from signaling.routes.schemas_recording import FilledSpan, MissingReply, MissingSpan, RecordingReply
from signaling.routes.sessions import END_LIMIT
from signaling.routes.uploads import UPLOAD_QUOTA
from signaling.services import SERVICES
from signaling.store.sessions import Session
from signaling.store.states import State

BODY_TYPE = "application/x-protobuf"
MAX_BODY_BYTES = 40 * 1024**2  # 20 minutes of 16 kHz sound
MAX_MESSAGE_BYTES = 600 * 1024
MAX_VARINT_BYTES = 4
CHUNK_BYTES = 64 * 1024
STALLED_S = 15.0
UPLOAD_S = 150.0
TOLD_EVERY_S = 1.0
UNSEALED = frozenset({State.PREPARING, State.CREATED, State.CONNECTED})


async def missing(request: web.Request) -> web.Response:
    request.app[END_LIMIT].take(request.remote)
    services = request.app[SERVICES]
    session = await own_session(request)
    _check_open(session)
    try:
        reply = await services.media.missing(session.id)
    except grpc.aio.AioRpcError as error:
        raise media_problem(error) from error
    song = await services.sessions.song_of(session.id)
    spans = [MissingSpan(start_s=start_s, end_s=end_s) for start_s, end_s in clipped(reply, song.duration_s)]
    return answer(MissingReply(spans=spans, margin_s=reply.margin_s))


async def upload_recording(request: web.Request) -> web.Response:
    """Whatever becomes of the spans, the take is judged afterwards; an upload that breaks off may be repeated."""
    request.app[END_LIMIT].take(request.remote)
    quota, address = request.app[UPLOAD_QUOTA], network_of(request.remote)
    quota.check(address)
    services = request.app[SERVICES]
    session = await own_session(request)
    _check_open(session)
    if request.content_type != BODY_TYPE or request.headers.get("Content-Encoding"):
        raise ProblemError(415, "bad-request", f"Send {BODY_TYPE} without a coding.")
    if (request.content_length or 0) > MAX_BODY_BYTES:
        raise _too_large()
    upload = _Upload(request, session.id, services.judging.recordings)
    try:
        async with asyncio.timeout(UPLOAD_S):
            reply = await _sent_on(services.media.fill(), upload.sounds())
    except TimeoutError as error:
        raise ProblemError(408, "bad-request", "The upload stalled; try again.") from error
    except grpc.aio.AioRpcError as error:
        raise media_problem(error) from error
    finally:
        quota.spend(address, upload.size_bytes)
    await services.judging.recordings.settle(session.id)
    return answer(RecordingReply(spans=[_filled(span) for span in reply.spans]))


def _check_open(session: Session) -> None:
    """Raises ProblemError where the take is still sung, or has its verdict."""
    if session.state in UNSEALED:
        raise ProblemError(409, "not-ready", "The take is still being sung; end it first.")
    failed = session.state is State.FAILED and session.failure is not None and session.failure.code == "judge-failed"
    if session.state is not State.JUDGING and not failed:
        raise ProblemError(409, "session-over", "This take has its verdict; nothing can be added to it.")


class _Upload:
    """The body of one request, read message by message."""

    def __init__(self, request: web.Request, session_id: str, recordings: Recordings) -> None:
        self._content = request.content
        self._session_id = session_id
        self._recordings = recordings
        self._waiting = bytearray()
        self._told_s = float("-inf")
        self.size_bytes = 0

    async def sounds(self) -> AsyncIterator[media_pb2.PhoneSound]:
        """Raises ProblemError and TimeoutError; ends with the word that nothing was cut off."""
        while (length := await self._varint()) is not None:
            if not 0 < length <= MAX_MESSAGE_BYTES:
                raise ProblemError(413, "too-large", f"A message has {MAX_MESSAGE_BYTES // 1024} KiB at most.")
            sound = _parsed(await self._exactly(length))
            if sound.session_id not in ("", self._session_id):
                raise ProblemError(403, "foreign-session", "This sound belongs to another session.")
            sound.session_id = self._session_id
            if sound.pcm_s16le:
                yield sound
        yield media_pb2.PhoneSound(session_id=self._session_id)

    async def _varint(self) -> int | None:
        """None at the end of the body."""
        value = 0
        for place in range(MAX_VARINT_BYTES):
            if not self._waiting and not await self._more():
                if place:
                    raise _cut_off()
                return None
            byte = self._waiting.pop(0)
            value |= (byte & 0x7F) << (7 * place)
            if byte < 0x80:
                return value
        raise ProblemError(400, "bad-request", "The length of a message cannot be read.")

    async def _exactly(self, length: int) -> bytes:
        while len(self._waiting) < length:
            if not await self._more():
                raise _cut_off()
        message = bytes(self._waiting[:length])
        del self._waiting[:length]
        return message

    async def _more(self) -> bool:
        chunk = await asyncio.wait_for(self._content.read(CHUNK_BYTES), STALLED_S)
        self.size_bytes += len(chunk)
        if self.size_bytes > MAX_BODY_BYTES:
            raise _too_large()
        self._waiting += chunk
        if chunk and time.monotonic() - self._told_s > TOLD_EVERY_S:
            self._told_s = time.monotonic()
            await self._recordings.coming(self._session_id)
        return bool(chunk)


async def _sent_on(
    call: "grpc.aio.StreamUnaryCall[media_pb2.PhoneSound, media_pb2.FillReply]",
    sounds: AsyncIterator[media_pb2.PhoneSound],
) -> media_pb2.FillReply:
    """Nothing is filled when the sounds break off."""
    try:
        async for sound in sounds:
            if call.done():
                break  # it was refused: the call itself says why
            await call.write(sound)
        else:
            await call.done_writing()
        reply: media_pb2.FillReply = await call
        return reply
    finally:
        call.cancel()


def media_problem(error: grpc.aio.AioRpcError) -> ProblemError:
    """The media server's refusal as a problem with its next step."""
    code, _, text = (error.details() or "").partition(": ")
    status = error.code()
    if status == grpc.StatusCode.INVALID_ARGUMENT:
        return ProblemError(413 if code == "too-large" else 400, code if code == "too-large" else "bad-request", text)
    if status == grpc.StatusCode.FAILED_PRECONDITION:
        if code == "session-over":
            return ProblemError(409, "session-over", "This take has its verdict; nothing can be added to it.")
        return ProblemError(409, "not-ready", "The take is not closed yet; ask again.", {"Retry-After": "1"})
    if status == grpc.StatusCode.NOT_FOUND:
        return ProblemError(409, "no-take", "Nothing of this take was received, so nothing can be added to it.")
    if status == grpc.StatusCode.UNAVAILABLE and code == "spool-failed":
        return ProblemError(507, "disk-full", "The disk does not take the sound; the take is judged without it.")
    return ProblemError(503, "media-unavailable", "The media server does not answer.", {"Retry-After": "1"})


def _parsed(message: bytes) -> media_pb2.PhoneSound:
    try:
        return media_pb2.PhoneSound.FromString(message)
    except DecodeError as error:
        raise ProblemError(400, "bad-request", "A message cannot be read.") from error


def _filled(span: media_pb2.FilledSpan) -> FilledSpan:
    return FilledSpan(
        start_s=span.span.start_song_s,
        end_s=span.span.end_song_s,
        filled_s=span.filled_s,
        offset_s=span.offset_s if span.HasField("offset_s") else None,
        correlation=span.correlation,
        refusal=span.refusal,
    )


def _too_large() -> ProblemError:
    return ProblemError(413, "too-large", f"A recording has {MAX_BODY_BYTES // 1024**2} MiB at most.")


def _cut_off() -> ProblemError:
    return ProblemError(400, "bad-request", "The upload was cut off; send it again.")
