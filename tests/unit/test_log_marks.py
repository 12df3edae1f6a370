"""What logs say of songs, sources and files: enough to find them, and no title."""

from signaling.songs.marks import song_mark, source_mark
from signaling.store.database import told


def test_a_prepared_song_is_named_by_the_hash_at_its_end() -> None:
    assert song_mark("her-air-0123456789ab") == "0123456789ab"
    assert song_mark("0123456789ab-air") != "0123456789ab"


def test_a_song_by_hand_and_a_source_are_named_by_a_hash() -> None:
    for mark in (song_mark("her-beautiful-air"), song_mark("air"), source_mark("youtube:dQw4w9WgXcQ").split()[1]):
        assert len(mark) == 12
        assert set(mark) <= set("0123456789abcdef")
    assert song_mark("air") != song_mark("sea")
    assert source_mark("youtube:dQw4w9WgXcQ").startswith("youtube ")


def test_an_error_of_a_file_tells_no_path() -> None:
    error = FileNotFoundError(2, "No such file or directory", "/songs/her-air")
    assert told(error) == "FileNotFoundError: No such file or directory"
    assert told(ValueError("odd")) == "ValueError: odd"
