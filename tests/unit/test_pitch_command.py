"""`voicejury pitch`."""

import csv
import io
import json
from pathlib import Path

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
