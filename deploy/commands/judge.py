"""`voicejury judge`: a recording against a song or a solo voice, without a server."""

import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.progress import BarColumn, TextColumn
from voicejury.jsonform import verdict_dict
from voicejury.v1 import analysis_pb2, verdict_pb2

from deploy.commands import CommandError
from deploy.commands.progress import progress_bar
from deploy.commands.summary import summary

if TYPE_CHECKING:
    from inference.analysis.judging import JudgeTools, OnProgress
    from inference.models.estimator import PitchEstimator

LEVELS = {"kind": 1, "normal": 0, "strict": 2}
KEYS_FREE = {"free": True, "fixed": False}
MODELS = ("auto", "tiny", "full", "swift-f0")
PICTURES = (".png", ".svg")
MAX_ROUTE_LATENCY_MS = 2000.0
STAGES = {
    analysis_pb2.JUDGE_STAGE_LOAD: "reference",
    analysis_pb2.JUDGE_STAGE_PITCH: "pitch",
    analysis_pb2.JUDGE_STAGE_WORDS: "words",
    analysis_pb2.JUDGE_STAGE_SCORE: "scores",
    analysis_pb2.JUDGE_STAGE_JURY: "jury",
}
REFERENCE_SHARE = 0.05  # of the bar


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line."""

    take: Path
    reference: Path
    lyrics: Path | None
    lyrics_language: str
    heard: Path | None
    level: str
    key: str | None
    route_latency: float | None
    language: str
    model: str
    plot: Path | None
    as_json: bool


def _file(text: str) -> dict[str, Any]:
    return {"type": click.Path(path_type=Path), "help": text}


@click.command("judge")
@click.option("--take", required=True, **_file("What was sung: a sound file or a take.spool."))
@click.option(
    "--reference",
    required=True,
    **_file("A song.txt, the recording of a solo voice, or one prepared by `voicejury reference` (.json, .pb)."),
)
@click.option("--lyrics", **_file("A text file with the words, one line per line of the song."))
@click.option("--lyrics-language", default="", help="Of the words: a code like fr; the song's own by default.")
@click.option("--heard", **_file("A transcript of what was sung, in place of the recogniser."))
@click.option("--level", type=click.Choice(list(LEVELS)), default="normal", show_default=True)
@click.option("--key", type=click.Choice(list(KEYS_FREE)), help="Is another key free?  [default: as the level says]")
@click.option(
    "--route-latency",
    type=float,
    metavar="MS",
    help="Calibrated way from the loudspeaker to the take, in ms: what is later than that is the singer's.",
)
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Of the comments.")
@click.option("--model", type=click.Choice(MODELS), default="auto", show_default=True, help="Pitch network.")
@click.option("--plot", **_file("Draw the sung curve over the reference: a .png or .svg."))
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(**options: Any) -> None:
    """Judge TAKE against REFERENCE: pitch, rhythm, words, and a jury of three."""
    wish = Wish(**options)
    _check(wish)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with progress_bar(*columns) as bar:
        task = bar.add_task("reading", total=1.0)

        def on_progress(stage: int, fraction: float) -> None:
            bar.update(task, completed=fraction, description=STAGES.get(stage, ""))  # type: ignore[call-overload]

        verdict, title = _judged(wish, on_progress)
        bar.update(task, completed=1.0, description="done")
    if wish.heard and not verdict.HasField("lyrics"):
        click.echo(f"{wish.heard}: not used, {verdict.reasons['lyrics']}", err=True)
    if wish.plot:
        _draw(wish.plot, verdict, title, wish)
    click.echo(json.dumps(_document(verdict), ensure_ascii=False, indent=2) if wish.as_json else summary(verdict))


def _check(wish: Wish) -> None:
    """Whatever is wrong is told before minutes of work."""
    latency_ms = wish.route_latency
    if latency_ms is not None and not (math.isfinite(latency_ms) and 0.0 <= latency_ms <= MAX_ROUTE_LATENCY_MS):
        raise CommandError(f"--route-latency {latency_ms}: from 0 to {MAX_ROUTE_LATENCY_MS:.0f} ms")
    if wish.plot:
        if wish.plot.suffix.lower() not in PICTURES:
            raise CommandError(f"{wish.plot}: a picture is a {' or '.join(PICTURES)} file")
        if not wish.plot.absolute().parent.is_dir():
            raise CommandError(f"{wish.plot}: there is no such folder")


def _judged(wish: Wish, on_progress: "OnProgress") -> tuple[verdict_pb2.Verdict, str]:
    """The verdict and the song's title."""
    from deploy.commands.judge_files import MAX_HEARD_BYTES, read_lyrics, read_song, read_sung, read_text
    from inference.analysis.judging import judge, rules_of
    from inference.analysis.jury.panel import jurors
    from inference.errors import InferenceError

    rules = rules_of(LEVELS[wish.level], KEYS_FREE[wish.key] if wish.key else None)
    heard = read_text(wish.heard, MAX_HEARD_BYTES) if wish.heard else None
    latency_s = None if wish.route_latency is None else wish.route_latency / 1000.0
    sung = read_sung(wish.take)
    tools = _tools(wish.model)
    song = read_song(
        wish.reference,
        tools.estimator,
        lambda done: on_progress(analysis_pb2.JUDGE_STAGE_LOAD, REFERENCE_SHARE * done),
    )
    try:
        if wish.lyrics:
            read_lyrics(wish.lyrics, song, rules)
        if wish.lyrics_language and song.voices:
            song.voices[0].reference.lyrics.language = wish.lyrics_language
        verdict = judge(sung, song, tools, rules, on_progress, heard, latency_s)
    except InferenceError as error:
        raise CommandError(f"{wish.reference}: {error}") from error
    on_progress(analysis_pb2.JUDGE_STAGE_JURY, 0.95)
    verdict.jury.extend(jurors(verdict, wish.language, sung.digest))
    return verdict, " – ".join(filter(None, (song.artist, song.title)))


def _tools(model: str) -> "JudgeTools":
    """Raises CommandError where the model is not installed."""
    from inference.analysis.judging import JudgeTools
    from inference.analysis.words.recogniser import Recogniser
    from inference.analysis.words.whisper import MISSING, WhisperTier
    from inference.analysis.words_heard import WordTools

    whisper = os.environ.get("VOICEJURY_WHISPER_MODEL")
    words = WordTools(Recogniser([WhisperTier(Path(whisper))])) if whisper else None
    return JudgeTools(pitch_estimator(model), words, MISSING)


def pitch_estimator(model: str) -> "PitchEstimator":
    """Raises CommandError where it is not installed."""
    from inference.errors import ModelMissingError
    from inference.models.estimators import build_estimator

    try:
        return build_estimator(model, min(2, os.cpu_count() or 1))  # type: ignore[arg-type]  # click has checked it
    except ModelMissingError as error:
        raise CommandError(str(error)) from error


def _document(verdict: verdict_pb2.Verdict) -> dict[str, Any]:
    """The verdict as everywhere, and what luck earns in one place."""
    chance = {"pitch": round(verdict.chance_pitch, 4), "rhythm": round(verdict.chance_rhythm, 4)}
    return {**verdict_dict(verdict), "chance": chance}


def _draw(path: Path, verdict: verdict_pb2.Verdict, title: str, wish: Wish) -> None:
    from deploy.commands.plot import draw_verdict
    from inference.analysis.judging import rules_of

    try:
        draw_verdict(path, verdict, title, wish.language, rules_of(LEVELS[wish.level]))
    except OSError as error:
        raise CommandError(f"{path}: cannot be written ({error.strerror})") from error
