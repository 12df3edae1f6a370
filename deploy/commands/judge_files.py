"""The files that `voicejury judge` and `voicejury reference` read: takes, references, words. Loads the judge."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

from voicejury.v1 import song_pb2

from deploy.commands import CommandError
from inference.analysis.judging import Sung, sung_file, sung_take
from inference.analysis.references import parse_song, set_lyrics, solo_song
from inference.audio.files import load_mono_16k
from inference.audio.take import read_take
from inference.domain.rules import ScoringRules
from inference.errors import InferenceError
from inference.models.estimator import PitchEstimator

MAX_FILE_BYTES = 4 * 1024**3  # read in blocks; an hour of 192 kHz stereo in floats would be more
MAX_TEXT_BYTES = 1024 * 1024
MAX_HEARD_BYTES = 64 * 1024
MAX_PREPARED_BYTES = 32 * 1024 * 1024
SPOOL_SUFFIX = ".spool"
LATE_NAME = "late.spool"  # beside a take: what the phone sent afterwards
SONG_SUFFIX = ".txt"
JSON_SUFFIX = ".json"
PROTOBUF_SUFFIX = ".pb"


def check_file(path: Path, largest: int = MAX_FILE_BYTES) -> None:
    """Raises CommandError."""
    if path.is_dir():
        raise CommandError(f"{path}: this is a folder, not a file")
    if not path.is_file():
        raise CommandError(f"{path}: no such file")
    size = path.stat().st_size
    if size == 0:
        raise CommandError(f"{path}: the file is empty")
    if size > largest:
        raise CommandError(f"{path}: larger than {_size(largest)}")


def _size(count: int) -> str:
    return f"{count >> 10} KiB" if count < 1024**2 else f"{count >> 20} MiB"


def read_sung(path: Path) -> Sung:
    """A sound file that begins with the song, or a take as the house keeps it. Raises CommandError."""
    check_file(path)
    try:
        if path.suffix == SPOOL_SUFFIX:
            late = path.with_name(LATE_NAME)
            with path.open("rb") as file, late.open("rb") if late.exists() else nullcontext() as filled:
                return sung_take(read_take(file, filled))
        return sung_file(load_mono_16k(path))
    except InferenceError as error:
        raise CommandError(f"{path}: {error}") from error


def read_song(path: Path, estimator: PitchEstimator, on_progress: Callable[[float], None]) -> song_pb2.Song:
    """A song.txt, a prepared reference, or the recording of a solo voice. Raises CommandError."""
    suffix = path.suffix.lower()
    check_file(path, MAX_PREPARED_BYTES if suffix in (JSON_SUFFIX, PROTOBUF_SUFFIX) else MAX_FILE_BYTES)
    try:
        if suffix == SONG_SUFFIX:
            return _ultrastar(path)
        if suffix in (JSON_SUFFIX, PROTOBUF_SUFFIX):
            return parse_song(path.read_bytes(), suffix == JSON_SUFFIX)
        return solo_song(load_mono_16k(path), estimator, path.stem, on_progress)
    except InferenceError as error:
        raise CommandError(f"{path}: {error}") from error


def _ultrastar(path: Path) -> song_pb2.Song:
    from signaling.errors import SongError
    from signaling.songs.ultrastar import load_ultrastar

    try:
        return load_ultrastar(path)
    except SongError as error:
        raise CommandError(str(error)) from error


def read_lyrics(path: Path, song: song_pb2.Song, rules: ScoringRules) -> None:
    """Puts the words of a text file in place of the song's own. Raises CommandError."""
    lines = [line.strip() for line in read_text(path, MAX_TEXT_BYTES).splitlines() if line.strip()]
    if not lines:
        raise CommandError(f"{path}: holds no words")
    set_lyrics(song, lines, rules)


def read_text(path: Path, largest: int) -> str:
    """Raises CommandError."""
    check_file(path, largest)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise CommandError(f"{path}: not UTF-8 text") from error
