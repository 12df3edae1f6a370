"""Remembers what each step was made from, so that a step whose inputs did not change is not run again."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from deploy.setup.errors import SetupError
from deploy.setup.shell import ROOT

STAMPS = ROOT / ".stamps"
IGNORED_PARTS = frozenset({"node_modules", "dist", "__pycache__", "test-results", "coverage"})


def files_below(paths: Iterable[Path]) -> Iterator[Path]:
    """Every file of the given files and folders, in a fixed order, without what builds leave behind."""
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            for below in sorted(path.rglob("*")):
                if below.is_file() and not IGNORED_PARTS.intersection(below.relative_to(path).parts):
                    yield below


def digest(paths: Iterable[Path], *facts: str) -> str:
    """One hash of the files' names and bytes, and of the facts."""
    total = hashlib.sha256("\0".join(facts).encode())
    for path in files_below(paths):
        total.update(str(path).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def is_current(name: str, value: str) -> bool:
    stamp = STAMPS / name
    return stamp.is_file() and stamp.read_text() == value


def write(name: str, value: str) -> None:
    try:
        STAMPS.mkdir(exist_ok=True)
        (STAMPS / name).write_text(value)
    except OSError as error:
        raise SetupError(
            f"{STAMPS} cannot be written: {error.strerror}", f"make {ROOT} writable (it is yours: no sudo)"
        ) from error


def forget(name: str) -> None:
    (STAMPS / name).unlink(missing_ok=True)
