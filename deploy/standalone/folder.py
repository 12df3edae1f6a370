"""The data folder: one supervisor at a time, its run.json, its demo song."""

import fcntl
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import psutil

from deploy.standalone.errors import BadSettingError, FolderBusyError

ROOT = Path(__file__).resolve().parent.parent.parent
DEMO_CACHE = ROOT / "build/demo_song"  # made by `make setup`
DEMO_DEADLINE_S = 120.0
LEFTOVER_DEADLINE_S = 8.0
MIN_FREE_BYTES = 200 * 1024**2


class DataFolder:
    """Paths below the data folder; `lock` keeps a second supervisor out."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.run_json = path / "run.json"
        self.logs = path / "logs"
        self.demo = path / "songs/demo"
        self._lock: IO[str] | None = None

    def open(self) -> None:
        """Makes the folder and takes its lock. Raises BadSettingError or FolderBusyError."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chmod(self.path, 0o700)  # voices and names are nobody else's, also in a folder that was there
            for below in (self.logs, self.demo.parent, self.path / "takes"):
                below.mkdir(exist_ok=True)
            lock = (self.path / "lock").open("a+")
        except OSError as error:
            raise BadSettingError(
                f"the data folder {self.path} cannot be written ({error.strerror}): choose another with --data-dir"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.close()
            raise FolderBusyError(
                f"another voicejury serve runs on {self.path}: stop it, or choose another folder with --data-dir"
            ) from error
        self._lock = lock
        if shutil.disk_usage(self.path).free < MIN_FREE_BYTES:
            raise BadSettingError(f"the disk of {self.path} is full: free {MIN_FREE_BYTES // 1024**2} MB")
        self._wait_for_leftovers()

    def _wait_for_leftovers(self) -> None:
        """Services of a supervisor that was killed end by themselves; wait for them, they hold its ports."""
        deadline = time.monotonic() + LEFTOVER_DEADLINE_S
        while any(is_service(pid) for pid in self._recorded_pids()) and time.monotonic() < deadline:
            time.sleep(0.1)
        self.remove_run_json()

    def _recorded_pids(self) -> list[int]:
        try:
            recorded = json.loads(self.run_json.read_text())["pids"].values()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return []
        return [pid for pid in recorded if isinstance(pid, int)]

    def write_run_json(self, document: Mapping[str, Any]) -> None:
        fresh = self.run_json.with_suffix(".new")
        fresh.write_text(json.dumps(document, indent=2) + "\n")
        os.replace(fresh, self.run_json)

    def remove_run_json(self) -> None:
        self.run_json.unlink(missing_ok=True)

    def close(self) -> None:
        """Does nothing in a folder that another supervisor holds."""
        if self._lock is not None:
            self.remove_run_json()
            self._lock.close()
            self._lock = None

    def ensure_demo(self) -> None:
        """The demo song, copied from what set-up built, or built now. Raises BadSettingError."""
        if (self.demo / "song.json").exists():
            return
        fresh = self.demo.with_name(".demo.new")
        shutil.rmtree(fresh, ignore_errors=True)
        if (DEMO_CACHE / "song.json").exists():
            shutil.copytree(DEMO_CACHE, fresh)
        else:
            _build_demo(fresh)
        shutil.rmtree(self.demo, ignore_errors=True)
        fresh.rename(self.demo)


def _build_demo(out: Path) -> None:
    command = [sys.executable, "-m", "deploy.demo_song", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEMO_DEADLINE_S, stdin=subprocess.DEVNULL)
    if done.returncode:
        reason = (done.stderr.strip().splitlines() or ["no output"])[-1]
        raise BadSettingError(f"the demo song could not be built: {reason}")


def is_service(pid: int) -> bool:
    """Whether the pid is a process of ours, not another program that got the number since."""
    try:
        words = psutil.Process(pid).cmdline()
    except psutil.Error:
        return False
    return any(name in words for name in ("signaling", "media_server", "inference"))
