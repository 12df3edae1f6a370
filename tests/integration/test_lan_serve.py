"""`voicejury serve --lan` on a network of its own: a namespace with one address that leads nowhere."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.house import COMMAND, until
from tests.support.places import ROOT

ADDRESS = "192.0.2.10"  # RFC 5737: documentation only
PORT = 8443
LOOPBACK = ("127.0.0.1:", "[::ffff:127.0.0.1]:")  # gRPC binds IPv4 through an IPv6 socket
# Kernels without the dummy driver get the address on the loopback interface: as far from any wire.
NETWORK = (
    "ip link set lo up; if ip link add dummy0 type dummy 2>/dev/null; then name=dummy0; else name=lo; fi; "
    f'ip addr add {ADDRESS}/24 dev $name && ip link set $name up && exec "$@"'
)
TOOLS = ("unshare", "nsenter", "ip", "ss")


def reason_to_skip() -> str:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "needs root on Linux to make a network namespace"
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        return f"needs {', '.join(missing)}"
    trial = subprocess.run(["unshare", "-n", "sh", "-c", NETWORK, "sh", "true"], capture_output=True, text=True)
    return f"no network can be made here: {trial.stderr.strip()}" if trial.returncode else ""


@dataclass(frozen=True)
class LanHouse:
    """A supervisor inside the namespace."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    console: Path

    def run_json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return document

    def inside(self, *command: str) -> list[str]:
        return ["nsenter", "-t", str(self.process.pid), "-n", *command]

    def listening(self, kind: str) -> dict[str, set[str]]:
        """Service name -> local `address:port` of its sockets; kind is "-t" or "-u"."""
        done = subprocess.run(
            self.inside("ss", "-H", "-l", "-n", "-p", kind), capture_output=True, text=True, check=True
        )
        found: dict[str, set[str]] = {}
        for line in done.stdout.splitlines():
            pids = {int(pid) for pid in re.findall(r"pid=(\d+)", line)}
            for name, pid in self.run_json()["pids"].items():
                if pid in pids:
                    found.setdefault(name, set()).add(line.split()[3])
        return found


@pytest.fixture(scope="module")
def lan_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LanHouse]:
    if reason := reason_to_skip():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("lan")
    data_dir, console = folder / "data", folder / "console.log"
    serve = [*COMMAND, "serve", "--lan", "--port", str(PORT), "--data-dir", str(data_dir)]
    with console.open("wb") as log:
        process = subprocess.Popen(
            ["unshare", "-n", "sh", "-c", NETWORK, "sh", *serve],
            cwd=ROOT,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        )
    house = LanHouse(process, data_dir, console)
    try:
        until(lambda: process.poll() is not None or (data_dir / "run.json").exists(), 90, "run.json")
        assert process.poll() is None, console.read_text()
        yield house
    finally:
        process.terminate()
        process.wait(90)


@pytest.fixture(scope="module")
def singer(lan_house: LanHouse) -> Iterator[dict[str, Any]]:
    """A connected phone; what it learned."""
    certificate = str(lan_house.data_dir / "tls/cert.pem")
    script = [sys.executable, "-m", "tests.integration.lan_singer", lan_house.run_json()["url"], certificate]
    with subprocess.Popen(
        lan_house.inside(*script), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield json.loads(process.stdout.readline() or "{}")
        process.stdin.write("\n")
        process.stdin.close()
        process.wait(90)


def test_the_page_is_served_over_https_on_the_lan_address(lan_house: LanHouse) -> None:
    url = lan_house.run_json()["url"]
    assert url == f"https://{ADDRESS}:{PORT}"
    code = (
        "import ssl, sys, urllib.request as r; c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT); "
        "c.load_verify_locations(sys.argv[2]); print(r.urlopen(sys.argv[1], context=c, timeout=60).status)"
    )
    command = [sys.executable, "-c", code, f"{url}/health", str(lan_house.data_dir / "tls/cert.pem")]
    done = subprocess.run(lan_house.inside(*command), capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "200", done.stderr


def test_the_console_shows_the_address_and_a_code_to_scan(lan_house: LanHouse) -> None:
    console = lan_house.console.read_text()
    assert f"https://{ADDRESS}:{PORT}" in console
    assert sum("█" in line or "▀" in line or "▄" in line for line in console.splitlines()) >= 12


def test_media_announces_the_lan_address_and_nothing_else(singer: dict[str, Any]) -> None:
    assert singer["addresses"] == [ADDRESS]


@pytest.mark.usefixtures("singer")
def test_only_the_page_and_the_media_listen_beyond_loopback(lan_house: LanHouse) -> None:
    tcp, udp = lan_house.listening("-t"), lan_house.listening("-u")
    assert tcp["signaling"] == {f"{ADDRESS}:{PORT}"}
    for name in ("media_server", "live", "analysis"):
        assert tcp[name]
        assert all(local.startswith(LOOPBACK) for local in tcp[name]), (name, tcp[name])
    assert set(udp) == {"media_server"}
    assert all(local.startswith(f"{ADDRESS}:") for local in udp["media_server"])
