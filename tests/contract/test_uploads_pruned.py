"""Old uploads are deleted one by one: what cannot be deleted, or is gone meanwhile, holds up no other."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.sources.uploads import Uploads
from signaling.store.database import open_database
from signaling.store.sources import SourceTable


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    opened = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'sources.db'}")
    yield opened
    await opened.dispose()


async def test_what_cannot_be_deleted_holds_up_no_other(engine: AsyncEngine, tmp_path: Path) -> None:
    folder = tmp_path / "uploads"
    for name in ("b", "d", "f", "h"):
        (folder / name).mkdir(parents=True)  # no upload, and not deleted as one
    for name in ("a", "c", "e", "g"):
        (folder / name).write_bytes(b"sound")
    (folder / "lost").symlink_to(tmp_path / "nowhere")
    for entry in folder.iterdir():
        os.utime(entry, (1, 1), follow_symlinks=False)
    (folder / "new").write_bytes(b"sound")
    assert await Uploads(folder, SourceTable(engine), 60.0, 1000).prune(3600.0) == 5
    assert sorted(entry.name for entry in folder.iterdir()) == ["b", "d", "f", "h", "new"]
