"""How a process of this house starts and stops: uvloop, signals, one log line format, no orphan."""

import asyncio
import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Coroutine
from typing import Any

from voicejury import reporting, tracing

PR_SET_PDEATHSIG = 1  # linux/prctl.h
PARENT_POLL_S = 0.5
ORPHAN_GRACE_S = 5.0  # an orphan that has not cleaned up by then ends as it is


def configure_logging(service: str) -> None:
    logging.basicConfig(
        level=os.environ.get("VOICEJURY_LOG_LEVEL", "INFO"),
        format=f"%(asctime)s {service} %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    for noisy in ("aioice", "aiortc", "aiohttp.access", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)


def observe(service: str) -> None:
    """Logs; traces and error reports where the operator has set where they go."""
    configure_logging(service)
    reporting.set_up(service)
    tracing.set_up(service)


def exit_with_parent() -> None:
    """Ends this process when the supervisor dies, even by kill -9 (VOICEJURY_SUPERVISED=its pid)."""
    parent = os.environ.get("VOICEJURY_SUPERVISED")
    if not parent:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    threading.Thread(target=_watch_parent, args=(int(parent),), daemon=True, name="parent watch").start()


def _watch_parent(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_S)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(ORPHAN_GRACE_S)
    os._exit(1)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Runs `main` on uvloop where there is one; SIGTERM and SIGINT cancel it once, and it cleans up."""
    exit_with_parent()
    try:
        run_loop(_until_signal(main))
    finally:
        tracing.shut_down()
        reporting.shut_down()


def run_loop(main: Coroutine[Any, Any, None]) -> None:
    """Runs `main` on uvloop where there is one (not on Windows): 10 to 30 % less CPU."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        uvloop.run(main)


async def _until_signal(main: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(main, name="main")
    loop = asyncio.get_running_loop()
    stopping = False

    def stop() -> None:
        """A second signal must not cut the clean-up short: an orphan gets one from the kernel, one from its watch."""
        nonlocal stopping
        if not stopping:
            stopping = True
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        logging.getLogger(__name__).info("stopped")
