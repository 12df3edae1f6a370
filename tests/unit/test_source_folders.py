"""Folders as sources: what a tree holds, the watched folder, a media library that is only read."""

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from signaling.errors import SourceError
from signaling.songs.catalogue import Catalogue
from signaling.sources.folders import Folder, Folders
from signaling.sources.model import Fetched, Kind, Source, Wanted
from signaling.sources.ranking import fold
from signaling.sources.sources import Sources
from signaling.sources.trees import Tree, look, name_of
from signaling.sources.watching import Watch, keep_scanned
from signaling.store.database import open_database
from signaling.store.sources import SourceTable
from tests.contract.signaling_stage import until, write_song
from tests.support.sounds import write_sound

LRC = "[00:00.50]Hello\n[00:01.50]again\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    found = tmp_path / "root"
    found.mkdir()
    return found


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    opened = await open_database(f"sqlite+aiosqlite:///{tmp_path / 'sources.db'}")
    yield opened
    await opened.dispose()


def sound(path: Path, seconds: float = 1.5, amplitude: float = 0.3, **tags: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_sound(path, seconds, codec="flac", muxer="flac", amplitude=amplitude, tags=tags)


def shelf(root: Path, name: str = "music", max_bytes: int = 10_000_000) -> Folder:
    return Folder(name, root, max_s=60.0, max_bytes=max_bytes)


def stamps(root: Path) -> list[tuple[str, int]]:
    return sorted((str(path), path.stat().st_mtime_ns) for path in root.rglob("*"))


async def fetch(folder: Folder, source: Source, tmp_path: Path) -> Fetched:
    out = tmp_path / "out"
    await asyncio.to_thread(out.mkdir, exist_ok=True)
    return await Folders([folder]).fetch(source, out, lambda *_: None)


@pytest.mark.parametrize(
    ("path", "title", "artist"),
    [
        ("Björk - Jóga.flac", "Jóga", "Björk"),
        ("Queen/A Night at the Opera/11 Bohemian Rhapsody.flac", "Bohemian Rhapsody", "Queen"),
        ("Queen/A Night at the Opera/1-03 - Love of My Life.flac", "Love of My Life", "Queen"),
        ("Queen/39.flac", "39", "Queen"),
        ("99 Luftballons.flac", "Luftballons", ""),
        ("loose.flac", "loose", ""),
    ],
)
def test_names_tell_title_and_artist(path: str, title: str, artist: str) -> None:
    assert name_of(Path("/x"), Path("/x") / path) == (title, artist)


def test_a_tree_is_told_by_what_lies_beside_each_other(root: Path) -> None:
    write_song(root / "ultra" / "one")
    (root / "ultra" / "one" / "song.txt").rename(root / "ultra" / "one" / "Nobody - Air.txt")
    for name in ("pair/Air (Instrumental).flac", "pair/Air (Vocals).flac", "pair/Air.flac", "alone/Sea [Karaoke].flac"):
        sound(root / name)
    sound(root / "words" / "Her - Song.flac")
    (root / "words" / "Her - Song.lrc").write_text(LRC)
    (root / "words" / "Her - Song.txt").write_text("plain words")
    (root / "words" / "cover.jpg").write_bytes(b"x")
    tree = look(root)
    assert [path.name for path in tree.song_files] == ["Nobody - Air.txt"]
    found = {recording.title: recording for recording in tree.recordings}
    assert {title: tuple(role for role, _ in one.files) for title, one in found.items()} == {
        "Air": ("instrumental", "vocals"),
        "Sea [Karaoke]": ("original",),
        "Song": ("original",),
    }
    assert found["Song"].lyrics == root / "words" / "Her - Song.lrc"
    assert tree.is_whole


def test_links_hidden_files_and_empty_ones_are_passed_over(root: Path, tmp_path: Path) -> None:
    outside = sound(tmp_path / "outside" / "secret.flac")
    (root / "link.flac").symlink_to(outside)
    (root / "folder").symlink_to(outside.parent)
    (root / "loop").symlink_to(root)
    sound(root / ".hidden" / "x.flac")
    sound(root / ".x.flac")
    (root / "empty.flac").touch()
    assert look(root).recordings == []


def test_a_tree_without_end_is_looked_at_to_a_depth_and_says_so(root: Path) -> None:
    deep = root.joinpath(*["d"] * 12)
    sound(deep / "x.flac")
    tree = look(root)
    assert tree.recordings == []
    assert not tree.is_whole


async def test_a_library_is_found_by_tags_by_names_and_never_written_to(root: Path, tmp_path: Path) -> None:
    sound(root / "Queen" / "Opera" / "11 Track.flac", title="Bohemian Rhapsody", artist="Queen")
    sound(root / "Björk" / "Homogenic" / "02 Jóga.flac")
    sound(root / "Björk" / "Homogenic" / "03 Unravel.flac")
    before = stamps(root)
    folder = shelf(root)
    await folder.scan()
    assert [one.title for one in folder.search("bohemian rapsody queen", 5)] == ["Bohemian Rhapsody"]
    (hit,) = await Folders([folder]).candidates(Wanted("spotify:1", "Joga", "Bjork", None))
    assert (hit.title, hit.artist, hit.track_id, hit.kind) == ("Jóga", "Björk", "spotify:1", Kind.FOLDER)
    assert str(root) not in repr(hit)
    fetched = await fetch(folder, hit, tmp_path)
    assert fetched.original is not None
    assert fetched.original.read_bytes() == (root / "Björk" / "Homogenic" / "02 Jóga.flac").read_bytes()
    assert stamps(root) == before


async def test_a_pair_and_the_words_beside_it_come_together(root: Path, tmp_path: Path) -> None:
    sound(root / "Her - Air (Instrumental).flac")
    sound(root / "Her - Air (Vocals).flac", amplitude=0.2)
    (root / "Her - Air.lrc").write_text(LRC)
    folder = shelf(root)
    await folder.scan()
    (source,) = folder.search("her air", 5)
    fetched = await fetch(folder, source, tmp_path)
    assert fetched.original is None
    assert fetched.instrumental is not None
    assert fetched.vocals is not None
    assert (fetched.title, fetched.artist, fetched.lyrics) == ("Air", "Her", LRC)


async def test_a_file_that_became_a_link_grew_or_went_is_not_fetched(root: Path, tmp_path: Path) -> None:
    outside = sound(tmp_path / "outside.flac")
    path = sound(root / "Her - Air.flac")
    folder = shelf(root, max_bytes=path.stat().st_size)
    await folder.scan()
    (source,) = folder.search("her air", 1)

    async def code() -> str:
        with pytest.raises(SourceError) as refused:
            await fetch(folder, source, tmp_path)
        assert stamps(tmp_path / "out") == []
        return refused.value.code

    path.write_bytes(path.read_bytes() + b"x")
    assert await code() == "too-large"
    path.unlink()
    path.symlink_to(outside)
    assert await code() == "no-source"
    path.unlink()
    assert await code() == "no-source"


async def test_a_source_is_fetched_after_a_restart_by_the_same_id(
    root: Path, tmp_path: Path, engine: AsyncEngine
) -> None:
    sound(root / "Her - Air.flac")
    first = shelf(root)
    await first.scan()
    table = SourceTable(engine)

    async def refuse(_url: str) -> Source:
        raise SourceError("source-refused", "no")

    found = await Sources(table, {Kind.FOLDER: Folders([first])}, refuse).candidates(Wanted("spotify:1", "Air", "Her"))
    restarted = Sources(table, {Kind.FOLDER: Folders([shelf(root)])}, refuse)
    out = tmp_path / "out"
    await asyncio.to_thread(out.mkdir)
    fetched = await restarted.fetch(found[0].source.id, out, lambda *_: None)
    known = await restarted.find(found[0].source.id)
    assert known is not None
    assert known.content_hash == fetched.content_hash


async def test_a_look_that_breaks_is_not_the_last(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken: list[str] = []

    def odd_once(root: Path) -> Tree:
        if root.name not in broken:
            broken.append(root.name)
            raise ValueError("an odd file")
        return look(root)

    for module in ("watching", "folders"):
        monkeypatch.setattr(f"signaling.sources.{module}.look", odd_once)
    for period in ("PERIOD_S", "LIBRARY_PERIOD_S"):
        monkeypatch.setattr(f"signaling.sources.watching.{period}", 0.01)
    catalogue, music = Catalogue(tmp_path / "data"), shelf(tmp_path / "music")
    (tmp_path / "data").mkdir()
    write_song(root / "one")
    sound(tmp_path / "music" / "Her - Air.flac")
    watch = Watch(root, shelf(root, "watched"), catalogue, tmp_path / "data" / "watched.json")
    looking = [asyncio.create_task(watch.run()), asyncio.create_task(keep_scanned(music))]

    async def is_found() -> bool:
        return bool(await asyncio.to_thread(catalogue.songs) and music.search("air", 5))

    try:
        await until(is_found)
    finally:
        for task in looking:
            task.cancel()
        await asyncio.gather(*looking, return_exceptions=True)
    assert sorted(broken) == ["music", "root"]


async def test_the_watched_folder_takes_songs_once_they_are_whole(root: Path, tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path / "data")
    (tmp_path / "data").mkdir()
    watch = Watch(root, shelf(root, "watched"), catalogue, tmp_path / "data" / "watched.json")
    assert (await watch.look()).added == ()
    folder = write_song(root / "one")
    assert (await watch.look()).added == ()
    (folder / "air.wav").write_bytes((folder / "air.wav").read_bytes() + b"\0\0")  # still being copied
    assert (await watch.look()).added == ()
    (added,) = (await watch.look()).added
    assert [song.id for song in catalogue.songs()] == [added]
    assert (await watch.look()).added == ()


async def test_a_restart_takes_nothing_twice_and_a_changed_song_again(root: Path, tmp_path: Path) -> None:
    write_song(root / "one")
    data = tmp_path / "data"
    data.mkdir()

    async def looks(count: int) -> list[str]:
        watch = Watch(root, shelf(root, "watched"), Catalogue(data), data / "watched.json")
        return [song for _ in range(count) for song in (await watch.look()).added]

    assert len(await looks(3)) == 1
    assert await looks(3) == []
    os.utime(root / "one" / "song.txt", (1, 1))
    assert len(await looks(3)) == 1
    (data / "watched.json").write_text("[broken")
    assert len(await looks(3)) == 1
    assert json.loads((data / "watched.json").read_text())


async def test_a_broken_song_is_refused_once_and_does_not_hold_up_the_next(root: Path, tmp_path: Path) -> None:
    write_song(root / "bad", text="#TITLE:T\n#BPM:fast\n: 0 1 0 a\n")
    write_song(root / "good")
    sound(root / "Her - Air.flac")
    (tmp_path / "data").mkdir()
    folder = shelf(root, "watched")
    watch = Watch(root, folder, Catalogue(tmp_path / "data"), tmp_path / "data" / "watched.json")
    looks = [await watch.look() for _ in range(3)]
    assert [len(look.added) for look in looks] == [0, 1, 0]
    (reason,) = looks[1].refused
    assert reason.startswith(f"{root / 'bad' / 'song.txt'}:2: #BPM")
    assert "fast" not in reason.removeprefix(str(root))  # logs hold no words of a file
    assert [len(look.refused) for look in looks] == [0, 1, 0]
    assert [source.title for source in folder.search("air", 5)] == ["Air"]


async def test_a_watched_folder_that_is_gone_is_looked_for_again(root: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    watch = Watch(root / "later", shelf(root, "watched"), Catalogue(tmp_path / "data"), tmp_path / "data" / "w.json")
    assert (await watch.look()).added == ()
    write_song(root / "later" / "one")
    looks = [await watch.look() for _ in range(2)]
    assert [len(look.added) for look in looks] == [0, 1]


async def test_a_look_that_finds_the_same_builds_nothing_anew_and_words_that_come_are_seen(root: Path) -> None:
    sound(root / "Her - Air.flac")
    folder = shelf(root)
    await folder.scan()
    (first,) = folder.search("air", 5)
    built = folder.named(first.id)
    await folder.scan()
    assert folder.named(first.id) is built
    (root / "Her - Air.lrc").write_text(LRC)
    await folder.scan()
    (second,) = folder.search("air", 5)
    assert (second.id, second.details["has_words"], first.details["has_words"]) == (first.id, True, False)


async def test_the_event_loop_folds_no_name_of_a_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []

    def folded(text: str) -> str:
        threads.append(threading.get_ident())
        return fold(text)

    monkeypatch.setattr("signaling.sources.folders.fold", folded)
    sound(root / "Her - Air.flac")
    await shelf(root).scan()
    assert len(threads) == 1
    assert threading.get_ident() not in threads
