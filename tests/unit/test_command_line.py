"""What `voicejury` says of a wrong command line, and where it draws a bar."""

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
import soundfile
from click.testing import CliRunner

from deploy.cli import main
from tests.support.places import ROOT
from tests.unit.recordings import RATE_HZ, voice


@pytest.mark.parametrize(
    ("words", "said", "command"),
    [
        (["--nothing"], "No such option", "voicejury"),
        (["nothing"], "No such command", "voicejury"),
        (["pitch"], "Missing argument", "voicejury pitch"),
        (["pitch", "a.wav", "--model", "huge"], "Invalid value for", "voicejury pitch"),
        (["songs", "add"], "Missing argument", "voicejury songs add"),
        (["serve", "--port", "70000"], "Invalid value for", "voicejury serve"),
        (["sing", "a.wav"], "Missing option", "voicejury sing"),
    ],
)
def test_a_wrong_command_line_is_told_in_one_line(words: list[str], said: str, command: str) -> None:
    result = CliRunner().invoke(main, words, prog_name="voicejury")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    assert said in result.stderr
    assert result.stderr.endswith(f"(see {command} --help)\n")


def test_no_word_at_all_shows_the_help() -> None:
    result = CliRunner().invoke(main, [], prog_name="voicejury")
    assert "Commands:" in result.output


def test_a_bar_is_drawn_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, voice(220.0, 11.0), RATE_HZ)
    command = [sys.executable, "-m", "deploy.cli", "pitch", str(path)]
    piped = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=60, check=True)
    assert piped.stderr == b""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        drawn = os.read(ours, 10_000)
        os.close(theirs)
        while process.poll() is None:
            with suppress(OSError):  # the other end was closed
                drawn += os.read(ours, 10_000)
    os.close(ours)
    assert b"pitch" in drawn
