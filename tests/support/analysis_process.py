"""The analysis in a process of its own, as it runs in the house: its address, its CPU time, its memory."""

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import psutil
from voicejury.rpc import bearer_metadata, client_channel, is_serving
from voicejury.tokens import Scope, mint

SECRET = "a secret of a bench that is long enough"
READY_S = 300.0  # on a machine on which numba has compiled nothing yet


@dataclass(frozen=True, slots=True)
class AnalysisProcess:
    """A running one; `takes` is where spools lie."""

    process: psutil.Process
    channel: grpc.aio.Channel
    takes: Path

    @property
    def cpu_s(self) -> float:
        used = self.process.cpu_times()
        return float(used.user + used.system)

    @property
    def peak_mb(self) -> float:
        """The most memory that it has ever held."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        peak_kb = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
        return int(peak_kb) / 1e3

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return bearer_metadata(mint(SECRET, Scope.SERVICE, "bench", 3600.0))


@asynccontextmanager
async def analysis_process(data_dir: Path, **environment: str) -> AsyncIterator[AnalysisProcess]:
    """Ready to judge; its log lies in the data folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    settings = {"VOICEJURY_SECRET": SECRET, "VOICEJURY_LISTEN": address, "VOICEJURY_DATA_DIR": str(data_dir)}
    process = _started({**os.environ, **settings, **environment}, data_dir / "analysis.log")
    try:
        async with client_channel(address) as channel, asyncio.timeout(READY_S):
            while not await is_serving(channel, 2.0):
                if process.poll() is not None:
                    raise RuntimeError(f"the analysis ended at once: {_last_line(data_dir / 'analysis.log')}")
                await asyncio.sleep(0.2)
        async with client_channel(address) as channel:
            yield AnalysisProcess(psutil.Process(process.pid), channel, data_dir / "takes")
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20.0)


def _started(environment: dict[str, str], log: Path) -> "subprocess.Popen[bytes]":
    with log.open("wb") as file:
        return subprocess.Popen([sys.executable, "-m", "inference", "--role", "analysis"], env=environment, stderr=file)


def _last_line(log: Path) -> str:
    return log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
