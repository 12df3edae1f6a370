"""Two hundred UltraStar songs imported in one go; the parser's corpus: each file parsed, or refused and told why."""

import itertools
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from signaling.errors import SongFormatError
from signaling.songs.ultrastar import parse_song
from signaling.sources.trees import song_files_in
from tests.bench.figures import Figure, Report, print_report, write_report
from tests.support.places import RECORDINGS
from tests.support.sounds import write_sound

PAGE = Path("docs/benchmarks.md")
SECTION = "bench-import"
SONGS = 200
AUDIO_S = 330.0  # longer than the notes of every text that is used
TAG = re.compile(rb"(?im)^#(TITLE|MP3|AUDIO|COVER|VIDEO|BACKGROUND)\s*:.*$")
PLACE = re.compile(r".+:\d+: \S.+")  # file, line and reason


@dataclass(frozen=True, slots=True)
class Run:
    wall_s: float
    cpu_s: float
    peak_mb: float
    added: int
    refused: int


def texts() -> list[bytes]:
    """Real song files whose notes end before our audio does."""
    songs = RECORDINGS / "songs"
    files = [*songs.glob("*/song.txt"), *songs.glob("text_only/*/*.txt")]
    good = [path for path in sorted(files) if path.name == "song.txt" and parse_song(path).duration_s < AUDIO_S]
    return [path.read_bytes() for path in good]


def make_songs(root: Path) -> int:
    """SONGS folders, each with a title and a file of sound of its own; returns the bytes of sound of one."""
    sound = write_sound(root / "sound.mp3", AUDIO_S, codec="mp3", muxer="mp3")
    size = sound.stat().st_size
    for number, text in zip(range(SONGS), itertools.cycle(texts()), strict=False):
        folder = root / f"shelf {number % 10}" / f"song {number}"
        folder.mkdir(parents=True)
        title = f"#TITLE:Song {number}\n#MP3:sound.mp3\n".encode()
        mark, body = (text[:3], text[3:]) if text.startswith(b"\xef\xbb\xbf") else (b"", text)
        body = b"\n".join(line for line in body.splitlines() if not TAG.match(line))
        (folder / f"song {number}.txt").write_bytes(mark + title + body)
        os.link(sound, folder / "sound.mp3")
    sound.unlink()
    return size


def imported(songs: Path, data: Path) -> Run:
    """The command as a user runs it, in a process of its own."""
    command = [sys.executable, "-m", "deploy.cli", "songs", "add", str(songs), "--data-dir", str(data), "--json"]
    out = data.parent / "out.json"
    began_s = time.monotonic()
    with out.open("wb") as file:
        actions = [(os.POSIX_SPAWN_DUP2, file.fileno(), 1)]
        pid = os.posix_spawn(sys.executable, command, os.environ, file_actions=actions)
        _pid, status, usage = os.wait4(pid, 0)
    wall_s = time.monotonic() - began_s
    if status:
        raise RuntimeError(f"the import ended with {os.waitstatus_to_exitcode(status)}")
    told = json.loads(out.read_text("utf-8"))
    return Run(
        wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, len(told["added"]), len(told["refused"])
    )


def import_figures() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "songs").mkdir()
        size = make_songs(root / "songs")
        began_s = time.process_time()
        found = len(list(song_files_in(root / "songs")))
        look_s = time.process_time() - began_s
        first, second = imported(root / "songs", root / "data"), imported(root / "songs", root / "data")
    return [
        Figure(f"{SONGS} songs of {size / 1e6:.1f} MB: time", first.wall_s, "s", 60.0),
        Figure("the same: CPU time", first.cpu_s, "s"),
        Figure("the same: memory, high-water mark", first.peak_mb, "MB", 200.0),
        Figure("the same: songs taken in", float(first.added), "", float(SONGS), at_least=True),
        Figure("the same songs once more: time", second.wall_s, "s", 60.0),
        Figure("to find them in the tree: CPU time", 1000.0 * look_s, "ms"),
        Figure("of them found", float(found), "", float(SONGS), at_least=True),
    ]


def corpus() -> Iterator[Path]:
    songs = RECORDINGS / "songs"
    for folder in ("text_only", "parser_tests", "spec"):
        yield from sorted(path for path in (songs / folder).rglob("*.txt") if path.name != "license.txt")


def corpus_figures() -> list[Figure]:
    parsed, refused, unexplained = 0, 0, 0
    began_s = time.process_time()
    for path in corpus():
        try:
            parse_song(path)
            parsed += 1
        except SongFormatError as error:
            refused += 1
            unexplained += PLACE.fullmatch(str(error)) is None
    spent_s = time.process_time() - began_s
    total = parsed + refused
    return [
        Figure("corpus: files", float(total), "", 60.0, at_least=True),
        Figure("corpus: parsed", float(parsed), ""),
        Figure("corpus: refused with file, line and reason", float(refused - unexplained), ""),
        Figure("corpus: refused without", float(unexplained), "", 0.0),
        Figure("corpus: CPU time of a file", 1000.0 * spent_s / max(total, 1), "ms"),
    ]


def main() -> None:
    report = Report()
    report.section("two hundred songs in one go", import_figures)
    report.section("the parser's corpus", corpus_figures)
    print_report(report)
    write_report(report, PAGE, SECTION)
    sys.exit(0 if report.passes else 1)


if __name__ == "__main__":
    main()
