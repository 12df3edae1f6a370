"""Real Redis and PostgreSQL that are killed with -9 and started again on the same port and folder."""

import os
import pwd
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

import psutil
import pytest

from tests.support.house import free_port, until
from tests.support.servers import POSTGRES_USER, postgres_binaries, wait_for, wait_until_ready

RESTART_S = 120.0


class Killable:
    """One server process."""

    def __init__(self, command: list[str], port: int, url: str, user: str | None = None, ready: str = "") -> None:
        self._command = command
        self._port = port
        self.url = url
        self._user = user
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Tries again while the system still clears up after the killed one."""
        until(self._started, RESTART_S, f"{self._command[0]} to start", 0.2)
        if self._ready:
            wait_until_ready(self._ready, self._port)

    def _started(self) -> bool:
        self._process = subprocess.Popen(
            self._command, user=self._user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/"
        )
        try:
            wait_for(self._port, self._process)
        except RuntimeError:
            return False
        return True

    def kill(self) -> None:
        """kill -9 of the server and everything that it started."""
        if self._process is None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait(60)
        for child in family:
            child.kill() if child.is_running() else None
        psutil.wait_procs(family, timeout=60)


@contextmanager
def killable_redis() -> Iterator[Killable]:
    binary = which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
        server = Killable([binary, *options], port, f"redis://127.0.0.1:{port}/0")
        server.start()
        try:
            yield server
        finally:
            server.kill()


@contextmanager
def killable_postgres() -> Iterator[Killable]:
    binaries = postgres_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL is not installed")
    user = POSTGRES_USER if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="voicejury-pg-", ignore_cleanup_errors=True) as folder:
        data = Path(folder) / "data"
        data.mkdir()
        if user is not None:
            entry = pwd.getpwnam(user)
            for path in (Path(folder), data):
                os.chown(path, entry.pw_uid, entry.pw_gid)
        initdb = [str(binaries / "initdb"), "-D", str(data), "-U", POSTGRES_USER, "-A", "trust", "-E", "UTF8"]
        subprocess.run([*initdb, "--no-sync"], user=user, check=True, capture_output=True, timeout=120, cwd="/")
        port = free_port()
        settings = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=100")
        options = [part for setting in settings for part in ("-c", setting)]
        command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), *options]
        url = f"postgresql://{POSTGRES_USER}@127.0.0.1:{port}/postgres"
        server = Killable(command, port, url, user, str(binaries / "pg_isready"))
        server.start()
        try:
            yield server
        finally:
            server.kill()
