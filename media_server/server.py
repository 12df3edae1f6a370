"""MediaService over gRPC, and the life of the process."""

import asyncio
import logging
from typing import Any, NoReturn

from opentelemetry.trace import SpanContext
from prometheus_client import start_http_server
from voicejury import tracing
from voicejury.rpc import add_open_services, build_server, set_serving
from voicejury.tokens import Scope
from voicejury.v1 import media_pb2, media_pb2_grpc

from media_server import metrics
from media_server.config import Settings
from media_server.errors import STATUS_BY_ERROR, MediaError, OverloadedError, SpoolError, StartupError
from media_server.gaps import Gaps
from media_server.peer import announce_only
from media_server.peers import Peers
from media_server.receiver import check_private_names
from media_server.take import TakeSummary

SERVICE = "voicejury.v1.MediaService"
STOP_GRACE_S = 1.0

logger = logging.getLogger(__name__)


async def _refuse(context: Any, error: MediaError) -> NoReturn:
    metrics.REFUSED.labels(error.code).inc()
    logger.warning("refused: %s", error)
    if isinstance(error, OverloadedError):
        context.set_trailing_metadata((("retry-after-s", str(error.retry_after_s)),))
    await context.abort(STATUS_BY_ERROR[type(error)], str(error))
    raise AssertionError("abort does not return")


def _caller(context: Any, session_id: str) -> SpanContext | None:
    return tracing.brought(context.invocation_metadata(), session_id)


def _told(summary: TakeSummary) -> dict[str, int]:
    return {
        "voicejury.samples": summary.sample_count,
        "voicejury.gap_samples": summary.gap_samples,
        "voicejury.concealed_samples": summary.concealed_samples,
    }


class MediaServicer(media_pb2_grpc.MediaServiceServicer):
    """The contract's names on top of Peers and Gaps."""

    def __init__(self, peers: Peers, gaps: Gaps) -> None:
        self._peers = peers
        self._gaps = gaps

    async def Connect(self, request: media_pb2.ConnectRequest, context: Any) -> media_pb2.ConnectReply:
        try:
            with tracing.span("connect", request.session_id, parent=_caller(context, request.session_id)):
                return await self._peers.connect(request)
        except MediaError as error:
            await _refuse(context, error)

    async def Close(self, request: media_pb2.CloseRequest, context: Any) -> media_pb2.CloseReply:
        try:
            with tracing.span("close", request.session_id, parent=_caller(context, request.session_id)) as span:
                summary = await self._peers.close(request.session_id)
                span.set_attributes(_told(summary))
        except MediaError as error:
            await _refuse(context, error)
        except OSError as error:  # a full disk has room again some time
            await _refuse(context, SpoolError(f"the take cannot be closed: {error.strerror}"))
        return media_pb2.CloseReply(
            take_key=summary.take_key,
            sample_count=summary.sample_count,
            gap_samples=summary.gap_samples,
            concealed_samples=summary.concealed_samples,
        )

    async def Missing(self, request: media_pb2.MissingRequest, context: Any) -> media_pb2.MissingReply:
        try:
            return await self._gaps.missing(request.session_id)
        except MediaError as error:
            await _refuse(context, error)

    async def Fill(self, request_iterator: Any, context: Any) -> media_pb2.FillReply:
        try:
            return await self._gaps.fill(request_iterator)
        except MediaError as error:
            await _refuse(context, error)


async def serve(settings: Settings, bound: "asyncio.Future[int] | None" = None) -> None:
    """Serves until cancelled; `bound` is told the port. Raises StartupError."""
    check_private_names()
    announce_only(settings.media_addresses)
    if settings.media_metrics_port is not None:
        start_http_server(settings.media_metrics_port, addr="127.0.0.1")
    peers = Peers(settings)
    server = build_server(settings.secret, frozenset({Scope.SERVICE}))
    media_pb2_grpc.add_MediaServiceServicer_to_server(MediaServicer(peers, Gaps(settings.takes_dir)), server)
    health = add_open_services(server, [SERVICE])
    try:
        port = server.add_insecure_port(settings.listen)
    except RuntimeError as error:
        raise StartupError(f"VOICEJURY_LISTEN: cannot listen on {settings.listen}") from error
    await server.start()
    await set_serving(health, [SERVICE], True)
    logger.info("listening on port %d, receiver %s", port, settings.receiver.value)
    if bound is not None:
        bound.set_result(port)
    try:
        await peers.run()
    finally:
        await set_serving(health, [SERVICE], False)
        await server.stop(STOP_GRACE_S)
