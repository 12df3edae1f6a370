"""The songs of the house: data_dir/songs/<song_id>/song.json and the files beside it."""

import hashlib
import logging
import os
import re
import shutil
import tempfile
import time
import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.json_format import MessageToJson, Parse, ParseError
from voicejury.v1 import song_pb2

from signaling.errors import SongAudioError, SongError, SongFormatError
from signaling.songs.audio import AudioFacts, probe_audio
from signaling.songs.header import Header
from signaling.songs.karaoke import KaraokePair, karaoke_pair
from signaling.songs.marks import song_mark
from signaling.songs.ultrastar import find_song_file, load_ultrastar, parse_song

SONG_JSON = "song.json"
SONG_ID = re.compile(r"[a-z0-9-]{1,64}")
FILE_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
COVER_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
MAX_COVER_BYTES = 10 * 1024 * 1024
MAX_LICENCE_CHARACTERS = 4000
INDEX_S = 2.0  # a song.json that a person edits by hand is seen after this
CLOCK_STEP_NS = 50_000_000  # kernels stamp files with a clock of a few milliseconds
ADDING, REMOVING = ".adding-", ".removing-"
NOTES_PAST_AUDIO_S = 2.0  # a file may end its last note a little after the audio

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Index:
    """Every song, as one look at the folder found them."""

    songs: tuple[song_pb2.Song, ...]
    folder_changed_ns: int
    looked_s: float  # on the monotonic clock
    looked_ns: int  # on the clock of the files


class Catalogue:
    """Sees what another process added within INDEX_S, and at once what this one added. Safe for several threads."""

    def __init__(self, data_dir: Path) -> None:
        self._root = data_dir / "songs"
        self._read: dict[str, tuple[int, song_pb2.Song]] = {}  # by id: mtime in ns, the song
        self._index: _Index | None = None

    def songs(self) -> list[song_pb2.Song]:
        """The demo first, then by artist and title; the messages must not be changed."""
        index = self._index
        if index is None or not self._is_fresh(index):
            index = self._index = self._look()
        return list(index.songs)

    def _is_fresh(self, index: _Index) -> bool:
        changed_ns = self._changed_ns()
        if changed_ns != index.folder_changed_ns or time.monotonic() - index.looked_s > INDEX_S:
            return False
        return index.looked_ns - changed_ns > CLOCK_STEP_NS  # else a change may hide behind the same time stamp

    def _look(self) -> _Index:
        changed_ns, looked_s, looked_ns = self._changed_ns(), time.monotonic(), time.time_ns()  # before the look
        found = [song for song_id in self._ids() if (song := self.find(song_id)) is not None]
        found.sort(key=lambda song: (song.id != "demo", song.artist.lower(), song.title.lower(), song.id))
        return _Index(tuple(found), changed_ns, looked_s, looked_ns)

    def _changed_ns(self) -> int:
        try:
            return self._root.stat().st_mtime_ns
        except OSError:
            return 0

    def find(self, song_id: str) -> song_pb2.Song | None:
        """None for an unknown or damaged song; the returned message must not be changed."""
        if SONG_ID.fullmatch(song_id) is None:
            return None
        path = self._root / song_id / SONG_JSON
        try:
            changed_ns = path.stat().st_mtime_ns
        except OSError:
            self._read.pop(song_id, None)
            return None
        known = self._read.get(song_id)
        if known is None or known[0] != changed_ns:
            song = _read_song(path, song_id)
            if song is None:
                return None
            known = self._read[song_id] = (changed_ns, song)
        return known[1]

    def file_of(self, song: song_pb2.Song, key: str) -> Path | None:
        """The file beside song.json, or None when there is none of that name."""
        if FILE_KEY.fullmatch(key) is None:
            return None
        path = self._root / song.id / key
        return path if path.is_file() and not path.is_symlink() else None

    def folder_of(self, song: song_pb2.Song) -> Path:
        return self._root / song.id

    def size_bytes(self, song_id: str) -> int:
        """Of its files; 0 for an unknown song."""
        if SONG_ID.fullmatch(song_id) is None or not (self._root / song_id).is_dir():
            return 0
        return sum(path.stat().st_size for path in (self._root / song_id).iterdir() if path.is_file())

    def remove(self, song_id: str) -> None:
        """Takes a song out, whole; does nothing where there is none."""
        if SONG_ID.fullmatch(song_id) is None or not (self._root / song_id).is_dir():
            return
        self._index = None
        with tempfile.TemporaryDirectory(dir=self._root, prefix=REMOVING) as folder:
            os.replace(self._root / song_id, Path(folder) / song_id)  # gone at once for every reader
        self._read.pop(song_id, None)

    def sweep(self, before_s: float) -> int:
        """Deletes what processes that died in the middle left behind before this Unix time; tells how many."""
        left = [entry for mark in (ADDING, REMOVING) for entry in self._root.glob(f"{mark}*")]
        old = [entry for entry in left if entry.stat().st_mtime < before_s]
        for entry in old:
            shutil.rmtree(entry, ignore_errors=True)
        return len(old)

    def add(self, song: song_pb2.Song, files: dict[str, Path], link: bool = False) -> None:
        """Writes the song and copies `files` (key to source); a song of the same id is replaced.

        With `link` a file of the same disk is linked instead: it takes no room of its own.
        """
        self._root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._root, prefix=ADDING) as folder:
            staged = Path(folder) / song.id
            staged.mkdir()
            for key, source in files.items():
                _take(source, staged / key, link)
            document = MessageToJson(song, preserving_proto_field_name=True, indent=1, ensure_ascii=False)
            (staged / SONG_JSON).write_text(document + "\n", encoding="utf-8")
            self._put_in_place(staged, self._root / song.id)
        self._index = None

    def rewrite(self, song: song_pb2.Song) -> bool:
        """What is told of a song that is there, its files untouched; False where it is gone. Raises OSError."""
        target = self._root / song.id / SONG_JSON
        if self.find(song.id) is None:
            return False
        with tempfile.TemporaryDirectory(dir=self._root, prefix=ADDING) as folder:
            staged = Path(folder) / SONG_JSON
            document = MessageToJson(song, preserving_proto_field_name=True, indent=1, ensure_ascii=False)
            staged.write_text(document + "\n", encoding="utf-8")
            os.replace(staged, target)
        self._read.pop(song.id, None)
        self._index = None
        return True

    @staticmethod
    def _put_in_place(staged: Path, target: Path) -> None:
        """Files first and song.json last, each by rename: a reader never sees half a song."""
        target.mkdir(exist_ok=True)
        fresh = {path.name for path in staged.iterdir()}
        for name in sorted(fresh, key=lambda name: name == SONG_JSON):
            os.replace(staged / name, target / name)
        for old in target.iterdir():
            if old.name not in fresh and old.is_file():
                old.unlink()

    def _ids(self) -> list[str]:
        if not self._root.is_dir():
            return []
        return [entry.name for entry in self._root.iterdir() if SONG_ID.fullmatch(entry.name)]


def _take(source: Path, target: Path, link: bool) -> None:
    if link:
        with suppress(OSError):  # another disk, or one without links
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def import_ultrastar(catalogue: Catalogue, folder_or_txt: Path) -> song_pb2.Song:
    """Takes one UltraStar song into the catalogue; raises SongError. Adding it again replaces it."""
    text = find_song_file(folder_or_txt)
    header = parse_song(text).header
    song = load_ultrastar(text)
    if not header.audio:
        raise SongFormatError(text, header.audio_line, "the header names no audio (#AUDIO or #MP3)")
    audio = _beside(text, header.audio)
    if audio is None:
        raise SongFormatError(text, header.audio_line, f"the audio {header.audio!r} is not beside the file")
    facts = probe_audio(audio)
    if song.duration_s > facts.duration_s + NOTES_PAST_AUDIO_S:
        raise SongAudioError(f"{audio}: ends at {facts.duration_s:.1f} s, the notes at {song.duration_s:.1f} s")
    files = {f"audio{audio.suffix.lower()}": audio}
    song.audio_key, song.audio_type, song.duration_s = next(iter(files)), facts.media_type, facts.duration_s
    song.id = _free_id(catalogue, song)
    song.licence = _licence_beside(text)
    if (pair := _pair_beside(text, song.id, header, facts)) is not None:
        files = _as_pair(song, audio, pair)
    cover = _beside(text, header.cover) if header.cover else None
    song.cover_key = ""
    if cover is not None and cover.suffix.lower() in COVER_TYPES and 0 < cover.stat().st_size <= MAX_COVER_BYTES:
        song.cover_key = f"cover{cover.suffix.lower()}"
        files[song.cover_key] = cover
    catalogue.add(song, files)
    return song


def _pair_beside(text: Path, song_id: str, header: Header, whole: AudioFacts) -> KaraokePair | None:
    """None where it is not whole: the song is then sung over its own audio."""
    backing, voice = _beside(text, header.instrumental), _beside(text, header.vocals)
    try:
        return karaoke_pair(backing, voice, whole) if backing is not None and voice is not None else None
    except SongAudioError:
        log.warning("song %s: its karaoke pair does not fit, so the whole recording is sung over", song_mark(song_id))
        return None


def _as_pair(song: song_pb2.Song, whole: Path, pair: KaraokePair) -> dict[str, Path]:
    """Makes it a song with a backing and a guide voice; its files by key."""
    parts = {"audio": pair.backing, "vocals": pair.voice, "original": whole}
    keys = {part: f"{part}{path.suffix.lower()}" for part, path in parts.items()}
    song.audio_key, song.original_key = keys["audio"], keys["original"]
    song.vocals_key = song.guide_key = keys["vocals"]
    song.audio_type, song.duration_s = pair.backing_facts.media_type, pair.backing_facts.duration_s
    return {keys[part]: path for part, path in parts.items()}


def ultrastar_folders(folder: Path) -> Iterator[Path]:
    """The folder itself, or each folder right below it that holds a song.txt; raises SongError for none."""
    if find_song_file(folder).is_file():
        yield folder
        return
    if not folder.is_dir():
        raise SongError(f"{folder}: no such file or folder")
    found = sorted(entry for entry in folder.iterdir() if entry.is_dir() and find_song_file(entry).is_file())
    if not found:
        raise SongError(f"{folder}: holds no song.txt, nor do the folders in it")
    yield from found


def slug(*parts: str) -> str:
    """A song id; parts without Latin letters or digits are told apart by their code points."""
    ascii_parts = []
    for part in parts:
        plain = unicodedata.normalize("NFKD", part.replace("ß", "ss")).encode("ascii", "ignore").decode().lower()
        plain = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
        ascii_parts.append(
            plain or "-".join(f"{ord(character):x}" for character in part[:8] if not character.isspace())
        )
    return "-".join(filter(None, ascii_parts))[:64].strip("-") or "song"


def _free_id(catalogue: Catalogue, song: song_pb2.Song) -> str:
    """The song's slug; where another song has it, the slug with a mark that only depends on artist and title."""
    plain = slug(song.artist, song.title)
    holder = catalogue.find(plain)
    if holder is None or (holder.artist, holder.title) == (song.artist, song.title):
        return plain
    mark = hashlib.sha256(f"{song.artist}\0{song.title}".encode()).hexdigest()[:8]
    return f"{plain[:55]}-{mark}"


def _beside(text: Path, name: str) -> Path | None:
    """The file `name` in the folder of the song file; names that lead elsewhere find nothing."""
    if not name or "/" in name or "\\" in name or name in (".", ".."):
        return None
    exact = text.parent / name
    if exact.is_file():
        return exact
    folded = unicodedata.normalize("NFC", name).casefold()
    for entry in text.parent.iterdir():  # song files come from systems that ignore case
        if entry.is_file() and unicodedata.normalize("NFC", entry.name).casefold() == folded:
            return entry
    return None


def _licence_beside(text: Path) -> str:
    path = _beside(text, "license.txt") or _beside(text, "licence.txt")
    return path.read_text("utf-8", "replace")[:MAX_LICENCE_CHARACTERS].strip() if path is not None else ""


def _read_song(path: Path, song_id: str) -> song_pb2.Song | None:
    try:
        song = Parse(path.read_text("utf-8"), song_pb2.Song(), ignore_unknown_fields=True)
    except (OSError, ValueError, ParseError) as error:
        log.error("song %s is left out: %s", song_mark(song_id), type(error).__name__)
        return None
    if song.id != song_id or not song.voices:
        log.error("song %s is left out: its song.json names another song or holds no voice", song_mark(song_id))
        return None
    return song
