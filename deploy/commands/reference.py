"""`voicejury reference`: analyses a solo voice once, so that later takes are judged against it at once."""

from collections.abc import Callable
from pathlib import Path

import click
from google.protobuf.json_format import MessageToJson
from rich.progress import BarColumn, TextColumn
from voicejury.v1 import live_pb2, song_pb2

from deploy.commands import CommandError
from deploy.commands.judge import MODELS, pitch_estimator
from deploy.commands.progress import progress_bar

SUFFIXES = (".json", ".pb")


@click.command("reference")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The prepared reference: .json or .pb.")
@click.option("--lyrics", type=click.Path(path_type=Path), help="A text file with the words, one line per sung line.")
@click.option("--lyrics-language", default="", help="Of the words: a code like fr.")
@click.option("--title", default="", help="[default: the name of FILE]")
@click.option("--artist", default="")
@click.option("--model", type=click.Choice(MODELS), default="auto", show_default=True, help="Pitch network.")
def command(
    file: Path, out: Path, lyrics: Path | None, lyrics_language: str, title: str, artist: str, model: str
) -> None:
    """Analyse FILE, the recording of a solo voice (or a song.txt), into a reference for `voicejury judge`.

    The result is the contract's Song: its contour, the notes found in it, and the words.
    """
    if out.suffix.lower() not in SUFFIXES:
        raise CommandError(f"{out}: a prepared reference is a {' or '.join(SUFFIXES)} file")
    with progress_bar(TextColumn("pitch"), BarColumn(), TextColumn("{task.percentage:>3.0f} %")) as bar:
        task = bar.add_task("pitch", total=1.0)
        song = _prepared(file, lyrics, lyrics_language, model, lambda done: bar.update(task, completed=done))
    song.title, song.artist = title or song.title, artist or song.artist
    content = song.SerializeToString(deterministic=True) if out.suffix.lower() == ".pb" else _json(song)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{out}: cannot be written ({error.strerror})") from error
    melody = song.voices[0].reference.melody
    notes = sum(len(phrase.notes) for phrase in melody.phrases)
    words = len(song.voices[0].reference.lyrics.words)
    click.echo(f"{out}: {len(melody.phrases)} lines, {notes} notes, {words} words, {song.duration_s:.1f} s", err=True)


def _prepared(
    file: Path, lyrics: Path | None, lyrics_language: str, model: str, on_progress: Callable[[float], None]
) -> song_pb2.Song:
    """The song with its notes and words. Raises CommandError."""
    from deploy.commands.judge_files import read_lyrics, read_song
    from inference.analysis.judging import rules_of
    from inference.analysis.references import keep_notes
    from inference.errors import InferenceError

    rules = rules_of(live_pb2.LEVEL_NORMAL)
    song = read_song(file, pitch_estimator(model), on_progress)
    try:
        keep_notes(song, rules)
        if lyrics:
            read_lyrics(lyrics, song, rules)
    except InferenceError as error:
        raise CommandError(f"{file}: {error}") from error
    if lyrics_language:
        song.voices[0].reference.lyrics.language = lyrics_language
    return song


def _json(song: song_pb2.Song) -> bytes:
    return (MessageToJson(song, preserving_proto_field_name=True, indent=1) + "\n").encode()
