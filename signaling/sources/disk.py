"""Room on the disk, asked before something large is written."""

import shutil
from pathlib import Path

from signaling.errors import SourceError

RESERVE_BYTES = 256 * 1024**2  # for the database and the takes of who sings meanwhile


def check_free(folder: Path, reserve_bytes: int = RESERVE_BYTES) -> None:
    """Raises SourceError("disk-full"). What is free now may be gone in mid-download, so writing asks again."""
    if shutil.disk_usage(folder).free < reserve_bytes:
        raise disk_full()


def disk_full() -> SourceError:
    return SourceError("disk-full", "The disk of this installation is full; free some space, then try again.")
