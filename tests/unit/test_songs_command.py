"""`voicejury songs add` on whole trees."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from deploy.cli import main
from tests.contract.signaling_stage import SONG, write_song


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["songs", *map(str, words)])


def named(folder: Path, name: str, title: str) -> Path:
    """A song whose file has a name of its own, as most libraries have."""
    write_song(folder, SONG.replace("Petite chanson", title))
    return (folder / "song.txt").rename(folder / name)


def test_every_song_of_a_tree_is_taken_in_whatever_its_file_is_called(tmp_path: Path) -> None:
    named(tmp_path / "in" / "A" / "Personne - Un", "Personne - Un.txt", "Un")
    named(tmp_path / "in" / "B" / "deep" / "er" / "Deux", "DEUX.TXT", "Deux")
    write_song(tmp_path / "in" / "Trois", SONG.replace("Petite chanson", "Trois"))
    (tmp_path / "in" / "A" / "readme.txt").write_text("not a song")
    added = run("add", tmp_path / "in", "--data-dir", tmp_path / "data", "--json")
    assert added.exit_code == 0, added.output
    document = json.loads(added.stdout)
    assert sorted(song["title"] for song in document["added"]) == ["Deux", "Trois", "Un"]
    assert document["refused"] == []


def test_several_folders_and_single_files_are_taken_at_once_each_song_once(tmp_path: Path) -> None:
    first = named(tmp_path / "one", "Un.txt", "Un")
    named(tmp_path / "two", "Deux.txt", "Deux")
    added = run("add", first, tmp_path / "one", tmp_path / "two", "--data-dir", tmp_path / "data", "--json")
    assert sorted(song["title"] for song in json.loads(added.stdout)["added"]) == ["Deux", "Un"]


def test_a_song_that_is_left_out_is_told_with_file_line_and_reason(tmp_path: Path) -> None:
    named(tmp_path / "in" / "good", "Un.txt", "Un")
    bad = named(tmp_path / "in" / "bad", "Deux.txt", "Deux")
    bad.write_text(bad.read_text().replace("#BPM:300", "#BPM:fast"))
    (tmp_path / "in" / "mute").mkdir()
    (tmp_path / "in" / "mute" / "Trois.txt").write_text(SONG)
    added = run("add", tmp_path / "in", "--data-dir", tmp_path / "data")
    assert added.exit_code == 0
    assert f"left out: {bad}:4: #BPM is not a number" in added.stderr
    assert "Trois.txt:" in added.stderr
    assert "is not beside the file" in added.stderr
    assert added.stdout.count("added ") == 1


def test_a_folder_without_songs_ends_with_one_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    write_song(tmp_path / "good")
    failed = run("add", tmp_path / "good", tmp_path / "empty", "--data-dir", tmp_path / "data")
    assert failed.exit_code == 2
    assert "empty" in failed.stderr
    assert not (tmp_path / "data" / "songs").exists()
