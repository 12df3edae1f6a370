"""Working files: whole or not there, and only for what they were made from."""

from pathlib import Path

import pytest

from inference.audio.working import WorkingFiles
from tests.support.small_disk import small_disk

MADE_FROM = {"take": "0123", "estimator": "crepe-tiny"}


def test_a_working_file_is_read_again_only_for_what_it_was_made_from(tmp_path: Path) -> None:
    files = WorkingFiles((tmp_path / "s1").as_uri())
    files.write("pitch", MADE_FROM, b"\n\x00 two lines\nand bytes")
    assert files.read("pitch", MADE_FROM) == b"\n\x00 two lines\nand bytes"
    assert files.has("pitch", MADE_FROM)
    assert files.read("pitch", {**MADE_FROM, "take": "4567"}) is None
    assert not files.has("pitch", {**MADE_FROM, "take": "4567"})
    assert files.read("words", MADE_FROM) is None


@pytest.mark.parametrize("damage", [b"", b"{}", b"\x00\xff", b'{"take": "0123"}\n'])
def test_a_damaged_working_file_is_not_there(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "s1" / "work").mkdir(parents=True)
    (tmp_path / "s1" / "work" / "pitch").write_bytes(damage)
    files = WorkingFiles((tmp_path / "s1").as_uri())
    assert files.read("pitch", MADE_FROM) is None
    assert not files.has("pitch", MADE_FROM)


@pytest.mark.parametrize("name", ["../verdict.pb", "a/b", "", ".hidden"])
def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        WorkingFiles(tmp_path.as_uri()).write(name, MADE_FROM, b"")


def test_a_full_disk_keeps_the_file_that_was_there_and_no_piece_of_the_new_one(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "256k") as disk:
        files = WorkingFiles((disk / "s1").as_uri())
        files.write("pitch", MADE_FROM, b"old")
        with pytest.raises(OSError, match="No space left"):
            files.write("pitch", MADE_FROM, bytes(1_000_000))
        assert files.read("pitch", MADE_FROM) == b"old"
        assert [path.name for path in (disk / "s1" / "work").iterdir()] == ["pitch"]
