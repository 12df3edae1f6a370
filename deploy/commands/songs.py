"""`voicejury songs`: the catalogue of the data folder."""

import json
from pathlib import Path
from typing import Any

import click
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from voicejury.v1 import song_pb2

from deploy.commands import CommandError
from deploy.commands.progress import progress_bar
from signaling.errors import SongError
from signaling.songs.catalogue import Catalogue, import_ultrastar
from signaling.sources.trees import song_files_in

data_dir_option = click.option(
    "--data-dir",
    envvar="VOICEJURY_DATA_DIR",
    default="data",
    show_default="./data, or VOICEJURY_DATA_DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="The data folder.",
)
COLUMNS = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def command() -> None:
    """Add songs, list songs."""


@command.command()
@click.argument("folders", type=click.Path(path_type=Path), nargs=-1, required=True)
@data_dir_option
@json_option
def add(folders: tuple[Path, ...], data_dir: Path, as_json: bool) -> None:
    """Import UltraStar songs: every one in FOLDERS and below, or a song file. A running server sees them at once."""
    added: list[song_pb2.Song] = []
    refused: list[str] = []
    try:
        files = _song_files(folders)
        catalogue = Catalogue(data_dir)
        with progress_bar(*COLUMNS, transient=True) as bar:
            for path in bar.track(files, description="importing"):
                try:
                    added.append(import_ultrastar(catalogue, path))
                except SongError as error:
                    refused.append(str(error))
    except (SongError, OSError) as error:
        raise CommandError(str(error)) from error
    if not added:
        more = f" (and {len(refused) - 1} more like it)" if len(refused) > 1 else ""
        raise CommandError(refused[0] + more)
    _tell(added, refused, as_json)


def _song_files(folders: tuple[Path, ...]) -> list[Path]:
    """The UltraStar files of all folders, each once; raises SongError for a folder that holds none."""
    found: dict[Path, None] = {}
    for folder in folders:
        if not folder.exists():
            raise SongError(f"{folder}: no such file or folder")
        files = list(song_files_in(folder))
        if not files:
            raise SongError(f"{folder}: holds no song.txt, nor do the folders in it")
        found |= dict.fromkeys(files)
    return list(found)


def _tell(added: list[song_pb2.Song], refused: list[str], as_json: bool) -> None:
    for reason in refused:
        click.echo(f"left out: {reason}", err=True)
    if as_json:
        click.echo(json.dumps({"added": [_summary(song) for song in added], "refused": refused}, ensure_ascii=False))
        return
    for song in added:
        click.echo(f"added {song.id}: {song.artist} - {song.title} ({song.duration_s:.0f} s)")


@command.command("list")
@data_dir_option
@json_option
def list_songs(data_dir: Path, as_json: bool) -> None:
    """List the songs."""
    songs = Catalogue(data_dir).songs()
    if as_json:
        click.echo(json.dumps([_summary(song) for song in songs], ensure_ascii=False))
        return
    if not songs:
        click.echo("no songs yet: voicejury songs add FOLDER", err=True)
    for song in songs:
        click.echo(f"{song.id:40} {song.duration_s:5.0f} s  {song.artist} - {song.title}")


def _summary(song: song_pb2.Song) -> dict[str, Any]:
    return {
        "id": song.id,
        "title": song.title,
        "artist": song.artist,
        "language": song.language,
        "duration_s": round(song.duration_s, 3),
        "source": song.source,
    }
