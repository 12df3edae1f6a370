"""What came with the first fetch of each model, kept beside the models: a later fetch must bring the same."""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from deploy.models_errors import HubError
from deploy.models_registry import COMMIT, Model

LOCK = "models.lock.json"
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Locked:
    """`sha256` by file name, counted here from what came, whatever checksum the hub gave."""

    repo: str
    commit: str
    sha256: Mapping[str, str]


def locked(models_dir: Path, model: Model) -> Locked | None:
    """None before the first fetch. Raises HubError for a lock that cannot be read: it is never taken for none."""
    entry = _read(models_dir).get(model.name)
    if entry is None:
        return None
    try:
        return Locked(str(entry["repo"]), str(entry["commit"]), dict(entry["sha256"]))
    except (KeyError, TypeError, ValueError) as error:
        raise HubError(f"{models_dir / LOCK} cannot be read: mend it or delete it") from error


def lock(models_dir: Path, model: Model, what: Locked) -> None:
    """Raises HubError and OSError."""
    entries = _read(models_dir) | {model.name: asdict(what)}
    new = models_dir / f".{LOCK}"
    with new.open("w", encoding="utf-8") as file:
        json.dump(dict(sorted(entries.items())), file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    new.replace(models_dir / LOCK)


def revision_of(model: Model, known: Locked | None) -> str:
    """The version to ask the hub for. Raises HubError where the lock is of another one than the registry names."""
    if known is None:
        return model.revision
    is_other = COMMIT.fullmatch(model.revision) is not None and model.revision != known.commit
    if is_other or known.repo != model.repo:
        before, now = f"{known.repo} {known.commit[:12]}", f"{model.repo} {model.revision[:12]}"
        raise HubError(f"{model.name}: {before} was fetched before, and {now} is named now; --update takes it")
    return known.commit


def check(model: Model, known: Locked | None, sha256: Mapping[str, str]) -> None:
    """What came, or what the hub says will come, by file name. Raises HubError."""
    for path, wanted in model.sha256.items():
        if path in sha256 and sha256[path] != wanted:
            raise HubError(f"{path}: this is not the file that the registry names (wrong checksum)")
    for path in sorted(sha256) if known is not None else ():
        if known is not None and known.sha256.get(path) != sha256[path]:
            raise HubError(
                f"{path}: this is not what came before (wrong checksum); --update takes it if you know why it changed"
            )


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _read(models_dir: Path) -> dict[str, dict[str, Any]]:
    path = models_dir / LOCK
    try:
        entries = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise HubError(f"{path} cannot be read: mend it or delete it") from error
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise HubError(f"{path} cannot be read: mend it or delete it")
    return entries
