"""Temporary folders: gone afterwards, whatever happens, and emptied beside the event loop."""

import asyncio
import shutil
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from signaling.preparing.stems import Stems
from signaling.sources.disk import temporary_folder
from signaling.sources.uploads import Uploads
from signaling.store.database import create_engine
from signaling.store.sources import SourceTable

Open = Callable[[Path], AbstractAsyncContextManager[Path]]


def upload_place(folder: Path) -> AbstractAsyncContextManager[Path]:
    return Uploads(folder, SourceTable(create_engine("sqlite+aiosqlite://")), 60.0, 1000, reserve_bytes=0).place()


OPENED: list[Open] = [
    lambda folder: temporary_folder(folder, ".x-"),
    lambda folder: Stems(folder.as_uri()).place(),
    upload_place,
]


def left_in(folder: Path) -> list[Path]:
    return list(folder.rglob("large"))


@pytest.mark.parametrize("opened", OPENED)
@pytest.mark.parametrize("is_cancelled", [False, True])
async def test_a_temporary_folder_is_emptied_beside_the_event_loop(
    opened: Open, is_cancelled: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied_in: list[threading.Thread] = []
    really = shutil.rmtree

    def watched(*arguments: Any, **more: Any) -> None:
        emptied_in.append(threading.current_thread())
        really(*arguments, **more)

    monkeypatch.setattr(shutil, "rmtree", watched)
    inside = asyncio.Event()

    async def use() -> Path:
        async with opened(tmp_path) as folder:
            (folder / "large").write_bytes(b"x")
            inside.set()
            await asyncio.sleep(30 if is_cancelled else 0)
            return folder

    using = asyncio.create_task(use())
    await inside.wait()
    if is_cancelled:
        using.cancel()
    await asyncio.gather(using, return_exceptions=True)
    assert using.cancelled() == is_cancelled
    assert left_in(tmp_path) == []
    assert emptied_in
    assert threading.main_thread() not in emptied_in
