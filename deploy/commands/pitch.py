"""`voicejury pitch FILE`: the pitch of a recording, every 10 ms."""

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np
from rich.progress import Progress, TextColumn, TimeRemainingColumn

from deploy.commands import CommandError
from deploy.commands.progress import progress_bar
from inference.audio.files import load_mono_16k
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.domain.track import PitchTrack
from inference.errors import InferenceError, ModelMissingError
from inference.live.file_track import live_track
from inference.models.estimators import EstimatorName, build_estimator
from inference.models.live_choice import build_live_estimator
from inference.models.tracking import track_pitch

PROGRESS_FROM_S = 10.0  # shorter files are done before a bar is read
MODELS: tuple[EstimatorName, ...] = ("tiny", "full", "swift-f0")
COLUMNS = ("time_s", "f0_hz", "periodicity")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--model",
    type=click.Choice(MODELS),
    help="The pitch network.  [default: tiny; with --live the one that the live judge would choose here]",
)
@click.option("--live", is_flag=True, help="Through the live engine: every 20 ms, nothing of what comes later known.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list of objects instead of CSV.")
@click.option("--csv", "as_csv", is_flag=True, help="CSV with a header (the default).")
def command(file: Path, model: EstimatorName | None, live: bool, as_json: bool, as_csv: bool) -> None:
    """Print the pitch of FILE every 10 ms: time_s, f0_hz (0 where unvoiced), periodicity (0..1).

    FILE is a recording of one voice in any usual format.
    """
    if as_json and as_csv:
        raise CommandError("choose one of --csv and --json")
    try:
        track = _track(file, model, live)
    except ModelMissingError as error:
        raise CommandError(str(error)) from error
    except InferenceError as error:
        raise CommandError(f"{file}: {error}") from error
    if as_json:
        _print_json(track)
    else:
        _print_csv(track)


def _track(file: Path, model: EstimatorName | None, live: bool) -> PitchTrack:
    samples = load_mono_16k(file)
    estimator = build_live_estimator() if live and model is None else build_estimator(model or "tiny")
    columns = (*Progress.get_default_columns()[:-1], TimeRemainingColumn(), TextColumn(estimator.name))
    shown = len(samples) / SAMPLE_RATE_HZ >= PROGRESS_FROM_S
    with progress_bar(*columns, transient=True, shown=shown) as bar:
        task = bar.add_task("pitch", total=1.0)

        def on_progress(done: float) -> None:
            bar.update(task, completed=done)

        if live:
            return live_track(samples, estimator, on_progress)
        return track_pitch(samples, np.ones(len(samples), np.bool_), estimator, on_progress=on_progress)


def _rows(track: PitchTrack) -> Iterator[tuple[float, float, float]]:
    columns = (track.times_s.round(3), track.f0_hz.round(3), track.periodicity.round(4))
    return zip(*(column.tolist() for column in columns), strict=True)


def _print_csv(track: PitchTrack) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(_rows(track))


def _print_json(track: PitchTrack) -> None:
    """Frame by frame, so that an hour of them is never held as text."""
    separator = "["
    for row in _rows(track):
        sys.stdout.write(separator + json.dumps(dict(zip(COLUMNS, row, strict=True))))
        separator = ", "
    sys.stdout.write("]\n")
