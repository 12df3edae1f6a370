"""`voicejury models`: what can be fetched and what is there. A song never waits for a download."""

import json
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn

from deploy.commands import CommandError
from deploy.commands.progress import progress_bar
from deploy.commands.songs import data_dir_option, json_option
from deploy.models_errors import HubError
from deploy.models_fetch import fetch_model
from deploy.models_hub import Hub
from deploy.models_lock import Locked, lock, locked, revision_of, sha256_of
from deploy.models_registry import Installed, Model, installed, registry

DEFAULT_HUB = "https://huggingface.co"
models_dir_option = click.option(
    "--models-dir",
    envvar="VOICEJURY_MODELS_DIR",
    show_default="models inside the data folder, or VOICEJURY_MODELS_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where models lie.",
)


@click.group()
def command() -> None:
    """List models, fetch one."""


@command.command("list")
@data_dir_option
@models_dir_option
@json_option
def list_models(data_dir: Path, models_dir: Path | None, as_json: bool) -> None:
    """List what can be fetched, its licence, and what is installed."""
    folder = _folder(data_dir, models_dir)
    rows = [_row(model, folder) for model in registry().values()]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        there = f"installed in {row['folder']}" if row["is_installed"] else "not installed"
        about = "" if row["is_installed"] else "about "
        click.echo(f"{row['name']:14} {about}{row['size_mb']:.0f} MB, {there}\n{'':14} {row['purpose']}")
        click.echo(f"{'':14} licence: {row['licence']}")


@command.command()
@click.argument("name")
@data_dir_option
@models_dir_option
@click.option(
    "--hub", envvar="VOICEJURY_HUB_URL", default=DEFAULT_HUB, show_default=True, help="Base address of the hub."
)
@click.option("--timeout", default=30.0, show_default=True, help="Seconds that the hub may stay silent.")
@click.option("--update", is_flag=True, help="Take what the hub has now, although something else came before.")
def fetch(name: str, data_dir: Path, models_dir: Path | None, hub: str, timeout: float, update: bool) -> None:
    """Fetch NAME: resumed where it broke off, put in place when its checksums are right.

    The first fetch locks the version and the checksums that came; a later one must bring the same.
    """
    model = _known(name)
    folder = _folder(data_dir, models_dir)
    there = installed(folder, model)
    try:
        known = None if update else locked(folder, model) or _lock_of(folder, model, there)
        source = Hub(hub, timeout)
        found = source.describe(model, revision_of(model, known))
        if there is not None and there.commit == found.commit:
            click.echo(f"{name} is installed in {there.folder}")
            return
        click.echo(f"{name}: {found.size / 1e6:.0f} MB from {model.repo}", err=True)
        click.echo(f"licence: {model.licence}; the hub says: {found.licence or 'nothing'}", err=True)
        columns = (TextColumn(name), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with progress_bar(*columns) as bar:
            task = bar.add_task(name, total=found.size)
            there = fetch_model(source, model, found, known, folder, lambda have: bar.update(task, completed=have))
    except HubError as error:
        raise CommandError(str(error)) from error
    click.echo(f"{name} {there.commit[:12]} is installed in {there.folder}")
    if model.setting:
        click.echo(f"set {model.setting}={there.folder} and start again")
    if model.needs:
        click.echo(f"it also needs `{model.needs}`")


def _lock_of(folder: Path, model: Model, there: Installed | None) -> Locked | None:
    """Of a model that was fetched when nothing was locked yet: what is installed is what is trusted."""
    if there is None:
        return None
    files = {path.name: sha256_of(path) for path in there.folder.iterdir() if model.wants(path.name)}
    known = Locked(model.repo, there.commit, files)
    lock(folder, model, known)
    return known


def _known(name: str) -> Model:
    models = registry()
    if name not in models:
        raise CommandError(f"there is no model {name}: {', '.join(models)}")
    return models[name]


def _folder(data_dir: Path, models_dir: Path | None) -> Path:
    return (models_dir or data_dir / "models").absolute()


def _row(model: Model, folder: Path) -> dict[str, Any]:
    there = installed(folder, model)
    return {
        "name": model.name,
        "purpose": model.purpose,
        "licence": model.licence,
        "size_mb": round(there.size_bytes / 1e6, 1) if there else model.about_mb,
        "is_installed": there is not None,
        "folder": str(there.folder) if there else "",
        "commit": there.commit if there else "",
    }
