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
    "chance",
    "level",
    "key_free",
}
WORDS_LINE = "Au clair de la lune, mon ami\n"


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
    assert found["estimator"].startswith("crepe")
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


def test_a_transcript_is_scored_in_place_of_a_recogniser(tmp_path: Path, song: Path) -> None:
    heard = tmp_path / "heard.txt"
    take = write(tmp_path / "take.wav", np.concatenate([np.zeros(RATE_HZ // 5, np.float32), sung()]))
    found = {}
    for name, text in (("all", WORDS_LINE), ("half", "au clair de\n"), ("none", "thank you for watching\n")):
        heard.write_text(text, encoding="utf-8")
        found[name] = verdict("--take", take, "--reference", song, "--heard", heard)
    assert found["all"]["lyrics"] == 100
    assert 20 <= found["half"]["lyrics"] <= 60
    assert found["none"]["lyrics"] == 0
    assert "lyrics" not in found["none"]["reasons"]
    missing = [loss["word"] for line in found["half"]["lines"] for loss in line["losses"] if loss["part"] == "lyrics"]
    assert {"lune,", "mon", "ami"} <= set(missing)


def test_a_transcript_without_words_to_compare_is_told_to_be_unused(tmp_path: Path, take: Path) -> None:
    heard, words = tmp_path / "heard.txt", tmp_path / "words.txt"
    heard.write_text(WORDS_LINE, encoding="utf-8")
    words.write_text(WORDS_LINE, encoding="utf-8")
    against = ("--take", take, "--reference", take, "--model", "tiny", "--heard", heard, "--json")
    unused = judge(*against)
    assert unused.exit_code == 0
    assert json.loads(unused.stdout)["lyrics"] is None
    assert [line for line in unused.stderr.splitlines() if str(heard) in line] == [
        f"{heard}: not used, the song has no lyrics"
    ]
    used = judge(*against, "--lyrics", words)
    assert json.loads(used.stdout)["lyrics"] == 100
    assert str(heard) not in used.stderr


def test_lateness_costs_rhythm_once_the_route_is_calibrated(tmp_path: Path, song: Path) -> None:
    late = np.concatenate([np.zeros(round(0.35 * RATE_HZ), np.float32), sung()])
    files = ("--take", write(tmp_path / "late.wav", late), "--reference", song)
    free = verdict(*files)
    assert free["latency_s"] == pytest.approx(0.35, abs=0.05)
    assert verdict(*files, "--route-latency", "0")["rhythm"] <= free["rhythm"] - 20
    explained = verdict(*files, "--route-latency", "330")
    assert explained["rhythm"] == pytest.approx(free["rhythm"], abs=1)
    assert explained["route_latency_s"] == pytest.approx(0.33)


def test_levels_tell_their_rules_and_luck_is_told_of_both_parts(take: Path, song: Path) -> None:
    strict = verdict("--take", take, "--reference", song, "--level", "strict")
    assert (strict["level"], strict["key_free"]) == ("LEVEL_STRICT", False)
    kind = verdict("--take", take, "--reference", song, "--level", "kind", "--key", "fixed")
    assert (kind["level"], kind["key_free"]) == ("LEVEL_KIND", False)
    assert kind["chance"].keys() == {"pitch", "rhythm"}
    assert 0 < kind["chance"]["pitch"] < 1
    assert kind["chance"]["pitch"] == pytest.approx(kind["chance_pitch"], abs=1e-4)


@pytest.mark.parametrize("suffix", [".json", ".pb"])
def test_a_prepared_reference_is_the_voice_that_it_was_made_of(tmp_path: Path, take: Path, suffix: str) -> None:
    voice_file, words, out = tmp_path / "solo.wav", tmp_path / "words.txt", tmp_path / f"solo{suffix}"
    write(voice_file, sung(0.4))
    words.write_text(WORDS_LINE, encoding="utf-8")
    named = ("--lyrics", words, "--lyrics-language", "fr", "--model", "tiny")
    made = CliRunner().invoke(main, [*map(str, ("reference", voice_file, "--out", out, *named))])
    assert made.exit_code == 0, made.output
    assert "1 lines, 8 notes, 7 words" in made.stderr
    heard = ("--heard", words, "--model", "tiny")
    prepared = verdict("--take", take, "--reference", out, *heard)
    assert prepared["lyrics"] == 100
    assert prepared["lines"][0]["text"] == WORDS_LINE.strip()
    assert prepared == verdict("--take", take, "--reference", voice_file, *named, *heard)


@pytest.mark.parametrize(("language", "said"), [("fr", "Justesse"), ("en", "Pitch")])
def test_a_picture_is_drawn_in_either_language(
    tmp_path: Path, take: Path, song: Path, language: str, said: str
) -> None:
    picture, drawing = tmp_path / "take.png", tmp_path / "take.svg"
    for path in (picture, drawing):
        result = judge("--take", take, "--reference", song, "--plot", path, "--language", language)
        assert result.exit_code == 0, result.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    text = drawing.read_text(encoding="utf-8")
    assert said in text
    assert "Au clair de la lune" in text


@pytest.mark.parametrize(
    ("name", "said"), [("take.gif", ".png or .svg"), ("take", ".png or .svg"), ("none/take.png", "no such folder")]
)
def test_a_picture_that_cannot_be_drawn_is_told_before_the_work(
    tmp_path: Path, take: Path, song: Path, name: str, said: str
) -> None:
    assert_refused(judge("--take", take, "--reference", song, "--plot", tmp_path / name), name, said)


@pytest.mark.parametrize("milliseconds", ["-1", "nan", "inf", "2001"])
def test_an_impossible_route_latency_is_refused(take: Path, song: Path, milliseconds: str) -> None:
    result = judge("--take", take, "--reference", song, "--route-latency", milliseconds)
    assert_refused(result, "--route-latency", "from 0 to 2000 ms")


@pytest.mark.parametrize(
    ("name", "content"), [("song.json", b"[1]"), ("song.json", b"\xff"), ("song.pb", b"\xff\xff"), ("song.json", b"{}")]
)
def test_a_prepared_reference_that_is_none_is_named(take: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    said = "no voice to sing" if content == b"{}" else "not a prepared reference"
    assert_refused(judge("--take", take, "--reference", tmp_path / name), name, said)


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


def test_a_transcript_that_cannot_be_read_is_named(take: Path, song: Path, tmp_path: Path) -> None:
    path = tmp_path / "heard.txt"
    path.write_bytes(b"la " * 30_000)
    assert_refused(judge("--take", take, "--reference", song, "--heard", path), "heard.txt", "larger than 64 KiB")
    path.write_bytes(b"\xff\xfe\xff")
    assert_refused(judge("--take", take, "--reference", song, "--heard", path), "heard.txt", "not UTF-8")


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
