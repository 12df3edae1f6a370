"""`voicejury sing`: a headless singer in real time."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click
from google.protobuf import json_format
from voicejury.lifecycle import run_loop
from voicejury.tokens import Scope, TokenError, mint
from voicejury.v1 import song_pb2

from deploy.commands import CommandError
from deploy.secret import SecretError, read_secret
from deploy.singer import direct, webrtc
from deploy.singer.errors import SingError
from deploy.singer.events import Event

DEFAULT_URL = "http://127.0.0.1:8000"
TOKEN_TTL_S = 3_600


def running(data_dir: Path) -> dict[str, Any]:
    """The addresses of the house that runs on this data folder; empty when none does."""
    try:
        document = json.loads((data_dir / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}


def read_song(data_dir: Path, song_id: str) -> song_pb2.Song:
    path = data_dir / "songs" / Path(song_id).name / "song.json"
    try:
        return json_format.Parse(path.read_text(), song_pb2.Song())
    except FileNotFoundError as error:
        raise SingError(f"unknown-song: there is no song {song_id!r} in {data_dir}") from error
    except (OSError, ValueError, json_format.ParseError) as error:
        raise SingError(f"{path} cannot be read") from error


def judges_of(data_dir: Path, url: str | None, token: str | None) -> direct.Judges:
    addresses = running(data_dir)
    live = url or addresses.get("grpc_live")
    if not live:
        raise SingError(f"no server runs on {data_dir}: start `voicejury serve`, or give --url HOST:PORT")
    try:
        secret = read_secret(data_dir)
        own = mint(secret, Scope.SERVICE, "sing", TOKEN_TTL_S)
        token = token or mint(secret, Scope.TESTER, "sing", TOKEN_TTL_S)
    except SecretError:
        if token is None:
            raise
        own = token  # it sings live with that; the jury of the house refuses it, and says so
    return direct.Judges(live, addresses.get("grpc_analysis") or live, token, own, data_dir / "takes")


def human(event: Event) -> str | None:
    """One line for people; None for what only machines want."""
    if event["type"] == "pitch":
        return None
    kept = {key: value for key, value in event.items() if isinstance(value, int | float | str) and key != "type"}
    return f"{event['type']}: " + ", ".join(f"{key} {value}" for key, value in kept.items())


def as_line(event: Event, all_events: bool) -> str | None:
    """The event as JSON; None for what was not asked for."""
    return json.dumps(event, ensure_ascii=False) if all_events or event["type"] == "pitch" else None


async def perform(events: AsyncIterator[Event], as_json: bool, all_events: bool) -> None:
    verdict: Event | None = None
    async for event in events:
        if event["type"] == "verdict":
            verdict = {key: value for key, value in event.items() if key != "type"}
        elif line := as_line(event, all_events) if as_json else human(event):
            click.echo(line)
    if verdict is None:
        raise SingError("the jury gave no verdict")
    click.echo(json.dumps(verdict, ensure_ascii=False, indent=None if as_json else 2))


@click.command("sing")
@click.argument("take", type=click.Path(path_type=Path))
@click.option("--song", "song_id", required=True, help="The song's id, see `voicejury songs list`.")
@click.option("--via", type=click.Choice(["webrtc", "grpc"]), default="webrtc", show_default=True)
@click.option("--url", help="webrtc: the page; grpc: HOST:PORT of the live judge. Default: the running house.")
@click.option(
    "--token",
    help="grpc: a token of `voicejury token` for the live judge. Default: made from the data folder's secret.",
)
@click.option("--singer", help="webrtc: the name in the history.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One JSON object per line: each pitch with song_s, f0_hz (0: unvoiced), latency_ms; the last is the verdict.",
)
@click.option(
    "--all-events",
    is_flag=True,
    help="With --json: also score, note, line, stats, progress, juror and state lines; `type` tells them apart.",
)
@click.option(
    "--data-dir",
    envvar="VOICEJURY_DATA_DIR",
    default=Path("data"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
)
def command(
    take: Path,
    song_id: str,
    via: str,
    url: str | None,
    token: str | None,
    singer: str | None,
    as_json: bool,
    all_events: bool,
    data_dir: Path,
) -> None:
    """Sing the sound file TAKE in real time and print what the judges say."""
    if all_events and not as_json:
        raise CommandError("--all-events goes with --json")
    try:
        if via == "webrtc":
            events = webrtc.sing(take, song_id, url or running(data_dir).get("url") or DEFAULT_URL, singer)
        else:
            events = direct.sing(take, read_song(data_dir, song_id), judges_of(data_dir, url, token))
        run_loop(perform(events, as_json, all_events))
    except (SingError, SecretError, TokenError) as error:
        raise CommandError(str(error)) from error
