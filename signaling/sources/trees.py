"""What lies in a tree of folders: UltraStar songs, karaoke pairs, recordings with the words beside them.

Bounded in depth and number; symbolic links and hidden files are not followed.
"""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from signaling.songs.encoding import HEAD_BYTES, is_song_text

MAX_DEPTH = 8
MAX_ENTRIES = 200_000
MAX_TEXT_BYTES = 2 * 1024 * 1024
AUDIO = frozenset({".mp3", ".m4a", ".ogg", ".oga", ".opus", ".flac", ".wav", ".aiff", ".aif", ".wma", ".aac", ".webm"})
PAIR = re.compile(
    r"(?P<name>.+?)[\s_.-]*[(\[]?\s*(?:(?P<backing>instrumental|karaoke|karaoké|backing|playback|no[ _]vocals)"
    r"|(?P<voice>vocals?|voice|voix|a ?cappella))\s*[)\]]?",
    re.IGNORECASE,
)
NUMBER = re.compile(r"^(?:\d{1,2}-)?\d{1,3}\s*[.\-_]?\s+(?=\S)")  # "03 Title", "1-03 - Title"


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording or one pair. `files` by role, `lyrics` a text beside it."""

    files: tuple[tuple[str, Path], ...]
    title: str
    artist: str
    lyrics: Path | None
    stamp: tuple[int, int]  # newest mtime in ns and bytes in all: another stamp is another recording


@dataclass(slots=True)
class Tree:
    song_files: list[Path] = field(default_factory=list)
    recordings: list[Recording] = field(default_factory=list)
    is_whole: bool = True  # False when there was more than is looked at


@dataclass(frozen=True, slots=True)
class _Entry:
    path: Path
    stamp: tuple[int, int]


def look(root: Path) -> Tree:
    """Every song and recording below `root`, in the order of their names. Raises OSError when root is not there."""
    tree = Tree()
    left = MAX_ENTRIES
    waiting = [(root, 0)]
    while waiting:
        folder, depth = waiting.pop()
        files, folders, seen = _entries(folder, left, is_root=folder == root)
        left -= seen
        song_files = [entry.path for entry in files if _is_song_file(entry)]
        tree.song_files += song_files
        if not song_files:  # the sound beside a song file belongs to it
            tree.recordings += _recordings(root, files)
        if folders and (depth >= MAX_DEPTH or left <= 0):
            tree.is_whole = False
            continue
        waiting += [(child, depth + 1) for child in reversed(folders)]
    return tree


def song_files_in(root: Path) -> Iterator[Path]:
    """The UltraStar files below `root`, or `root` itself where it is one."""
    if root.is_file():
        yield root
    else:
        yield from look(root).song_files


def name_of(root: Path, path: Path) -> tuple[str, str]:
    """Title and artist by the names: "Artist - Title", else Artist/Album/NN Title."""
    plain = NUMBER.sub("", path.stem).strip() or path.stem
    artist, dash, title = plain.partition(" - ")
    if dash and title.strip():
        return title.strip(), artist.strip()
    steps = path.relative_to(root).parts[:-1]
    return plain, steps[-2] if len(steps) >= 2 else (steps[-1] if steps else "")


def _entries(folder: Path, most: int, is_root: bool) -> tuple[list[_Entry], list[Path], int]:
    files: list[_Entry] = []
    folders: list[Path] = []
    seen = 0
    try:
        with os.scandir(folder) as found:
            for entry in found:
                seen += 1
                if seen > most:
                    break
                if entry.name.startswith(".") or entry.is_symlink():
                    continue
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    files.append(_Entry(Path(entry.path), (status.st_mtime_ns, status.st_size)))
    except OSError:
        if is_root:
            raise
        return [], [], seen  # a folder that may not be read holds nothing for us
    files.sort(key=lambda entry: entry.path.name)
    return files, sorted(folders), seen


def _is_song_file(entry: _Entry) -> bool:
    """A .txt that names a title and a beat, in whatever encoding."""
    if entry.path.suffix.lower() != ".txt" or not 0 < entry.stamp[1] <= MAX_TEXT_BYTES:
        return False
    if entry.path.name == "song.txt":
        return True
    try:
        with entry.path.open("rb") as file:
            return is_song_text(file.read(HEAD_BYTES))
    except OSError:
        return False


def _recordings(root: Path, files: Iterable[_Entry]) -> list[Recording]:
    """Pairs first; a half of a pair is no recording of its own."""
    files = list(files)
    sounds = [entry for entry in files if entry.path.suffix.lower() in AUDIO and entry.stamp[1] > 0]
    texts = {entry.path.stem.casefold(): entry for entry in files if _is_text(entry, ".txt")}
    texts |= {entry.path.stem.casefold(): entry for entry in files if _is_text(entry, ".lrc")}
    halves: dict[str, dict[str, _Entry]] = {}
    for entry in sounds:
        if match := PAIR.fullmatch(entry.path.stem):
            role = "instrumental" if match["backing"] else "vocals"
            halves.setdefault(match["name"].casefold(), {}).setdefault(role, entry)
    pairs = {name: roles for name, roles in halves.items() if len(roles) == 2}
    paired = {entry.path for roles in pairs.values() for entry in roles.values()}
    found = [_recording(root, roles, texts) for roles in pairs.values()]
    whole = [
        {"original": entry} for entry in sounds if entry.path not in paired and entry.path.stem.casefold() not in pairs
    ]
    return found + [_recording(root, roles, texts) for roles in whole]


def _is_text(entry: _Entry, suffix: str) -> bool:
    return entry.path.suffix.lower() == suffix and 0 < entry.stamp[1] <= MAX_TEXT_BYTES


def _recording(root: Path, roles: dict[str, _Entry], texts: dict[str, _Entry]) -> Recording:
    entries = [roles[role] for role in sorted(roles)]
    path = entries[0].path
    stem = path.stem
    if len(roles) == 2 and (match := PAIR.fullmatch(stem)):
        stem = match["name"]
    title, artist = name_of(root, path.with_name(stem + path.suffix))
    text = texts.get(stem.casefold()) or texts.get(path.stem.casefold())
    stamp = (max(entry.stamp[0] for entry in entries), sum(entry.stamp[1] for entry in entries))
    files = tuple((role, roles[role].path) for role in sorted(roles))
    return Recording(files, title, artist, text.path if text is not None else None, stamp)
