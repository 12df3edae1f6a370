"""Who may call which service: testers what is made for them, the judging of takes only the house's own processes."""

from collections.abc import Awaitable, Callable
from typing import Any

import grpc
from voicejury.rpc import SERVER_OPTIONS, TokenInterceptor
from voicejury.tokens import Scope

OWN_PREFIXES = ("/voicejury.v1.AnalysisService/",)  # a take has one verdict, and whoever asks first sets song and level


class ScopeInterceptor(grpc.aio.ServerInterceptor):
    """Health and reflection are open."""

    def __init__(self, secret: str) -> None:
        self._own = TokenInterceptor(secret, frozenset({Scope.SERVICE}))
        self._testers = TokenInterceptor(secret, frozenset({Scope.SERVICE, Scope.TESTER}))

    async def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], Awaitable[Any]],
        details: grpc.HandlerCallDetails,
    ) -> Any:
        checks = self._own if details.method.startswith(OWN_PREFIXES) else self._testers
        return await checks.intercept_service(continuation, details)


def build_role_server(secret: str) -> grpc.aio.Server:
    return grpc.aio.server(options=SERVER_OPTIONS, interceptors=[ScopeInterceptor(secret)])
