"""Analysis processes that can be killed and frozen, and the rows of their job store."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import grpc
import psutil
import sqlalchemy as sa
from voicejury.rpc import bearer_metadata, client_channel, is_serving
from voicejury.tokens import Scope, mint
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc

from inference.jobs.stages import Stage
from inference.jobs.tables import JOBS, open_tables
from tests.support.house import free_port
from tests.support.places import ROOT

SECRET = "a secret for tests that is long enough"
START_S = 120.0
WAIT_S = 300.0  # a machine under load starts a process in a minute
STEP_S = 0.004
EVERY_STEP = [stage.value for stage in Stage]


class Analysis:
    """`python -m inference --role analysis` over a data folder; several may share one."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self._log = data_dir.parent / f"analysis-{self.address[-5:]}.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEJURY_")}
        given = {"secret": SECRET, "data_dir": str(data_dir), "listen": self.address, "final_pitch": "tiny", **settings}
        self._environment = kept | {f"VOICEJURY_{name.upper()}": value for name, value in given.items()}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Analysis":
        command = [sys.executable, "-m", "inference", "--role", "analysis"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        return self

    async def ready(self) -> "Analysis":
        deadline_s = time.monotonic() + START_S
        async with client_channel(self.address) as channel:
            while not await is_serving(channel, 2, "voicejury.v1.AnalysisService"):
                if self.process.poll() is not None or time.monotonic() > deadline_s:
                    raise RuntimeError(f"the analysis does not answer: {self.log[-2000:]}")
                await asyncio.sleep(0.05)
        return self

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("not started")
        return self._process

    @property
    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(60)

    def spoken_to(self) -> list[str]:
        """The addresses at the other end of its connections."""
        connections = psutil.Process(self.process.pid).net_connections(kind="inet")
        return [connection.raddr.ip for connection in connections if connection.raddr]

    async def judge(self, request: analysis_pb2.JudgeRequest) -> list[analysis_pb2.JudgeEvent]:
        """Every event of one call. Raises grpc.aio.AioRpcError."""
        async with client_channel(self.address) as channel:
            metadata = bearer_metadata(mint(SECRET, Scope.SERVICE, "test", 300))
            call = analysis_pb2_grpc.AnalysisServiceStub(channel).Judge(request, metadata=metadata, timeout=WAIT_S)
            return [event async for event in call]

    async def verdict(self, request: analysis_pb2.JudgeRequest) -> analysis_pb2.JudgeEvent:
        """The last event, asked for again while the process is away, as signaling does."""
        deadline_s = time.monotonic() + WAIT_S
        while True:
            try:
                return (await self.judge(request))[-1]
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.UNAVAILABLE or time.monotonic() > deadline_s:
                    raise
            await asyncio.sleep(0.1)


@contextmanager
def analysis(data_dir: Path, **settings: str) -> Iterator[Analysis]:
    data_dir.mkdir(parents=True, exist_ok=True)
    process = Analysis(data_dir, **settings).start()
    try:
        yield process
    finally:
        process.thaw()
        process.kill()


class JobRows:
    """What the job store holds, as any other process sees it."""

    def __init__(self, store_url: str) -> None:
        self._engine = open_tables(store_url)

    def job(self, job_id: str) -> dict[str, Any] | None:
        with self._engine.connect() as connection:
            row = connection.execute(sa.select(JOBS).where(JOBS.c.job_id == job_id)).first()
        return dict(row._mapping) if row is not None else None

    def steps(self, job_id: str) -> list[str]:
        """The steps that were recorded, in order; each once."""
        schema = "dbos." if self._engine.dialect.name == "postgresql" else ""
        query = f"SELECT function_name FROM {schema}operation_outputs WHERE workflow_uuid = :id ORDER BY function_id"
        with self._engine.connect() as connection:
            return [str(name) for name in connection.execute(sa.text(query), {"id": job_id}).scalars()]

    async def until(self, job_id: str, **wanted: object) -> dict[str, Any]:
        """The row as soon as it holds these values."""
        deadline_s = time.monotonic() + WAIT_S
        while True:
            row = self.job(job_id)
            if row is not None and all(row[name] == value for name, value in wanted.items()):
                return row
            if time.monotonic() > deadline_s:
                raise AssertionError(f"{job_id} did not become {wanted} within {WAIT_S:.0f} s: {row}")
            await asyncio.sleep(STEP_S)

    async def until_steps(self, job_id: str, wanted: list[str]) -> None:
        """As soon as these steps are recorded, and no more."""
        deadline_s = time.monotonic() + WAIT_S
        while (steps := self.steps(job_id)) != wanted:
            if time.monotonic() > deadline_s:
                raise AssertionError(f"{job_id} did not record {wanted} within {WAIT_S:.0f} s: {steps}")
            await asyncio.sleep(STEP_S)

    def close(self) -> None:
        self._engine.dispose()


async def freeze_within(process: Analysis, rows: JobRows, job_id: str, stage: str) -> None:
    """Stops the process while it works on that stage: what it does next, it does frozen."""
    while True:
        await rows.until(job_id, stage=stage, is_busy=True)
        process.freeze()
        row = rows.job(job_id)
        if row is not None and (row["stage"], row["is_busy"]) == (stage, True):
            return
        process.thaw()
        raise AssertionError(f"{stage} was over too soon: {row}")
