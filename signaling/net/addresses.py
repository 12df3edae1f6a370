"""Whether an address that a user gave may be asked: allowed host, https, public after DNS."""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from signaling.errors import SourceError

MAX_URL_CHARACTERS = 2048
HTTPS_PORT = 443
RESOLVE_S = 5.0
NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address in the last 32 bits
Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class AllowedHosts:
    """The operator's list. An entry with a port is that very endpoint: http too, and on any network."""

    hosts: frozenset[str]
    endpoints: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    host: str
    port: int
    ips: tuple[str, ...]
    is_listed_endpoint: bool


def allowed_hosts(listed: str) -> AllowedHosts:
    """Reads `host,host:port,...`."""
    hosts, endpoints = set(), set()
    for entry in filter(None, (part.strip().lower() for part in listed.split(","))):
        host, colon, port = entry.rpartition(":")
        if colon and port.isdecimal():
            endpoints.add((host.strip("[]"), int(port)))
        else:
            hosts.add(entry)
    return AllowedHosts(frozenset(hosts), frozenset(endpoints))


def is_public(ip: str) -> bool:
    """Whether the address is one of the open internet, whatever form it hides in."""
    try:
        address = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        hidden = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in NAT64:
            hidden = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if hidden is not None:
            return hidden.is_global and not hidden.is_multicast
    return address.is_global and not address.is_multicast


async def check_address(url: str, allowed: AllowedHosts, resolve: Resolve | None = None) -> Address:
    """The address with what its name stands for now; SourceError("source-refused") when it is not to be asked."""
    parts = _split(url)
    host, port = (parts.hostname or "").rstrip("."), _port(parts)
    listed = (host, port) in allowed.endpoints
    if parts.scheme != "https" and not (parts.scheme == "http" and listed):
        raise _refused("Only https addresses are taken.")
    if not listed and (host not in allowed.hosts or port != HTTPS_PORT):
        raise _refused("This site is not on the list of this installation.")
    ips = await _resolved(host, port, resolve or system_resolve)
    if not listed and not all(is_public(ip) for ip in ips):
        raise _refused("This address leads into a private network.")
    return Address(url, host, port, tuple(ips), listed)


async def system_resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _split(url: str) -> SplitResult:
    if len(url) > MAX_URL_CHARACTERS:
        raise _refused(f"An address has {MAX_URL_CHARACTERS} characters at most.")
    if not url.isascii() or any(letter <= " " or letter in '\\"<>^`{|}\x7f' for letter in url):
        raise _refused("This is not an address.")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise _refused("This is not an address.") from error
    if parts.username is not None or parts.password is not None:
        raise _refused("An address with a user name or a password is not taken.")
    if not parts.hostname:
        raise _refused("This is not an address.")
    return parts


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else {"http": 80}.get(parts.scheme, HTTPS_PORT)


async def _resolved(host: str, port: int, resolve: Resolve) -> list[str]:
    try:
        async with asyncio.timeout(RESOLVE_S):
            ips = await resolve(host, port)
    except (OSError, TimeoutError, UnicodeError) as error:
        raise SourceError("no-network", f"The name {host} cannot be found: is this machine on the internet?") from error
    if not ips:
        raise SourceError("no-network", f"The name {host} cannot be found: is this machine on the internet?")
    return ips


def _refused(detail: str) -> SourceError:
    return SourceError("source-refused", detail)
