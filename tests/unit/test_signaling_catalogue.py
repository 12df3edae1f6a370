"""The catalogue of the data folder, and the command that fills it."""

import json
import os
import wave
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from voicejury.v1 import song_pb2

from deploy.cli import main
from signaling.errors import SongAudioError, SongError
from signaling.songs.catalogue import Catalogue, import_ultrastar, slug, ultrastar_folders
from tests.contract.signaling_stage import SONG, SONG_ID, write_song
from tests.support.sounds import write_sound


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["songs", *map(str, words)])


def test_an_imported_song_is_found_listed_and_read_again(tmp_path: Path) -> None:
    folder = write_song(tmp_path / "in")
    (folder / "cover.jpg").write_bytes(b"jpeg")
    (folder / "song.txt").write_text("#COVER:COVER.JPG\n" + SONG)
    (folder / "license.txt").write_text("CC0")
    added = import_ultrastar(Catalogue(tmp_path), folder)
    catalogue = Catalogue(tmp_path)
    found = catalogue.find(SONG_ID)
    assert found == added
    assert [song.id for song in catalogue.songs()] == [SONG_ID]
    assert found is not None
    assert (found.audio_type, found.source, found.licence) == ("audio/wav", "ultrastar", "CC0")
    assert found.duration_s == pytest.approx(2.0, abs=0.01)
    audio = catalogue.file_of(found, found.audio_key)
    assert audio is not None
    assert audio.read_bytes() == (folder / "air.wav").read_bytes()
    assert catalogue.file_of(found, found.cover_key) == tmp_path / "songs" / SONG_ID / "cover.jpg"


def pair_folder(folder: Path, voice_s: float = 2.0) -> Path:
    """A song whose header names a karaoke pair."""
    write_song(folder, "#INSTRUMENTAL:Band.ogg\n#VOCALS:voice.flac\n" + SONG)
    write_sound(folder / "band.ogg", 2.0, amplitude=0.1)
    write_sound(folder / "voice.flac", voice_s, codec="flac", muxer="flac")
    return folder


def test_the_pair_that_a_header_names_is_backing_and_guide(tmp_path: Path) -> None:
    folder = pair_folder(tmp_path / "in")
    catalogue = Catalogue(tmp_path)
    song = import_ultrastar(catalogue, folder)
    assert (song.audio_type, song.guide_key, song.vocals_key) == ("audio/ogg", "vocals.flac", "vocals.flac")
    assert song.duration_s == pytest.approx(2.0, abs=0.05)
    for key, name in (
        (song.audio_key, "band.ogg"),
        (song.guide_key, "voice.flac"),
        (song.original_key, "air.wav"),
    ):
        kept = catalogue.file_of(song, key)
        assert kept is not None
        assert kept.read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("fault", ["half", "longer", "broken", "one file"])
def test_a_song_whose_pair_is_not_whole_is_sung_over_its_audio(tmp_path: Path, fault: str) -> None:
    folder = pair_folder(tmp_path / "in", voice_s=3.0 if fault == "longer" else 2.0)
    if fault == "half":
        (folder / "band.ogg").unlink()
    if fault == "broken":
        (folder / "voice.flac").write_bytes(b"fLaC and then nothing")
    if fault == "one file":
        (folder / "song.txt").write_text("#INSTRUMENTAL:band.ogg\n#VOCALS:band.ogg\n" + SONG)
    song = import_ultrastar(Catalogue(tmp_path), folder)
    assert (song.audio_key, song.audio_type, song.guide_key) == ("audio.wav", "audio/wav", "")
    assert (song.vocals_key, song.original_key) == ("", "")


def test_importing_again_replaces_the_song_and_is_seen_at_once(tmp_path: Path) -> None:
    server_view = Catalogue(tmp_path)
    assert server_view.find(SONG_ID) is None
    import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "in"))
    first = server_view.find(SONG_ID)
    import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "in", SONG.replace(" La\n", " Mi\n")))
    second = server_view.find(SONG_ID)
    assert first is not None
    assert second is not None
    assert second.voices[0].reference.melody.phrases[0].text == "Mi la"
    assert [song.id for song in server_view.songs()] == [SONG_ID]


def test_two_songs_of_one_name_do_not_replace_each_other(tmp_path: Path) -> None:
    long_title = "x" * 80
    for ending in ("one", "two"):
        text = SONG.replace("Petite chanson", long_title + ending)
        import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / ending, text))
    songs = Catalogue(tmp_path).songs()
    assert sorted(song.title[-3:] for song in songs) == ["one", "two"]
    assert all(len(song.id) <= 64 for song in songs)


@pytest.mark.parametrize("key", ["../other/song.json", "/etc/passwd", "", ".", "..", "a/b", "x\x00", ".hidden"])
def test_no_key_leads_out_of_a_songs_folder(tmp_path: Path, key: str) -> None:
    song = import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "in"))
    assert Catalogue(tmp_path).file_of(song, key) is None


@pytest.mark.parametrize("song_id", ["..", "../songs", "A", "a" * 65, "", "a/b"])
def test_no_id_leads_out_of_the_catalogue(tmp_path: Path, song_id: str) -> None:
    import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "in"))
    assert Catalogue(tmp_path).find(song_id) is None


@pytest.mark.parametrize("name", ["../air.wav", "/etc/passwd", "sub/air.wav", "..\\air.wav"])
def test_a_song_file_cannot_point_out_of_its_folder(tmp_path: Path, name: str) -> None:
    folder = write_song(tmp_path / "in", SONG.replace("air.wav", name))
    (tmp_path / "air.wav").write_bytes((folder / "air.wav").read_bytes())
    with pytest.raises(SongError, match=r"song\.txt:3: the audio .* is not beside the file"):
        import_ultrastar(Catalogue(tmp_path), folder)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"RIFF\x00\x00\x00\x00WAVEjunk" * 9, "does not decode"), (b"<html>", "does not decode")],
)
def test_corrupt_or_empty_audio_is_refused_and_nothing_is_left(tmp_path: Path, content: bytes, reason: str) -> None:
    folder = write_song(tmp_path / "in")
    (folder / "air.wav").write_bytes(content)
    with pytest.raises(SongAudioError, match=reason):
        import_ultrastar(Catalogue(tmp_path), folder)
    assert Catalogue(tmp_path).songs() == []


def test_notes_far_beyond_the_audio_are_refused(tmp_path: Path) -> None:
    folder = write_song(tmp_path / "in", SONG.replace(": 8 8 2", ": 900 8 2"))
    with pytest.raises(SongAudioError, match=r"ends at 2\.0 s, the notes at 45\.4 s"):
        import_ultrastar(Catalogue(tmp_path), folder)


def test_an_audio_format_that_no_browser_plays_is_refused(tmp_path: Path) -> None:
    folder = write_song(tmp_path / "in", SONG.replace("air.wav", "air.wma"), audio="air.wma")
    with pytest.raises(SongAudioError, match=r"a browser does not play \.wma"):
        import_ultrastar(Catalogue(tmp_path), folder)


@pytest.mark.parametrize("damage", ["{", '{"id": "other"}', '{"id": "personne-petite-chanson"}', "\xff"])
def test_a_damaged_song_json_is_left_out(tmp_path: Path, damage: str) -> None:
    import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "in"))
    (tmp_path / "songs" / SONG_ID / "song.json").write_text(damage, encoding="latin-1")
    assert Catalogue(tmp_path).songs() == []


def test_ids_are_slugs_whatever_the_letters() -> None:
    assert slug("Systemabsturz", "Verdächtig!") == "systemabsturz-verdachtig"
    assert slug("Ann", "Я люблю") != slug("Ann", "Я тебя")
    assert slug("", "") == "song"


def test_the_real_songs_come_into_the_catalogue(tmp_path: Path, recordings: Path) -> None:
    for folder in ultrastar_folders(recordings / "songs"):
        import_ultrastar(Catalogue(tmp_path), folder)
    songs = Catalogue(tmp_path).songs()
    assert [(song.artist, song.title, round(song.duration_s)) for song in songs] == [
        ("Jonathan Coulton", "Monkey Shines", 51),
        ("Jonathan Coulton", "Mr. Fancy Pants", 80),
        ("Joshua Morin", "On the run", 288),
    ]
    assert all(song.audio_type in ("audio/mpeg", "audio/ogg") for song in songs)


def test_the_command_adds_a_folder_of_songs_and_says_what_it_left_out(tmp_path: Path) -> None:
    write_song(tmp_path / "in" / "good")
    write_song(tmp_path / "in" / "bad", SONG.replace("#BPM:300", "#BPM:fast"))
    added = run("add", tmp_path / "in", "--data-dir", tmp_path / "data", "--json")
    assert added.exit_code == 0, added.output
    document = json.loads(added.stdout)
    assert [song["id"] for song in document["added"]] == [SONG_ID]
    assert f"{tmp_path}/in/bad/song.txt:4: #BPM is not a number" in document["refused"][0]
    assert "left out" in added.stderr
    listed = json.loads(run("list", "--json", "--data-dir", tmp_path / "data").stdout)
    assert [(song["id"], song["title"], song["artist"]) for song in listed] == [
        (SONG_ID, "Petite chanson", "Personne"),
    ]


def test_the_command_takes_the_data_folder_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VOICEJURY_DATA_DIR", str(tmp_path / "elsewhere"))
    assert run("add", write_song(tmp_path / "in")).exit_code == 0
    assert (tmp_path / "elsewhere" / "songs" / SONG_ID / "song.json").is_file()
    assert "Petite chanson" in run("list").stdout


def test_the_command_fails_with_one_line_when_nothing_was_added(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_song(tmp_path / "in" / name, SONG.replace("#BPM:300", "#BPM:fast"))
    for folder in (tmp_path / "in", tmp_path / "nowhere", tmp_path):
        failed = run("add", folder, "--data-dir", tmp_path / "data")
        assert failed.exit_code == 2
        assert len(failed.stderr.strip().splitlines()) == 1
        assert str(folder) in failed.stderr


def test_a_data_folder_made_by_an_import_is_its_owners_alone(tmp_path: Path) -> None:
    import_ultrastar(Catalogue(tmp_path / "data"), write_song(tmp_path / "in"))
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


def test_a_song_longer_than_a_take_can_hold_is_refused_in_minutes(tmp_path: Path) -> None:
    folder = write_song(tmp_path / "in")
    with wave.open(str(folder / "air.wav"), "wb") as file:
        file.setparams((1, 1, 1000, 0, "NONE", ""))
        file.writeframes(bytes(26 * 60 * 1000))
    with pytest.raises(SongAudioError, match=r"26\.0 minutes of audio; a song has 25 minutes at most"):
        import_ultrastar(Catalogue(tmp_path), folder)
    late = SONG.replace("#GAP:0", "#GAP:1500000")
    with pytest.raises(SongError, match=r"at 1500\.00 s lies outside the song of 25 minutes at most"):
        import_ultrastar(Catalogue(tmp_path), write_song(tmp_path / "late", late))


def test_a_listing_is_not_read_again_until_the_folder_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signaling.songs.catalogue.CLOCK_STEP_NS", 0)
    catalogue, other = Catalogue(tmp_path), Catalogue(tmp_path)
    audio = write_song(tmp_path / "import") / "air.wav"
    for name in ("one", "two"):
        catalogue.add(_plain_song(name), {"audio.wav": audio})
    looks: list[str] = []
    find = Catalogue.find

    def counted(self: Catalogue, song_id: str) -> song_pb2.Song | None:
        looks.append(song_id)
        return find(self, song_id)

    monkeypatch.setattr(Catalogue, "find", counted)
    for _ in range(3):
        assert [song.id for song in catalogue.songs()] == ["one", "two"]
    assert len(looks) == 2
    other.add(_plain_song("three"), {"audio.wav": audio})
    other.remove("one")
    assert [song.id for song in catalogue.songs()] == ["three", "two"]
    assert catalogue.find("one") is None


def test_a_linked_file_takes_no_room_and_a_removed_song_leaves_nothing(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    audio = write_song(tmp_path / "import") / "air.wav"
    catalogue.add(_plain_song("one"), {"audio.wav": audio}, link=True)
    linked = tmp_path / "songs" / "one" / "audio.wav"
    assert linked.samefile(audio)
    assert catalogue.size_bytes("one") > audio.stat().st_size
    catalogue.remove("one")
    catalogue.remove("../import")
    assert audio.exists()
    assert list((tmp_path / "songs").iterdir()) == []
    assert catalogue.size_bytes("one") == 0


def test_what_a_dead_process_left_is_swept_and_a_living_one_is_left_alone(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    for name in (".adding-old", ".removing-old", ".adding-new"):
        (tmp_path / "songs" / name / "half").mkdir(parents=True)
    for name in (".adding-old", ".removing-old"):
        os.utime(tmp_path / "songs" / name, (1000, 1000))
    assert catalogue.sweep(before_s=2000) == 2
    assert [entry.name for entry in (tmp_path / "songs").iterdir()] == [".adding-new"]


def _plain_song(song_id: str) -> song_pb2.Song:
    song = song_pb2.Song(id=song_id, title=song_id, artist="Personne", audio_key="audio.wav", audio_type="audio/wav")
    song.voices.add(name="P1")
    return song
