"""`python -m inference` as the supervisor starts it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from voicejury.rpc import client_channel, is_serving

from deploy.standalone.ports import free_port as free_port
from tests.contract.singing import SECRET, replies, send, sing_call, sung_scale, take

START_S = 180.0


@contextmanager
def process(folder: Path, role: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("VOICEJURY_")}
    environment |= {"VOICEJURY_SECRET": SECRET, "VOICEJURY_DATA_DIR": str(folder)} | settings
    command = [sys.executable, "-m", "inference", "--role", role]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as judge:
        try:
            yield judge
        finally:
            judge.kill()


async def wait_until_serving(address: str, service: str) -> None:
    deadline_s = time.monotonic() + START_S
    async with client_channel(address) as channel:
        while not await is_serving(channel, 2, service):
            assert time.monotonic() < deadline_s, f"{service} does not answer"
            await asyncio.sleep(0.05)  # to ask without a pause takes the core that the service starts on


async def test_the_live_judge_serves_and_stops_cleanly_on_sigterm(tmp_path: Path) -> None:
    address, metrics_port = f"127.0.0.1:{free_port()}", free_port()
    settings = {"VOICEJURY_LISTEN": address, "VOICEJURY_METRICS_PORT": str(metrics_port)}
    with process(tmp_path, "live", **settings) as judge:
        await wait_until_serving(address, "voicejury.v1.LiveService")
        async with sing_call(address) as call:
            await send(call, *take("a", sung_scale()))
            assert (await replies(call))[-1].HasField("ended")
        with urllib.request.urlopen(f"http://127.0.0.1:{metrics_port}/metrics", timeout=60) as page:  # noqa: ASYNC210
            assert b"voicejury_live_windows_total" in page.read()
        judge.send_signal(signal.SIGTERM)
        _, log = judge.communicate(timeout=60)
    assert judge.returncode == 0
    assert "Traceback" not in log
    assert SECRET not in log


async def test_the_analysis_serves_at_a_lower_priority(tmp_path: Path) -> None:
    address = f"127.0.0.1:{free_port()}"
    with process(tmp_path, "analysis", VOICEJURY_LISTEN=address, VOICEJURY_FINAL_PITCH="tiny") as judge:
        await wait_until_serving(address, "voicejury.v1.AnalysisService")
        await wait_until_serving(address, "voicejury.v1.TesterService")
        assert os.getpriority(os.PRIO_PROCESS, judge.pid) >= os.getpriority(os.PRIO_PROCESS, 0) + 5
        judge.send_signal(signal.SIGTERM)
        assert judge.wait(60) == 0


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"VOICEJURY_SECRET": "short"}, "VOICEJURY_SECRET"),
        ({"VOICEJURY_LISTEN": "nowhere"}, "VOICEJURY_LISTEN"),
        ({"VOICEJURY_FINAL_PITCH": "large"}, "VOICEJURY_FINAL_PITCH"),
        ({"VOICEJURY_LIVE_PITCH": "full"}, "VOICEJURY_LIVE_PITCH"),
    ],
)
def test_wrong_settings_are_named_in_one_line(tmp_path: Path, settings: dict[str, str], named: str) -> None:
    with process(tmp_path, "live", **settings) as judge:
        _, log = judge.communicate(timeout=START_S)
    assert judge.returncode == 2
    assert named in log
    assert log.count("\n") == 1


def test_an_address_in_use_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with process(tmp_path, "live", VOICEJURY_LISTEN=address) as judge:
            _, log = judge.communicate(timeout=START_S)
    assert judge.returncode == 1
    assert f"cannot listen on {address}" in log
    assert "Traceback" not in log
