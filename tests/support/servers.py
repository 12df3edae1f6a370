"""Real Redis and PostgreSQL on free loopback ports, for as long as a test needs them."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.standalone.ports import free_port

START_TIMEOUT_S = 120.0
STOP_TIMEOUT_S = 60.0
POSTGRES_USER = "postgres"  # PostgreSQL refuses to run as root


@contextlib.contextmanager
def redis_server() -> Iterator[str]:
    """Yields its URL."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed")
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with tempfile.TemporaryDirectory() as folder, _running([binary, *options, "--dir", folder], port, None):
        yield f"redis://127.0.0.1:{port}/0"


@contextlib.contextmanager
def postgres_server() -> Iterator[str]:
    """Yields the URL of an empty cluster's `postgres` database."""
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    user = POSTGRES_USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="voicejury-pg-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in (Path(folder), data):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        binary = str(binaries / "initdb")
        initdb = [binary, "-D", str(data), "-U", POSTGRES_USER, "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(initdb, user=user, check=True, capture_output=True, timeout=180, cwd="/")
        port = free_port()
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=60")
        options = [part for setting in settings for part in ("-c", setting)]
        with _running([str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options], port, user):
            wait_until_ready(str(binaries / "pg_isready"), port)
            yield f"postgresql://{POSTGRES_USER}@127.0.0.1:{port}/postgres"


def postgres_binaries() -> Path | None:
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return debian[-1].parent if debian else None


@contextlib.contextmanager
def _running(command: list[str], port: int, user: str | None) -> Iterator[None]:
    with subprocess.Popen(command, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/") as process:
        try:
            wait_for(port, process)
            yield
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL: end now, without waiting for clients
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()


def wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended with code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nothing listens on port {port} after {START_TIMEOUT_S:.0f} s")


def wait_until_ready(pg_isready: str, port: int) -> None:
    """The port is open before the server takes connections."""
    deadline = time.monotonic() + START_TIMEOUT_S
    while subprocess.run([pg_isready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, timeout=60).returncode:
        if time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL is not ready after {START_TIMEOUT_S:.0f} s")
        time.sleep(0.1)
