"""A service's log file, bounded in size; warnings also go to the console as short lines."""

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

MAX_BYTES = 5 * 1024**2  # and once more in the file before, `<service>.log.1`
CONSOLE_LINE = 160
MAX_LINE_BYTES = 16 * 1024
TAIL_BYTES = 4096
TAIL_LINES = 12
LOUD = (b" WARNING ", b" ERROR ", b" CRITICAL ")


class BoundedLog:
    """Appends lines; at MAX_BYTES the file becomes `.1` and a new one begins. Safe for several threads."""

    def __init__(self, path: Path, show: Callable[[str], None], max_bytes: int = MAX_BYTES) -> None:
        self.path = path
        self._show = show
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._file = self._opened()

    def _opened(self) -> BinaryIO:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "ab", buffering=0)

    def write(self, line: bytes) -> None:
        with self._lock:
            if self._file.closed:
                return
            if self._file.tell() + len(line) > self._max_bytes:
                self._file.close()
                os.replace(self.path, self.path.with_name(self.path.name + ".1"))
                self._file = self._opened()
            self._file.write(line)
        if any(level in line for level in LOUD):
            self._show(line.decode(errors="replace").rstrip()[:CONSOLE_LINE])

    def tail(self) -> str:
        """The last lines, for a message about a failure."""
        with self.path.open("rb") as file:
            file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL_BYTES))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-TAIL_LINES:])

    def follow(self, pipe: BinaryIO) -> None:
        """Copies the pipe line by line until its last writer is gone; a full disk loses lines, never blocks."""
        with pipe:
            while line := pipe.readline(MAX_LINE_BYTES):
                try:
                    self.write(line)
                except OSError as error:
                    self._show(f"{self.path.name} cannot be written: {error.strerror}")

    def close(self) -> None:
        with self._lock:
            self._file.close()
