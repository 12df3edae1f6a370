"""Signaling as a process of its own, so that it can be killed."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.support.places import ROOT

START_S = 60.0
NOWHERE = "127.0.0.1:1"


def environment(data_dir: Path, port: int, secret: str, **settings: str) -> dict[str, str]:
    """Settings by their names without the prefix; no other service is there unless it is given."""
    given = {
        "secret": secret,
        "data_dir": str(data_dir),
        "port": str(port),
        **{f"{name}_url": NOWHERE for name in ("media", "live", "analysis")},
        "youtube": "false",
        **settings,
    }
    outside = {name: f"http://{NOWHERE}" for name in ("LRCLIB_URL", "GENIUS_URL", "GENIUS_API_URL")}
    return {**os.environ, **outside, **{f"VOICEJURY_{name.upper()}": value for name, value in given.items()}}


@asynccontextmanager
async def signaling_process(settings: Mapping[str, str], log: Path) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """Running and answering; killed at the end, if it still runs."""
    process = _started(settings, log)
    try:
        await _answers(process, f"http://127.0.0.1:{settings['VOICEJURY_PORT']}", log)
        yield process
    finally:
        process.kill()
        process.wait(60)


async def _answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    async with aiohttp.ClientSession() as client, asyncio.timeout(START_S):
        while process.poll() is None:
            try:
                async with client.get(f"{url}/metrics"):
                    return
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
    raise RuntimeError(f"signaling ended with code {process.poll()}: {_end_of(log)}")


def _started(settings: Mapping[str, str], log: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "signaling"]
    with log.open("ab") as out:
        return subprocess.Popen(command, cwd=ROOT, env=settings, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def _end_of(log: Path) -> str:
    return log.read_text()[-2000:]
