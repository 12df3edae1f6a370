"""Bytes of a song.txt to text: byte order marks, #ENCODING, UTF-8, and cp1252 for old files."""

import codecs
import re
from pathlib import Path

from signaling.errors import SongFormatError

MAX_FILE_BYTES = 2 * 1024 * 1024  # the longest songs known are 60 kB
ENCODING_TAG = re.compile(rb"^[ \t]*#[ \t]*ENCODING[ \t]*:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"#\x00", "utf-16-le"),  # no mark, but the first character says it
    (b"\x00#", "utf-16-be"),
)
# Python also knows transformations such as "hex" and "punycode" by name.
CHARACTER_SETS = ("utf-8", "utf-16", "utf-32", "ascii", "iso8859", "cp", "koi8", "mac", "big5", "gb", "shift", "euc")
LEGACY_ENCODING = "cp1252"
MAX_ENCODING_CHARACTERS = 40
HEAD_BYTES = 16 * 1024  # a song file names title and beat in its first lines
LINE_BREAK = re.compile(r"\r\n|\r|\n")


def is_song_text(data: bytes) -> bool:
    """Whether a text, in whatever encoding, names a title and a beat at its head."""
    head = data[:HEAD_BYTES].replace(b"\x00", b"").upper()
    return b"#TITLE:" in head and b"#BPM:" in head


def lines_of(path: Path, data: bytes) -> tuple[list[str], str]:
    """The lines of a song file's bytes and the encoding they were in; `path` is named in errors."""
    _check_size(path, data)
    encoding = _encoding_of(path, data)
    text = _decode(path, data, encoding)
    lines = LINE_BREAK.split(text)
    for number, line in enumerate(lines, start=1):
        if "\x00" in line:
            raise SongFormatError(path, number, "holds a NUL character: not a text file")
    return lines, encoding


def read_bounded(path: Path) -> bytes:
    """At most one byte more than a song file may have."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise SongFormatError(path, 1, f"cannot be read: {error.strerror}") from error


def _check_size(path: Path, data: bytes) -> None:
    if len(data) > MAX_FILE_BYTES:
        raise SongFormatError(path, 1, f"is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB: not a song file")
    if not data.strip():
        raise SongFormatError(path, 1, "is empty")


def _encoding_of(path: Path, data: bytes) -> str:
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return encoding
    if tag := ENCODING_TAG.search(data):
        named = tag.group(1).strip().decode("ascii", "replace")
        if named and named.upper() != "AUTO":
            return _named_encoding(path, _line_at(data, tag.start(1)), named)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return LEGACY_ENCODING
    return "utf-8"


def _named_encoding(path: Path, line: int, named: str) -> str:
    if len(named) > MAX_ENCODING_CHARACTERS:  # Python keeps every name that it was asked for
        raise SongFormatError(path, line, f"#ENCODING names an unknown encoding: {named[:40]!r}")
    try:
        name = codecs.lookup(named).name
    except (LookupError, ValueError) as error:
        raise SongFormatError(path, line, f"#ENCODING names an unknown encoding: {named[:40]!r}") from error
    if not name.startswith(CHARACTER_SETS):
        raise SongFormatError(path, line, f"#ENCODING names an unknown encoding: {named[:40]!r}")
    return name


def _decode(path: Path, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = _line_at(data, error.start)
        raise SongFormatError(path, line, f"byte {error.start} is not {encoding}; save the file as UTF-8") from error


def _line_at(data: bytes, offset: int) -> int:
    return len(re.findall(rb"\r\n|\r|\n", data[:offset])) + 1
