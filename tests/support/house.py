"""The whole house, started as a user starts it: `voicejury serve` on a free port over a folder of its own."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

from deploy.standalone.ports import free_port as free_port
from tests.support.places import ROOT

START_TIMEOUT_S = 180.0
STOP_TIMEOUT_S = 60.0
COMMAND = (sys.executable, "-m", "deploy.cli")
NOWHERE = "http://127.0.0.1:1"
# A house under test asks nobody outside, whatever is typed into its page.
NO_OUTSIDE = {"VOICEJURY_YOUTUBE": "false", "LRCLIB_URL": NOWHERE, "GENIUS_URL": NOWHERE, "GENIUS_API_URL": NOWHERE}
BUSY = {"VOICEJURY_MAX_LOOP_LAG_MS": "10000"}  # a machine that does other work as well still lets singers in


class HouseError(Exception):
    """The services did not start, stop or answer; the text holds the end of their log."""


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    body: Any
    headers: Mapping[str, str]


def until(condition: Callable[[], bool], timeout_s: float, what: str, step_s: float = 0.1) -> None:
    """Raises HouseError when the condition is not true in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            raise HouseError(f"waited {timeout_s:.0f} s for {what}")
        time.sleep(step_s)


class House:
    """One supervisor and its five services."""

    def __init__(self, data_dir: Path, environment: Mapping[str, str] | None = None) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.environment = {**os.environ, **NO_OUTSIDE, **BUSY, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._log = data_dir.parent / f"{data_dir.name}.log"

    @property
    def url(self) -> str:
        return str(self.run_json()["url"])

    def run_json(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads((self.data_dir / "run.json").read_text())
        return document

    def pid(self, service: str) -> int:
        return int(self.run_json()["pids"][service])

    def start(self) -> None:
        command = [*COMMAND, "serve", "--port", str(self.port), "--data-dir", str(self.data_dir)]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        try:
            until(self._answers, START_TIMEOUT_S, "run.json of `voicejury serve`", 0.2)
        except HouseError as error:
            self.stop()
            raise HouseError(f"{error}\n{self.log_tail()}") from None

    def _answers(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise HouseError(f"`voicejury serve` ended with {self._process.returncode}")
        return (self.data_dir / "run.json").exists()

    def log_tail(self, lines: int = 40) -> str:
        texts = [file.read_text(errors="replace") for file in (self._log, *sorted(self.data_dir.glob("logs/*.log")))]
        return "\n".join(line for text in texts for line in text.splitlines()[-lines:])

    def stop(self) -> None:
        """As Ctrl-C does; raises HouseError when a service is left over."""
        if self._process is None:
            return
        family = psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else []
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(STOP_TIMEOUT_S)
        self._process = None
        _, left = psutil.wait_procs(family, timeout=30)
        for orphan in left:
            orphan.kill()
        if left:
            raise HouseError(f"left running after the stop: {[orphan.pid for orphan in left]}")

    def kill(self, service: str) -> int:
        """kill -9; returns the pid that died."""
        pid = self.pid(service)
        os.kill(pid, signal.SIGKILL)
        return pid

    def await_restart(self, service: str, old_pid: int, timeout_s: float = 120.0) -> None:
        until(lambda: self._has_restarted(service, old_pid), timeout_s, f"the restart of {service}")

    def _has_restarted(self, service: str, old_pid: int) -> bool:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return self.pid(service) != old_pid
        return False

    def command(self, *arguments: str, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
        """Runs `voicejury ...` on this house's data folder."""
        environment = {**self.environment, "VOICEJURY_DATA_DIR": str(self.data_dir)}
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )

    def http(self, method: str, path: str, body: object = None, token: str = "", timeout_s: float = 60.0) -> HttpAnswer:
        """One call to the API; a refusal is an answer, not an exception."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = Request(self.url + path, data=data, method=method, headers={"content-type": "application/json"})
        if token:
            request.add_header("authorization", f"Bearer {token}")
        try:
            with urlopen(request, timeout=timeout_s) as reply:
                return _answer(reply.status, reply.read(), dict(reply.headers))
        except HTTPError as refusal:
            with refusal:
                return _answer(refusal.code, refusal.read(), dict(refusal.headers))

    def is_healthy(self) -> bool:
        try:
            return bool(self.http("GET", "/health").body.get("status") == "ok")
        except (URLError, OSError, AttributeError):
            return False


def _answer(status: int, raw: bytes, headers: Mapping[str, str]) -> HttpAnswer:
    lowered = {name.lower(): value for name, value in headers.items()}
    is_json = "json" in lowered.get("content-type", "")
    return HttpAnswer(status, json.loads(raw) if is_json and raw else raw, lowered)


@contextlib.contextmanager
def running_house(data_dir: Path, environment: Mapping[str, str] | None = None) -> Iterator[House]:
    house = House(data_dir, environment)
    house.start()
    try:
        yield house
    finally:
        house.stop()
