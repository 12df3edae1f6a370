"""The models that can be fetched, and which of them are installed."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

REGISTRY = Path(__file__).with_name("models_registry.json")
COMMIT = re.compile(r"[0-9a-f]{40}")
MANIFEST = "voicejury-model.json"  # written with the model: what was fetched, from where, and its checksums


@dataclass(frozen=True, slots=True)
class Model:
    """One entry of the registry. What it does not name is taken as it first comes, and locked."""

    name: str
    purpose: str
    repo: str  # on the hub
    files: tuple[str, ...]  # patterns; each must match
    about_mb: int  # roughly; the hub's own figure is told before fetching
    licence: str
    needs: str  # what must be installed beside it
    setting: str  # the variable that names its folder; empty where the folder is found by itself
    revision: str = "main"  # a commit where one is known
    sha256: Mapping[str, str] = field(default_factory=dict)  # by file name, where they are known

    def wants(self, path: str) -> bool:
        return any(fnmatch(path, pattern) for pattern in self.files)


@dataclass(frozen=True, slots=True)
class Installed:
    """What the manifest of a fetched model says."""

    folder: Path
    commit: str
    size_bytes: int


def registry() -> dict[str, Model]:
    entries = json.loads(REGISTRY.read_text(encoding="utf-8"))
    return {entry["name"]: Model(**{**entry, "files": tuple(entry["files"])}) for entry in entries}


def installed(models_dir: Path, model: Model) -> Installed | None:
    """None where it was not fetched, or a file of it is gone or of another size."""
    folder = models_dir / model.name
    manifest = _manifest(folder)
    if manifest is None:
        return None
    sizes = {file["path"]: int(file["size"]) for file in manifest["files"]}
    for path, size in sizes.items():
        file = folder / path
        if not file.is_file() or file.stat().st_size != size:
            return None
    return Installed(folder, str(manifest["commit"]), sum(sizes.values()))


def _manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return manifest if manifest["files"] and manifest["commit"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None
