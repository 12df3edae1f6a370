"""Ports for the services."""

import errno
import random
import socket

from deploy.standalone.errors import BadSettingError, PortTakenError

LOOPBACK = "127.0.0.1"
# Below the range that kernels give to outgoing connections (Linux 32768, macOS 49152), so that no
# connection takes the port of a service that is being restarted.
GRPC_PORTS = range(20_000, 32_000)
TRIES = 200


def is_free(host: str, port: int) -> bool:
    """Raises OSError where the host is not an address of this machine."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def free_port(taken: frozenset[int] = frozenset()) -> int:
    for _ in range(TRIES):
        port = random.choice(GRPC_PORTS)
        if port not in taken and is_free(LOOPBACK, port):
            return port
    raise BadSettingError(f"no free port from {GRPC_PORTS.start} to {GRPC_PORTS.stop}: stop other programs")


def page_port(host: str, port: int) -> int:
    """The port itself, or a free one for 0. Raises PortTakenError or BadSettingError."""
    if port == 0:
        return free_port()
    try:
        free = is_free(host, port)
    except OSError as error:
        remedy = (
            "use a port above 1023" if error.errno == errno.EACCES else "choose an address of this machine (--host)"
        )
        raise BadSettingError(f"cannot listen on {host} port {port} ({error.strerror}): {remedy}") from error
    if not free:
        raise PortTakenError(f"port {port} is taken by another program: stop it, or choose another with --port")
    return port
