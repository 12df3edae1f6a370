"""`voicejury pitch`."""

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.unit.recordings import RATE_HZ, voice


def pitch(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["pitch", *arguments])


@pytest.fixture
def a3(tmp_path: Path) -> str:
    path = tmp_path / "a3.wav"
    soundfile.write(path, voice(220.0, 0.5), RATE_HZ)
    return str(path)


def test_csv_has_a_row_every_ten_milliseconds(a3: str) -> None:
    result = pitch(a3)
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert result.exit_code == 0
    assert [float(row["time_s"]) for row in rows] == pytest.approx([0.01 * n for n in range(50)])
    assert all(float(row["f0_hz"]) == pytest.approx(220, rel=0.005) for row in rows[5:-5])
    assert all(float(row["periodicity"]) > 0.5 for row in rows[5:-5])


def test_json_holds_the_same_rows(a3: str) -> None:
    rows = list(csv.DictReader(io.StringIO(pitch(a3, "--csv").stdout)))
    frames = json.loads(pitch(a3, "--json", "--model", "tiny").stdout)
    assert frames == [{name: float(value) for name, value in row.items()} for row in rows]


@pytest.mark.parametrize("options", [(), ("--model", "tiny"), ("--model", "swift-f0")])
def test_live_prints_what_a_singer_would_see_live(a3: str, options: tuple[str, ...]) -> None:
    rows = list(csv.DictReader(io.StringIO(pitch(a3, "--live", *options).stdout)))
    assert [float(row["time_s"]) for row in rows] == pytest.approx([0.02 * n for n in range(25)])
    assert all(float(row["f0_hz"]) == pytest.approx(220, rel=0.005) for row in rows[3:-3])


def test_live_knows_nothing_of_what_comes_later(tmp_path: Path) -> None:
    whole, beginning = tmp_path / "whole.wav", tmp_path / "beginning.wav"
    sound = np.concatenate([voice(220.0, 0.6, 0.02), voice(330.0, 0.6), voice(440.0, 0.6)])
    soundfile.write(whole, sound, RATE_HZ)
    soundfile.write(beginning, sound[: round(0.6 * RATE_HZ)], RATE_HZ)
    known = pitch(str(beginning), "--live").stdout.splitlines()
    until = 1 + 28  # the header, and the frames whose 64 ms end with the beginning
    assert known[:until] == pitch(str(whole), "--live").stdout.splitlines()[:until]


@pytest.mark.parametrize("seconds", [0.31, 12.0])
def test_live_frames_cover_the_file_to_its_end(tmp_path: Path, seconds: float) -> None:
    path = tmp_path / "long.wav"
    soundfile.write(path, voice(220.0, seconds), RATE_HZ)
    rows = list(csv.DictReader(io.StringIO(pitch(str(path), "--live").stdout)))
    assert len(rows) == math.ceil(round(seconds * RATE_HZ) / 320)


def test_swift_f0_hears_the_same_note(a3: str) -> None:
    rows = list(csv.DictReader(io.StringIO(pitch(a3, "--model", "swift-f0").stdout)))
    assert len(rows) == 50
    assert all(float(row["f0_hz"]) == pytest.approx(220, rel=0.005) for row in rows[5:-5])


@pytest.mark.parametrize("content", [b"", b"no sound", bytes(4000)])
def test_a_corrupt_file_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    result = pitch(str(path))
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    result = pitch(str(tmp_path / "none.wav"))
    assert result.exit_code == 2
    assert "does not exist" in result.stderr


def test_csv_and_json_at_once_are_refused(a3: str) -> None:
    assert pitch(a3, "--csv", "--json").exit_code == 2
