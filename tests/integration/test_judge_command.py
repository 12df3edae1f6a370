"""`voicejury judge`: files in, a verdict out, and one clear line on bad input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner, Result

from deploy.cli import main
from tests.support.verdict_facts import assert_the_jury_quotes_the_take
from tests.unit.recordings import RATE_HZ, Sound, voice

PITCHES = (0, 4, 2, 7, 5, 4, 2, 0)  # semitones above C4, as song.txt writes them
WORDS = ("Au", " clair", " de", " la", " lune,", " mon", " a", "mi")
BEAT_S = 0.1  # 150 beats a minute, four to a beat
LENGTH_BEATS = 5
KEYS = {
    "total",
    "pitch",
    "rhythm",
    "lyrics",
    "reasons",
    "weights_used",
    "key_shift_semitones",
    "latency_s",
    "coverage",
    "confidence",
    "estimator",
    "rules_version",
    "lines",
    "jury",
}


def judge(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["judge", *map(str, arguments)])


def verdict(*arguments: str | Path) -> dict[str, Any]:
    result = judge(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def sung(semitones: float = 0.0, notes: int = len(PITCHES)) -> Sound:
    sound = np.zeros(round((LENGTH_BEATS * len(PITCHES) + 10) * BEAT_S * RATE_HZ), np.float32)
    for number, pitch in enumerate(PITCHES[:notes]):
        start = round(number * LENGTH_BEATS * BEAT_S * RATE_HZ)
        note = voice(440 * 2 ** ((60 + pitch + semitones - 69) / 12), 0.9 * LENGTH_BEATS * BEAT_S)
        sound[start : start + len(note)] = note
    return sound


def write(path: Path, sound: Sound) -> Path:
    soundfile.write(path, sound, RATE_HZ)
    return path


@pytest.fixture
def take(tmp_path: Path) -> Path:
    return write(tmp_path / "take.wav", sung())


@pytest.fixture
def song(tmp_path: Path) -> Path:
    notes = [
        f": {number * LENGTH_BEATS} {LENGTH_BEATS} {pitch} {word}"
        for number, (pitch, word) in enumerate(zip(PITCHES, WORDS, strict=True))
    ]
    tags = ["#TITLE:Au clair", "#ARTIST:Anonyme", "#LANGUAGE:French", "#MP3:song.ogg", "#BPM:150", "#GAP:0"]
    path = tmp_path / "song.txt"
    path.write_text("\n".join([*tags, *notes, "E", ""]), encoding="utf-8")
    return path


def test_a_take_of_the_written_notes_gets_a_whole_verdict(take: Path, song: Path) -> None:
    found = verdict("--take", take, "--reference", song)
    assert found.keys() >= KEYS
    assert found["pitch"] >= 95
    assert found["rhythm"] >= 95
    assert found["lyrics"] is None
    assert "Whisper model not installed" in found["reasons"]["lyrics"]
    assert sum(found["weights_used"].values()) == pytest.approx(1.0)
    assert found["estimator"] == "crepe-tiny"
    assert found["latency_s"] == pytest.approx(0.0, abs=0.03)
    assert_the_jury_quotes_the_take(found)


def test_another_key_is_told_and_free_unless_it_is_fixed(tmp_path: Path, song: Path) -> None:
    higher = write(tmp_path / "higher.wav", sung(3.0))
    free = verdict("--take", higher, "--reference", song)
    assert free["key_shift_semitones"] == 3
    assert free["pitch"] >= 95
    assert verdict("--take", higher, "--reference", song, "--key", "fixed")["pitch"] < 40


def test_half_a_take_is_worth_less_and_another_solo_voice_is_a_reference_too(tmp_path: Path, take: Path) -> None:
    half = write(tmp_path / "half.wav", sung(notes=4))
    assert verdict("--take", take, "--reference", take)["pitch"] >= 98
    assert verdict("--take", half, "--reference", take)["pitch"] <= 70


def test_lyrics_from_a_file_stand_in_the_lines(tmp_path: Path, take: Path, song: Path) -> None:
    words = tmp_path / "words.txt"
    words.write_text("Au clair de la lune, mon ami\n", encoding="utf-8")
    found = verdict("--take", take, "--reference", song, "--lyrics", words)
    assert found["lyrics"] is None  # no recogniser here, and no neutral number
    assert found["reasons"]["lyrics"]


def test_the_same_files_get_the_same_verdict_and_people_read_it(take: Path, song: Path) -> None:
    assert verdict("--take", take, "--reference", song) == verdict("--take", take, "--reference", song)
    text = judge("--take", take, "--reference", song, "--language", "en").stdout
    assert "total" in text
    assert "Master Pendulum" in text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.wav", None, "no such file"),
        ("empty.wav", b"", "empty"),
        ("noise.wav", b"no sound at all", "not a sound file"),
    ],
)
def test_a_take_that_cannot_be_read_is_named(
    tmp_path: Path, song: Path, name: str, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert_refused(judge("--take", tmp_path / name, "--reference", song), name, said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"#TITLE:x\n#ARTIST:y\nE\n", "song.txt"),
        (b"not a song\n", "song.txt"),
        (b"#TITLE:x\n#ARTIST:y\n#MP3:z\n#BPM:fast\n: 0 4 0 la\nE\n", "song.txt"),
    ],
)
def test_a_song_that_cannot_be_read_is_named(take: Path, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "song.txt"
    path.write_bytes(content)
    assert_refused(judge("--take", take, "--reference", path), "song.txt", said)


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe\xff", "not UTF-8"), (b" \n", "no words")])
def test_lyrics_that_cannot_be_read_are_named(
    take: Path, song: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)
    assert_refused(judge("--take", take, "--reference", song, "--lyrics", path), "words.txt", said)


def test_a_spool_of_garbage_is_no_take(song: Path, tmp_path: Path) -> None:
    path = tmp_path / "take.spool"
    path.write_bytes(b"garbage")
    assert_refused(judge("--take", path, "--reference", song), "take.spool", "no record")


def assert_refused(result: Result, name: str, said: str) -> None:
    assert result.exit_code == 2
    assert result.stdout == ""
    errors = [line for line in result.stderr.splitlines() if line.startswith("Error:")]
    assert len(errors) == 1
    assert name in errors[0]
    assert said in errors[0]
    assert "Traceback" not in result.stderr
