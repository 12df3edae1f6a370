"""`voicejury words`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import main

KEYS = ["score", "wer", "hits", "substitutions", "deletions", "insertions"]


def words(folder: Path, expected: str | bytes, heard: str | bytes, *more: str) -> Result:
    for name, text in (("expected", expected), ("heard", heard)):
        (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    files = ["--expected", str(folder / "expected"), "--heard", str(folder / "heard")]
    return CliRunner().invoke(main, ["words", *files, *more])


def test_json_holds_the_score_and_the_counts(tmp_path: Path) -> None:
    found = words(tmp_path, "Au clair de la lune\nMon ami Pierrot", "au clair de la brune mon ami", "--json")
    assert found.exit_code == 0
    figures = json.loads(found.stdout)
    assert list(figures) == KEYS
    assert list(figures.values()) == [75.0, 0.25, 6, 1, 1, 0]


def test_the_language_changes_what_is_alike(tmp_path: Path) -> None:
    english = words(tmp_path, "I'm singin' 21 songs", "i am singing twenty-one songs", "--lang", "en", "--json")
    french = words(tmp_path, "I'm singin' 21 songs", "i am singing twenty-one songs", "--lang", "fr", "--json")
    assert json.loads(english.stdout)["score"] == 100
    assert json.loads(french.stdout)["score"] < 100


def test_evidence_names_each_word_and_each_extra_one(tmp_path: Path) -> None:
    found = words(tmp_path, "la mer\nle ciel", "la terre le grand ciel", "--json", "--evidence")
    evidence = json.loads(found.stdout)
    assert list(evidence) == [*KEYS, "words", "extra"]
    assert evidence["words"][1] == {"word": "mer", "line": 1, "fate": "wrong", "heard": "terre"}
    assert evidence["extra"] == [{"word": "grand", "line": 2}]


def test_a_person_reads_what_was_wrong_and_where(tmp_path: Path) -> None:
    found = words(tmp_path, "la mer\nle ciel bleu", "la terre le grand ciel")
    assert found.exit_code == 0
    assert "3 of 5 words right, 1 wrong, 1 missing, 1 extra" in found.stdout
    assert "line   1  mer: heard terre" in found.stdout
    assert "line   2  bleu: missing" in found.stdout
    assert "line   2  extra: grand" in found.stdout


def test_an_lrc_file_is_read_in_the_order_of_its_times(tmp_path: Path) -> None:
    lrc = "[ar:Personne]\n[length: 03:00]\n[00:01.00][00:09.50]Mon ami\n[00:04.2]<00:04.20> Pierrot <00:05.00> chante\n"
    found = words(tmp_path, lrc, "mon ami pierrot chante mon ami", "--json")
    assert json.loads(found.stdout)["score"] == 100
    assert json.loads(found.stdout)["hits"] == 6


def test_an_empty_transcript_is_worth_nothing(tmp_path: Path) -> None:
    figures = json.loads(words(tmp_path, "la mer", "", "--json").stdout)
    assert list(figures.values()) == [0.0, 1.0, 0, 0, 2, 0]


def test_what_was_heard_in_the_original_voice_is_worth_100(tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_text("la mer le ciel", encoding="utf-8")
    found = words(tmp_path, "la mer le ciel bleu", "la mer le ciel", "--original", str(original), "--json")
    assert json.loads(found.stdout)["score"] == 100


def test_lyrics_of_fillers_have_no_score_and_say_why(tmp_path: Path) -> None:
    found = words(tmp_path, "la la la\noh oh", "la la la", "--json")
    assert found.exit_code == 0
    assert json.loads(found.stdout) == {**dict.fromkeys(KEYS, 0), "score": None, "wer": None}
    assert "only fillers" in found.stderr


@pytest.mark.parametrize(
    ("expected", "heard", "said"),
    [
        ("", "la mer", "holds no words"),
        (" \n\t", "la mer", "holds no words"),
        ("[ti:La mer]\n[00:01.00]", "la mer", "holds no words"),
        ("été".encode("latin-1"), "été", "not UTF-8 text"),
        ("la mer", "la mer".encode("utf-16"), "not UTF-8 text"),
        ("la\0mer", "la mer", "not text"),
        ("la mer " * 160_000, "la mer", "larger than 1 MiB"),
    ],
)
def test_a_bad_file_is_told_in_one_line(tmp_path: Path, expected: str | bytes, heard: str | bytes, said: str) -> None:
    found = words(tmp_path, expected, heard, "--json")
    assert found.exit_code == 2
    assert found.stdout == ""
    assert said in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    heard.write_text("la mer", encoding="utf-8")
    for path in (tmp_path / "nothing", tmp_path):
        found = CliRunner().invoke(main, ["words", "--expected", str(path), "--heard", str(heard)])
        assert found.exit_code == 2
        assert f"{path}: no such file" in found.stderr


def test_an_unknown_language_is_refused(tmp_path: Path) -> None:
    assert words(tmp_path, "la mer", "la mer", "--lang", "xx").exit_code == 2
