"""Room on the disk, asked before something large is written."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from signaling.errors import SourceError

RESERVE_BYTES = 256 * 1024**2  # for the database and the takes of who sings meanwhile


def check_free(folder: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
    """Raises SourceError("disk-full"). What is free now may be gone in mid-download, so writing asks again."""
    if shutil.disk_usage(folder).free < reserve_bytes:
        raise disk_full()


@asynccontextmanager
async def temporary_folder(parent: Path, prefix: str) -> AsyncIterator[Path]:
    """Deleted with all that is in it, however much that is, without holding up anybody else."""
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def disk_full() -> SourceError:
    return SourceError("disk-full", "The disk of this installation is full; free some space, then try again.")
