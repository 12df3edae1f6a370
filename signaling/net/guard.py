"""For a process that downloads: no connection of its own goes anywhere but to the open internet.

The check sits at the connection itself, after DNS and after every redirect, whichever library opens it.
"""

import sys
from collections.abc import Collection
from typing import Any

from signaling.net.addresses import HTTPS_PORT, is_public


class RefusedConnectionError(OSError):
    """A connection to an address that is not allowed."""


class Guard:
    """An audit hook of this process; it cannot be taken out again, so it belongs into a process of its own."""

    def __init__(self, endpoints: Collection[tuple[str, int]]) -> None:
        self._endpoints = frozenset(endpoints)  # IP and port that the operator listed
        self.refused = False

    def install(self) -> None:
        sys.addaudithook(self._audit)

    def allows(self, ip: str, port: int) -> bool:
        return (ip, port) in self._endpoints or (port == HTTPS_PORT and is_public(ip))

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect":
            return
        address = arguments[1]
        if isinstance(address, tuple) and self.allows(str(address[0]), int(address[1])):
            return
        self.refused = True
        raise RefusedConnectionError("this address is not allowed")
