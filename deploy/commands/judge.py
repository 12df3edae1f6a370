"""`voicejury judge`: a recording against a song or a solo voice, without a server."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import click
import numpy as np
from rich.progress import BarColumn, TextColumn
from voicejury.jsonform import verdict_dict
from voicejury.v1 import analysis_pb2, song_pb2, verdict_pb2

from deploy.commands import CommandError
from deploy.commands.progress import progress_bar

MAX_FILE_BYTES = 512 * 1024 * 1024
MAX_LYRICS_BYTES = 1024 * 1024
SONG_SUFFIX = ".txt"
SPOOL_SUFFIX = ".spool"
LEVELS = {"kind": 1, "normal": 0, "strict": 2}
STAGES = {
    analysis_pb2.JUDGE_STAGE_LOAD: "reading",
    analysis_pb2.JUDGE_STAGE_PITCH: "pitch",
    analysis_pb2.JUDGE_STAGE_WORDS: "words",
    analysis_pb2.JUDGE_STAGE_SCORE: "scores",
    analysis_pb2.JUDGE_STAGE_JURY: "jury",
}
OnProgress = Callable[[int, float], None]


@click.command("judge")
@click.option(
    "--take", required=True, type=click.Path(path_type=Path), help="What was sung: a sound file or a take.spool."
)
@click.option(
    "--reference", required=True, type=click.Path(path_type=Path), help="A song.txt, or the recording of a solo voice."
)
@click.option(
    "--lyrics", type=click.Path(path_type=Path), help="A text file with the words, one line per line of the song."
)
@click.option("--level", type=click.Choice(list(LEVELS)), default="normal", show_default=True)
@click.option("--key", type=click.Choice(["free", "fixed"]), help="Is another key free?  [default: as the level says]")
@click.option("--language", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Of the comments.")
@click.option("--lyrics-language", default="", help="Of the words: a code like fr; the song's own by default.")
@click.option(
    "--model", type=click.Choice(["auto", "tiny", "full"]), default="auto", show_default=True, help="Pitch network."
)
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON.")
def command(
    take: Path,
    reference: Path,
    lyrics: Path | None,
    level: str,
    key: str | None,
    language: str,
    lyrics_language: str,
    model: str,
    as_json: bool,
) -> None:
    """Judge TAKE against REFERENCE: pitch, rhythm, words, and a jury of three."""
    for path in (take, reference, *([lyrics] if lyrics else [])):
        _check_file(path)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with progress_bar(*columns) as bar:
        task = bar.add_task("reading", total=1.0)

        def on_progress(stage: int, fraction: float) -> None:
            bar.update(task, completed=fraction, description=STAGES.get(stage, ""))  # type: ignore[call-overload]

        verdict = _judged(take, reference, lyrics, level, key, language, lyrics_language, model, on_progress)
        bar.update(task, completed=1.0, description="done")
    click.echo(json.dumps(verdict_dict(verdict), ensure_ascii=False, indent=2) if as_json else summary(verdict))


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise CommandError(f"{path}: no such file")
    if path.stat().st_size == 0:
        raise CommandError(f"{path}: the file is empty")
    if path.stat().st_size > MAX_FILE_BYTES:
        raise CommandError(f"{path}: larger than {MAX_FILE_BYTES >> 20} MiB")


def _judged(
    take: Path,
    reference: Path,
    lyrics: Path | None,
    level: str,
    key: str | None,
    language: str,
    lyrics_language: str,
    model: str,
    on_progress: OnProgress,
) -> verdict_pb2.Verdict:
    from inference.analysis.judging import JudgeTools, Sung, contour_song, judge, rules_of, sung_file, sung_take
    from inference.analysis.jury.panel import jurors
    from inference.analysis.words import MISSING, WhisperWords
    from inference.audio.files import load_mono_16k
    from inference.audio.take import read_take
    from inference.errors import InferenceError
    from inference.models.estimators import build_estimator
    from inference.models.tracking import track_pitch

    def sung(path: Path) -> Sung:
        if path.suffix == SPOOL_SUFFIX:
            with path.open("rb") as file:
                return sung_take(read_take(file))
        return sung_file(load_mono_16k(path))

    whisper = os.environ.get("VOICEJURY_WHISPER_MODEL")
    rules = rules_of(LEVELS[level])
    rules = rules if key is None else replace(rules, key_free=key == "free")
    current = take
    try:
        tools = JudgeTools(
            build_estimator(model, min(2, os.cpu_count() or 1)),  # type: ignore[arg-type]  # click has checked the name
            WhisperWords(Path(whisper)) if whisper else None,
            MISSING,
        )
        on_progress(analysis_pb2.JUDGE_STAGE_LOAD, 0.0)
        voice = sung(take)
        current = reference
        if reference.suffix.lower() == SONG_SUFFIX:
            song = _song(reference)
        else:
            samples = load_mono_16k(reference)
            track = track_pitch(samples, np.ones(len(samples), dtype=np.bool_), tools.estimator)
            song = contour_song(track, reference.stem)
        if lyrics:
            _set_lyrics(song, lyrics)
        if lyrics_language:
            song.voices[0].reference.lyrics.language = lyrics_language
        current = take
        verdict = judge(voice, song, tools, rules, on_progress)
    except InferenceError as error:
        raise CommandError(f"{current}: {error}") from error
    on_progress(analysis_pb2.JUDGE_STAGE_JURY, 0.95)
    verdict.jury.extend(jurors(verdict, language, voice.digest))
    return verdict


def _song(path: Path) -> song_pb2.Song:
    from signaling.errors import SongError
    from signaling.songs.ultrastar import load_ultrastar

    try:
        return load_ultrastar(path)
    except SongError as error:
        raise CommandError(str(error)) from error


def _set_lyrics(song: song_pb2.Song, path: Path) -> None:
    """Words from a text file; their times are those of the line they stand on, where the song has lines."""
    if path.stat().st_size > MAX_LYRICS_BYTES:
        raise CommandError(f"{path}: larger than {MAX_LYRICS_BYTES >> 20} MiB")
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text") from error
    if not lines:
        raise CommandError(f"{path}: holds no words")
    reference = song.voices[0].reference
    phrases = reference.melody.phrases
    del reference.lyrics.words[:]
    for number, line in enumerate(lines):
        phrase = min(number, max(0, len(phrases) - 1))
        onset_s, offset_s = (phrases[phrase].onset_s, phrases[phrase].offset_s) if phrases else (0.0, 0.0)
        for word in re.findall(r"\S+", line):
            reference.lyrics.words.add(text=word, onset_s=onset_s, offset_s=offset_s, phrase=phrase)


def summary(verdict: verdict_pb2.Verdict) -> str:
    """The verdict as a person reads it in a terminal."""

    def points(part: str) -> str:
        if verdict.HasField(part):  # type: ignore[arg-type]
            return f"{getattr(verdict, part):5.1f}"
        return f"    –  {verdict.reasons.get(part, '')}"

    rows = [f"{part:<8}{points(part)}" for part in ("total", "pitch", "rhythm", "lyrics")]
    rows.append(
        f"key {verdict.key_shift_semitones:+.0f} semitones, latency {1000 * verdict.latency_s:+.0f} ms, "
        f"coverage {verdict.coverage:.0%}, confidence {verdict.confidence:.0%}, {verdict.estimator}"
    )
    for line in verdict.lines:
        score = f"{line.pitch:5.1f}" if line.HasField("pitch") else "    –"
        worst = max(line.losses, key=lambda loss: loss.points, default=None)
        reason = f"  {worst.reason} at {worst.song_s:.1f} s, {worst.points:.1f} points" if worst else ""
        rows.append(f"{line.onset_s:7.1f} s {score}  {line.text[:40]:<40}{reason}")
    rows.extend(f"{'✔' if juror.vote else '✘'} {juror.name}: {juror.comment}" for juror in verdict.jury)
    return "\n".join(rows)
