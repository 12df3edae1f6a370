"""What both clients share: a fresh service token for each call, deadlines, and which errors pass by themselves."""

import grpc
from voicejury.rpc import bearer_metadata
from voicejury.tokens import Scope, mint

TOKEN_TTL_S = 900.0  # longer than the longest call
PASSING = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,  # a killed replica behind a proxy ends its streams with this
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
    }
)


def service_metadata(secret: str) -> tuple[tuple[str, str], ...]:
    return bearer_metadata(mint(secret, Scope.SERVICE, "signaling", TOKEN_TTL_S))


def passes_by_itself(error: grpc.aio.AioRpcError) -> bool:
    return error.code() in PASSING
