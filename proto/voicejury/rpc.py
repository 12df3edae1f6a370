"""gRPC as every service of this house speaks it: options, token checks, health and reflection.

The figures behind the options are in docs/decisions/0002-grpc.md.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from voicejury.tokens import Scope, TokenError, bearer, verify
from voicejury.tracing import carried

MAX_MESSAGE_BYTES = 40 * 1024 * 1024  # a tester's audio file of 32 MiB and its frame
OPEN_PREFIXES = ("/grpc.health.", "/grpc.reflection.")

SERVER_OPTIONS: list[tuple[str, int]] = [
    ("grpc.so_reuseport", 0),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    # So named in C: by default three pings in five minutes on an idle stream end it with "too many pings".
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    # By default a writer runs 65 s of audio ahead of a slow handler; so it is about a second.
    ("grpc.http2.bdp_probe", 0),
    ("grpc.http2.lookahead_bytes", 65_536),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
]

# Finds a frozen server within 15 s, also on an idle stream.
CLIENT_OPTIONS: list[tuple[str, int]] = [
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.ping_timeout_ms", 5_000),
    ("grpc.max_receive_message_length", MAX_MESSAGE_BYTES),
    # A killed service is back within a second or two: do not back off for minutes.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]


def client_channel(address: str) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(address, options=CLIENT_OPTIONS)


def bearer_metadata(token: str) -> tuple[tuple[str, str], ...]:
    """The token, and the present span: no interceptor, so that a stream costs nothing more for each message."""
    return (("authorization", f"Bearer {token}"), *carried())


def _abort_handler(handler: "grpc.RpcMethodHandler[Any, Any]", text: str) -> "grpc.RpcMethodHandler[Any, Any]":
    """A handler of the same cardinality that refuses: anything else breaks the aio server."""

    async def refuse_unary(_request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, text)

    async def refuse_stream(_request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        await context.abort(grpc.StatusCode.UNAUTHENTICATED, text)
        yield  # makes this an async generator

    shape = (bool(handler.request_streaming), bool(handler.response_streaming))
    build: Callable[..., grpc.RpcMethodHandler[Any, Any]] = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }[shape]
    behaviour = refuse_stream if handler.response_streaming else refuse_unary
    return build(behaviour, handler.request_deserializer, handler.response_serializer)


class TokenInterceptor(grpc.aio.ServerInterceptor):
    """Health and reflection are open; everything else wants a token of one of the scopes."""

    def __init__(self, secret: str, scopes: frozenset[Scope]) -> None:
        self._secret = secret
        self._scopes = scopes

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        handler = await continuation(details)
        if handler is None or details.method.startswith(OPEN_PREFIXES):
            return handler
        metadata = dict(details.invocation_metadata)
        try:
            verify(self._secret, bearer(str(metadata.get("authorization", ""))), self._scopes)
        except TokenError as error:
            return _abort_handler(handler, str(error))
        return handler


def build_server(secret: str, scopes: frozenset[Scope]) -> grpc.aio.Server:
    return grpc.aio.server(options=SERVER_OPTIONS, interceptors=[TokenInterceptor(secret, scopes)])


def add_open_services(server: grpc.aio.Server, service_names: Sequence[str]) -> health.aio.HealthServicer:
    """Adds reflection and health. Health says SERVING for "" and knows no other name until `set_serving` tells it."""
    servicer = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    reflection.enable_server_reflection([*service_names, health.SERVICE_NAME, reflection.SERVICE_NAME], server)
    return servicer


async def set_serving(servicer: health.aio.HealthServicer, service_names: Sequence[str], serving: bool) -> None:
    status = health_pb2.HealthCheckResponse.SERVING if serving else health_pb2.HealthCheckResponse.NOT_SERVING
    for name in ("", *service_names):
        await servicer.set(name, status)


async def is_serving(channel: grpc.aio.Channel, timeout_s: float, service: str = "") -> bool:
    stub = health_pb2_grpc.HealthStub(channel)
    try:
        reply = await stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=timeout_s)
    except grpc.aio.AioRpcError:
        return False
    return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)
