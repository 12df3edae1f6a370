"""For a process that downloads: its connections go to the hosts that are allowed, and it starts no program but one.

The checks sit where a name is looked up and where a connection opens, so they hold after every redirect, whichever
library opens it.
"""

import os
import sys
from collections.abc import Callable, Collection
from typing import Any

from signaling.net.addresses import HTTPS_PORT, is_public

NEVER = frozenset({"os.exec", "os.posix_spawn", "os.spawn", "os.system"})


class RefusedConnectionError(OSError):
    """A connection to an address that is not allowed."""


class RefusedProgramError(OSError):
    """A program that is not allowed, as FFmpeg, which would open connections of its own."""


class Guard:
    """An audit hook of this process; it cannot be taken out again, so it belongs into a process of its own."""

    def __init__(
        self, endpoints: Collection[tuple[str, int]], hosts: Collection[str] = (), programs: Collection[str] = ()
    ) -> None:
        self._endpoints = frozenset(endpoints)  # name or IP, and port, that the operator listed
        self._hosts = tuple(hosts)
        self._programs = frozenset(programs)  # paths
        self.refused = False
        self._checks: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "socket.getaddrinfo": lambda told: self._check(self.allows_name(_text(told[0]), told[1])),
            "socket.gethostbyname": lambda told: self._check(self.allows_name(_text(told[0]), HTTPS_PORT)),
            "socket.connect": lambda told: self._check(self._allows_address(told[1])),
            "socket.sendto": lambda told: self._check(self._allows_address(told[1])),
            "socket.sendmsg": lambda told: self._check(told[1] is None or self._allows_address(told[1])),
            "subprocess.Popen": lambda told: self._check_program(told[0]),
        }

    def install(self) -> None:
        sys.addaudithook(self._audit)

    def allows(self, ip: str, port: int) -> bool:
        return (ip, port) in self._endpoints or (port == HTTPS_PORT and is_public(ip))

    def allows_name(self, name: str, port: int | str | None) -> bool:
        """A listed endpoint, a listed host, or what belongs to one (`a.example.org` to `example.org`)."""
        name = name.rstrip(".").lower()
        if any((name, port) == endpoint for endpoint in self._endpoints):
            return True
        return any(name == host or name.endswith(f".{host}") for host in self._hosts)

    def _allows_address(self, address: Any) -> bool:
        return isinstance(address, tuple) and self.allows(str(address[0]), int(address[1]))

    def _audit(self, event: str, told: tuple[Any, ...]) -> None:
        if event in NEVER:
            raise RefusedProgramError(f"{event} is not allowed")
        if (check := self._checks.get(event)) is not None:
            check(told)

    def _check(self, is_allowed: bool) -> None:
        if not is_allowed:
            self.refused = True
            raise RefusedConnectionError("this address is not allowed")

    def _check_program(self, path: Any) -> None:
        if os.fsdecode(path) not in self._programs:
            raise RefusedProgramError("this program is not allowed")


def _text(name: Any) -> str:
    return name.decode("ascii", "replace") if isinstance(name, bytes) else str(name)
