"""Fetches a whole model: every file is there and right before any of it is where it is looked for."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from deploy.models_errors import HubError
from deploy.models_hub import Hub, HubModel
from deploy.models_lock import Locked, check, lock, sha256_of
from deploy.models_registry import MANIFEST, Installed, Model, installed

FETCHING = ".fetching"
SPARE_BYTES = 64 << 20
OnBytes = Callable[[int], None]  # of the whole model


def fetch_model(
    hub: Hub, model: Model, found: HubModel, known: Locked | None, models_dir: Path, on_bytes: OnBytes
) -> Installed:
    """`known`: what must come again. Raises HubError; what has come of it is kept and gone on with."""
    check(model, known, {file.path: file.sha256 for file in found.files if file.sha256})
    parts = models_dir / FETCHING / model.name
    try:
        parts.mkdir(parents=True, exist_ok=True)
        _check_space(parts, found)
        done = 0
        for file in found.files:
            hub.fetch(model, found.commit, file, parts / file.part_name, _after(done, on_bytes))
            done += file.size
        came = Locked(model.repo, found.commit, _came(model, found, known, parts))
        _put_in_place(model, found, parts, models_dir)
        lock(models_dir, model, came)
    except OSError as error:
        raise HubError(f"{models_dir} cannot be written: {error.strerror or error}") from error
    there = installed(models_dir, model)
    if there is None:
        raise HubError(f"{model.name} is not whole in {models_dir}")
    return there


def _after(done: int, on_bytes: OnBytes) -> OnBytes:
    return lambda have: on_bytes(done + have)


def _came(model: Model, found: HubModel, known: Locked | None, parts: Path) -> dict[str, str]:
    """SHA-256 by file name; what is not what it should be is thrown away."""
    came = {file.path: sha256_of(parts / file.part_name) for file in found.files}
    try:
        check(model, known, came)
    except HubError:
        shutil.rmtree(parts, ignore_errors=True)
        raise
    return came


def _check_space(parts: Path, found: HubModel) -> None:
    have = sum(path.stat().st_size for path in parts.iterdir())
    needed = found.size - have + SPARE_BYTES
    free = shutil.disk_usage(parts).free
    if free < needed:
        raise HubError(f"{needed / 1e6:.0f} MB are needed and {free / 1e6:.0f} MB are free: the disk is full")


def _put_in_place(model: Model, found: HubModel, parts: Path, models_dir: Path) -> None:
    whole, target, old = parts / "whole", models_dir / model.name, parts / "old"
    for left in (whole, old):
        shutil.rmtree(left, ignore_errors=True)
    whole.mkdir()
    for file in found.files:
        (parts / file.part_name).replace(whole / file.path)
    files = [{"path": file.path, "size": file.size, "checksum": file.checksum} for file in found.files]
    manifest = {
        "model": model.name,
        "repo": model.repo,
        "commit": found.commit,
        "licence": found.licence,
        "files": files,
    }
    (whole / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    for path in whole.iterdir():
        _sync(path)
    if target.exists():
        target.replace(old)
    whole.replace(target)
    shutil.rmtree(parts, ignore_errors=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
