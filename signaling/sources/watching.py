"""The watched folder: UltraStar songs go into the catalogue by themselves, other recordings become sources.

A song is taken once its files are the same in two looks, so that nothing half copied is read.
"""

import asyncio
import hashlib
import json
import logging
import os
import re
from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SongError, SongFormatError
from signaling.songs.catalogue import Catalogue, import_ultrastar
from signaling.sources.folders import Folder
from signaling.sources.trees import Recording, Tree, look
from signaling.store.database import told

PERIOD_S = 4.0
LIBRARY_PERIOD_S = 600.0
SONGS_AT_ONCE = 500  # in one look; the next look goes on
QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")  # what the file says, which no log holds

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Look:
    """What one look did."""

    added: tuple[str, ...] = ()  # song ids
    refused: tuple[str, ...] = ()  # file, line and reason


class Watch:
    """Looks at the folder every PERIOD_S. What was taken is remembered in a file, so a restart takes nothing twice."""

    def __init__(self, root: Path, folder: Folder, catalogue: Catalogue, memory: Path) -> None:
        self._root = root
        self._folder = folder
        self._catalogue = catalogue
        self._memory = memory
        self._taken: dict[str, str] | None = None  # song file, relative: mark of its folder when it was taken
        self._last_marks: dict[str, str] = {}
        self._last_stamps: dict[Path, tuple[int, int]] = {}

    async def run(self) -> None:
        while True:
            try:
                await self.look()
            except Exception as error:  # one odd file must not end the looking
                log.error("looking at the watched folder: %s", told(error))
            await asyncio.sleep(PERIOD_S)

    async def look(self) -> Look:
        """One look; a folder that is gone or cannot be read is looked at again the next time."""
        try:
            tree = await asyncio.to_thread(look, self._root)
            done = await asyncio.to_thread(self._take_songs, tree)
            await self._folder.shelve(self._settled(tree))
        except OSError as error:
            log.warning("the watched folder: %s", error.strerror or type(error).__name__)
            return Look()
        for reason in done.refused:
            log.warning("the watched folder: %s", reason)
        return done

    def _take_songs(self, tree: Tree) -> Look:
        taken = self._taken if self._taken is not None else _remembered(self._memory)
        marks = {str(path.relative_to(self._root)): mark for path in tree.song_files if (mark := _mark(path.parent))}
        settled = [name for name, mark in marks.items() if mark == self._last_marks.get(name) != taken.get(name)]
        self._last_marks, self._taken = marks, taken
        added: list[str] = []
        refused: list[str] = []
        try:
            for name in settled[:SONGS_AT_ONCE]:
                try:
                    self._take_song(name, added, refused)
                    taken[name] = marks[name]  # a refused one is asked again once it changed
                except OSError as error:  # one that cannot be read now is asked again by the next look
                    refused.append(f"{name}: {error.strerror or type(error).__name__}")
        finally:
            if settled:
                _remember(self._memory, taken)
        return Look(tuple(added), tuple(refused))

    def _take_song(self, name: str, added: list[str], refused: list[str]) -> None:
        try:
            added.append(import_ultrastar(self._catalogue, self._root / name).id)
        except SongFormatError as error:
            refused.append(f"{error.path}:{error.line}: {QUOTED.sub('...', error.reason)}")
        except SongError as error:
            refused.append(str(error))

    def _settled(self, tree: Tree) -> list[Recording]:
        stamps = {recording.files[0][1]: recording.stamp for recording in tree.recordings}
        last, self._last_stamps = self._last_stamps, stamps
        return [one for one in tree.recordings if last.get(one.files[0][1]) == one.stamp]


async def keep_scanned(folder: Folder) -> None:
    """For a library that nobody adds to in mid-song."""
    while True:
        try:
            await folder.scan()
        except Exception as error:  # one odd file must not end the looking
            log.error("looking at folder %s: %s", folder.name, told(error))
        await asyncio.sleep(LIBRARY_PERIOD_S)


def _mark(folder: Path) -> str:
    """Changes with any file beside the song file; empty where the folder cannot be read."""
    try:
        with os.scandir(folder) as entries:
            facts = [(entry.name, entry.stat(follow_symlinks=False)) for entry in entries if not entry.is_dir()]
    except OSError as error:
        log.warning("the watched folder: a song: %s", error.strerror)
        return ""
    text = "\n".join(f"{name}\0{status.st_mtime_ns}\0{status.st_size}" for name, status in sorted(facts, key=str))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:32]


def _remembered(memory: Path) -> dict[str, str]:
    try:
        found = json.loads(memory.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except ValueError:
        log.warning("what was taken from the watched folder is forgotten: its list is damaged")
        return {}
    return {str(name): str(mark) for name, mark in found.items()} if isinstance(found, dict) else {}


def _remember(memory: Path, taken: dict[str, str]) -> None:
    staged = memory.with_suffix(".new")
    staged.write_text(json.dumps(taken, ensure_ascii=True, indent=0), encoding="utf-8")
    staged.replace(memory)
