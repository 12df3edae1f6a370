"""Folders with odd files: names in no encoding, songs that cannot be read."""

import json
import os
from pathlib import Path

from signaling.search.finder import _track_of_file
from signaling.songs.catalogue import Catalogue
from signaling.sources.folders import Folder
from signaling.sources.watching import Watch
from tests.contract.signaling_stage import write_song
from tests.support.sounds import write_sound


async def test_a_name_in_no_encoding_is_found_by_what_can_be_read_of_it(tmp_path: Path) -> None:
    whole = write_sound(tmp_path / "whole.flac", 1.0, codec="flac", muxer="flac")
    os.rename(whole, os.fsencode(tmp_path) + b"/Beyonc\xe9 - D\xe9j\xe0 vu.flac")
    folder = Folder("music", tmp_path, max_s=60.0, max_bytes=10_000_000)
    await folder.scan()
    (source,) = folder.search("beyonc vu", 5)
    assert (source.title, source.artist) == ("D?j? vu", "Beyonc?")
    assert json.dumps(_track_of_file(source).as_json(), ensure_ascii=False).encode()


async def test_a_song_that_cannot_be_taken_holds_up_no_other_and_is_tried_again(tmp_path: Path) -> None:
    root, data = tmp_path / "root", tmp_path / "data"
    (data / "songs").mkdir(parents=True)
    for name in ("a", "b", "c"):
        text = f"#TITLE:{name}\n#ARTIST:Personne\n#MP3:air.wav\n#BPM:300\n#GAP:0\n: 0 8 0 La\nE\n"
        write_song(root / name, text=text)
    in_its_way = data / "songs" / "personne-b"
    in_its_way.write_text("no folder")
    watch = Watch(root, Folder("watched", root, 60.0, 10_000_000), Catalogue(data), data / "watched.json")
    looks = [await watch.look() for _ in range(2)]
    assert looks[1].added == ("personne-a", "personne-c")
    assert looks[1].refused == ("b/song.txt: File exists",)
    assert set(json.loads((data / "watched.json").read_text())) == {"a/song.txt", "c/song.txt"}
    in_its_way.unlink()
    assert (await watch.look()).added == ("personne-b",)
