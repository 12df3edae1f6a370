"""Addresses that users give: which are asked, and which are refused before anything is sent."""

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.config import Settings
from signaling.errors import SourceError
from signaling.net.addresses import AllowedHosts, allowed_hosts, check_address, is_public
from signaling.net.guard import Guard

ALLOWED = allowed_hosts("youtube.com, www.youtube.com,youtu.be,music.home:8080")
PUBLIC = "142.250.74.46"


async def check(url: str, *ips: str) -> Any:
    async def resolve(_host: str, _port: int) -> list[str]:
        return list(ips or (PUBLIC,))

    return await check_address(url, ALLOWED, resolve)


@pytest.mark.parametrize(
    "url",
    ["https://youtube.com/watch?v=1", "https://WWW.YouTube.com/x", "https://youtu.be/1", "https://youtube.com:443/1"],
)
async def test_allowed_addresses_pass_with_what_they_stand_for(url: str) -> None:
    address = await check(url)
    assert (address.ips, address.port, address.is_listed_endpoint) == ((PUBLIC,), 443, False)


@pytest.mark.parametrize(
    "url",
    [
        "http://youtube.com/watch?v=1",
        "ftp://youtube.com/x",
        "file:///etc/passwd",
        "file://youtube.com/etc/passwd",
        "data:text/plain,x",
        "//youtube.com/x",
        "youtube.com/watch?v=1",
        "https://youtube.com:8443/x",
        "https://youtube.com:22/x",
        "https://youtube.com.evil.example/x",
        "https://evil.example/?u=https://youtube.com/",
        "https://youtube.com@evil.example/x",
        "https://evil.example#@youtube.com/",
        "https://user:secret@youtube.com/x",
        "https://youtube.com\\@evil.example/x",
        "https://youtube.com/\nHost: evil",
        "https://youtube.com/a b",
        "https://ýoutube.com/x",
        "https://127.0.0.1/x",
        "https://[::1]/x",
        "https://2130706433/x",
        "https://0x7f000001/x",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/x",
        "https://youtube.com:99999/x",
        "https://[youtube.com/x",
        "https:///x",
        "",
        "https://youtube.com/" + "x" * 3000,
    ],
)
async def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SourceError) as refused:
        await check(url)
    assert refused.value.code == "source-refused"
    assert "evil" not in refused.value.detail


@pytest.mark.parametrize(
    "ip",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "239.255.255.250", "255.255.255.255", "192.0.2.1", "198.18.0.1", "::", "::1", "fe80::1"),
        *("fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        *("2002:7f00:1::", "2001:db8::1", "fe80::1%eth0", "not-an-ip", ""),
    ],
)
async def test_an_allowed_name_that_leads_into_a_private_network_is_refused(ip: str) -> None:
    assert not is_public(ip)
    with pytest.raises(SourceError, match="private network"):
        await check("https://youtube.com/x", PUBLIC, ip)


@pytest.mark.parametrize("ip", ["142.250.74.46", "1.1.1.1", "2a00:1450:4007:80c::200e", "64:ff9b::101:101"])
def test_addresses_of_the_open_internet_are_public(ip: str) -> None:
    assert is_public(ip)


async def test_an_endpoint_that_the_operator_listed_may_be_private_and_plain() -> None:
    address = await check("http://music.home:8080/song", "192.168.1.5")
    assert address.is_listed_endpoint
    for url in ("http://music.home/song", "http://music.home:8081/song", "https://music.home/song"):
        with pytest.raises(SourceError):
            await check(url, "192.168.1.5")


async def test_a_name_that_is_not_found_is_no_network() -> None:
    async def nobody(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    async def nothing(_host: str, _port: int) -> list[str]:
        return []

    for resolve in (nobody, nothing):
        with pytest.raises(SourceError) as refused:
            await check_address("https://youtube.com/x", ALLOWED, resolve)
        assert refused.value.code == "no-network"


@given(st.text(max_size=80))
def test_no_text_passes_that_does_not_name_a_listed_host(text: str) -> None:
    for url in (text, "https://" + text, "https://youtube.com" + text):
        try:
            address = asyncio.run(check(url))
        except SourceError:
            continue
        assert address.host in ALLOWED.hosts or (address.host, address.port) in ALLOWED.endpoints


def test_the_guard_lets_https_to_the_open_internet_and_listed_endpoints_through_and_nothing_else() -> None:
    guard = Guard([("127.0.0.1", 8080)])
    assert guard.allows(PUBLIC, 443)
    assert guard.allows("127.0.0.1", 8080)
    for ip, port in ((PUBLIC, 80), (PUBLIC, 22), ("127.0.0.1", 443), ("10.0.0.1", 443), ("::1", 443)):
        assert not guard.allows(ip, port)


@pytest.mark.parametrize(
    ("name", "port", "is_allowed"),
    [
        ("www.youtube.com", 443, True),
        ("RR3---sn.googlevideo.com.", 443, True),
        ("music.home", 8080, True),
        ("music.home", 443, False),
        ("notyoutube.com", 443, False),
        ("youtube.com.evil.example", 443, False),
        (PUBLIC, 443, False),
        ("localhost", 8080, False),
        ("", 443, False),
    ],
)
def test_the_guard_knows_hosts_by_name(name: str, port: int, is_allowed: bool) -> None:
    guard = Guard([("music.home", 8080), ("127.0.0.1", 8080)], ["youtube.com", "googlevideo.com"])
    assert guard.allows_name(name, port) is is_allowed


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.create_connection(('localhost', 9), 1)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))",
        "socket.gethostbyname('localhost')",
        "subprocess.run(['ffmpeg', '-version'])",
        "os.system('true')",
        "os.execv('/bin/true', ['true'])",
    ],
)
def test_a_guarded_process_goes_nowhere_and_starts_nothing(attempt: str) -> None:
    code = (
        "import os, socket, subprocess, sys\nfrom signaling.net.guard import *\n"
        "Guard([], ['example.org'], [sys.executable]).install()\n"
        "subprocess.run([sys.executable, '-c', ''], check=True)\n"
        f"try:\n    {attempt}\n"
        "except (RefusedConnectionError, RefusedProgramError):\n    print('refused')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout == "refused\n"


def test_the_default_list_holds_youtube_only() -> None:
    allowed = allowed_hosts(Settings.model_fields["source_hosts"].default)
    assert allowed.endpoints == frozenset()
    assert all(host == "youtu.be" or host.endswith("youtube.com") for host in allowed.hosts)
    assert allowed_hosts("") == AllowedHosts(frozenset())
