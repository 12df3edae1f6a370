"""Takes die: a folder is deleted `ttl_s` after its spool was last written, which is when its session ended."""

import asyncio
import logging
import shutil
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from media_server import metrics
from media_server.take import SPOOL_NAME

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sweep:
    """What one sweep did."""

    deleted: int
    stuck: frozenset[str]  # session ids whose voices are still on the disk, or in part


def expired(takes_dir: Path, ttl_s: float, now_unix_s: float, live_ids: Collection[str]) -> list[Path]:
    """Folders whose time has come. A session with a live peer is never among them."""
    if not takes_dir.is_dir():
        return []
    folders = [path for path in takes_dir.iterdir() if path.is_dir() and not path.is_symlink()]
    return [path for path in folders if path.name not in live_ids and now_unix_s - _last_write_s(path) > ttl_s]


def _last_write_s(folder: Path) -> float:
    """The spool's last write; the verdict beside it may be written again and again. 0 when just deleted."""
    try:
        spool = folder / SPOOL_NAME
        return (spool if spool.exists() else folder).stat().st_mtime
    except FileNotFoundError:
        return 0.0


def sweep(takes_dir: Path, ttl_s: float, now_unix_s: float, live_ids: Collection[str]) -> Sweep:
    """Deletes what has expired; what cannot be deleted keeps nothing else from it."""
    folders = expired(takes_dir, ttl_s, now_unix_s, live_ids)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    stuck = frozenset(folder.name for folder in folders if folder.exists())
    deleted = len(folders) - len(stuck)
    metrics.TAKES_DELETED.inc(deleted)
    return Sweep(deleted, stuck)


async def sweep_for_ever(takes_dir: Path, ttl_s: float, live_ids: Callable[[], Collection[str]]) -> None:
    period_s = min(60.0, max(0.1, ttl_s / 4))
    told: frozenset[str] = frozenset()
    while True:
        try:
            done = await asyncio.to_thread(sweep, takes_dir, ttl_s, time.time(), frozenset(live_ids()))
        except OSError as error:
            logger.error("the folder of the takes cannot be read: %s", error)
        else:
            if done.deleted:
                logger.info("%d takes deleted after their time", done.deleted)
            for session_id in done.stuck - told:
                logger.error("session %s: the take's time is over and its folder cannot be deleted", session_id)
            told = done.stuck
        await asyncio.sleep(period_s)
