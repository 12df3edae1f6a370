"""LRC, enhanced LRC and plain lyrics to lines.

LRC: `[mm:ss.xx]text`, several times before one text, `[key:value]` tags of which `[offset:+ms]` moves everything
earlier. Enhanced LRC times words inside the text: `[00:12.00] <00:12.00> word <00:12.50> word <00:13.00>`.
"""

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from signaling.errors import LyricsFormatError
from signaling.lyrics.lines import LyricLine, Lyrics, LyricWord
from signaling.songs.encoding import HEAD_BYTES, is_song_text

MAX_CHARACTERS = 200_000
MAX_LINES = 2_000
MAX_LINE_CHARACTERS = 500
MAX_TIMES = 5_000  # a refrain may stand for several lines
MAX_OFFSET_MS = 60_000
TIME = r"(\d{1,3}):(\d{1,2})(?:[.:](\d{1,3}))?"
LINE_TIME = re.compile(rf"\s*\[{TIME}\]")
WORD_TIME = re.compile(rf"<{TIME}>")
TAG = re.compile(r"\s*\[(ti|ar|al|au|by|re|ve|la|lang|language|length|tool|id|offset|#)\s*:([^\]]*)\]\s*$", re.I)
LIKE_A_TIME = re.compile(r"\s*\[\s*[-+]?\d+\s*[:.]")
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")  # scripts
HEADING = re.compile(r"\s*\[[^\[\]]*\]\s*$")  # [Refrain], [Couplet 2 : somebody]
ODD_CHARACTERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")


@dataclass(frozen=True, slots=True)
class _Stamp:
    onset_s: float
    text: str
    words: tuple[LyricWord, ...]


def decode_lyrics(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, otherwise cp1252, as old files are."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def parse_lyrics(text: str) -> Lyrics:
    """Timed where the text holds a time, plain otherwise; raises LyricsFormatError."""
    rows = _rows(text)
    is_timed = any(LINE_TIME.match(row) or WORD_TIME.search(row) for row in rows)
    return _parse_timed(rows) if is_timed else _parse_plain(rows)


def _rows(text: str) -> list[str]:
    if len(text) > MAX_CHARACTERS:
        raise LyricsFormatError(1, f"more than {MAX_CHARACTERS} characters: these are no lyrics")
    if is_song_text(text[:HEAD_BYTES].encode("utf-8", "replace")):
        raise LyricsFormatError(1, "an UltraStar song with its notes: these are no lyrics")
    rows = re.split(r"\r\n|\r|\n", text)
    if len(rows) > MAX_LINES:
        raise LyricsFormatError(MAX_LINES + 1, f"more than {MAX_LINES} lines: these are no lyrics")
    for number, row in enumerate(rows, start=1):
        if "\x00" in row:
            raise LyricsFormatError(number, "holds a NUL character: not a text file")
        if len(row) > MAX_LINE_CHARACTERS + 12 * MAX_LINE_CHARACTERS // 4:  # with a time at each short word
            raise LyricsFormatError(number, f"longer than {MAX_LINE_CHARACTERS} characters")
    return rows


def _parse_plain(rows: list[str]) -> Lyrics:
    texts = [_clean(number, row) for number, row in enumerate(rows, start=1) if not _is_heading(row)]
    lines = tuple(LyricLine(text) for text in texts if text)
    if not lines:
        raise LyricsFormatError(1, "there are no words in it")
    return Lyrics(lines, is_synced=False, tags=_tags(rows))


def _parse_timed(rows: list[str]) -> Lyrics:
    tags = _tags(rows)
    stamps: list[_Stamp] = []
    between = " " if _is_glued(rows) else ""
    for number, row in enumerate(rows, start=1):
        stamps += _stamps(number, WORD_TIME.sub(rf"{between}\g<0>", row))
        if len(stamps) > MAX_TIMES:
            raise LyricsFormatError(number, f"more than {MAX_TIMES} times")
    stamps.sort(key=lambda stamp: stamp.onset_s)
    earlier_s = _offset_ms(rows) / 1000
    lines = tuple(line.moved(-earlier_s) for line in _with_ends(stamps))
    if not lines:
        raise LyricsFormatError(1, "there are no words in it")
    return Lyrics(lines, is_synced=True, tags=tags, language=_language(tags))


def _is_glued(rows: list[str]) -> bool:
    """Whether the inner times are all that parts the words: no timed line holds a space, and its script has spaces."""
    timed = [row[match.end() :].rstrip() for row in rows if (match := WORD_TIME.search(row)) is not None]
    if any(re.search(r"\s", text) or UNSPACED.search(text) for text in timed):
        return False
    return any(WORD_TIME.search(text) for text in timed)


def _with_ends(stamps: list[_Stamp]) -> list[LyricLine]:
    """A line ends where the next stamp stands; an empty stamp only ends."""
    lines = []
    for stamp, following in zip(stamps, [*stamps[1:], None], strict=True):
        if not stamp.text:
            continue
        end_s = following.onset_s if following is not None and following.onset_s > stamp.onset_s else None
        words = stamp.words
        if words and words[-1].offset_s is None and end_s is not None and end_s > words[-1].onset_s:
            words = (*words[:-1], replace(words[-1], offset_s=end_s))
        sung_until_s = words[-1].offset_s if words and words[-1].offset_s is not None else end_s
        lines.append(LyricLine(stamp.text, stamp.onset_s, sung_until_s, words))
    return lines


def _stamps(number: int, row: str) -> list[_Stamp]:
    """One for each time before the text; none for a tag, a heading or an empty row."""
    onsets_s: list[float] = []
    rest = row
    while (match := LINE_TIME.match(rest)) is not None:
        onsets_s.append(_seconds(number, match))
        rest = rest[match.end() :]
    if LIKE_A_TIME.match(rest):
        raise LyricsFormatError(number, "a time is written [mm:ss.xx]")
    if not onsets_s and (not rest.strip() or _is_heading(rest)):
        return []
    text, words = _timed_words(number, rest)
    if not onsets_s:
        if not words:
            raise LyricsFormatError(number, "a line without a time among lines that have one")
        onsets_s = [words[0].onset_s]
    own_s = max((onset_s for onset_s in onsets_s if words and onset_s <= words[0].onset_s), default=onsets_s[0])
    return [_Stamp(onset_s, text, words if onset_s == own_s else ()) for onset_s in onsets_s]


def _timed_words(number: int, text: str) -> tuple[str, tuple[LyricWord, ...]]:
    """The text without its inner times, and its words where each one has a time of its own."""
    matches = list(WORD_TIME.finditer(text))
    plain = _clean(number, WORD_TIME.sub("", text))
    if not matches or text[: matches[0].start()].strip():
        return plain, ()
    times_s = [_seconds(number, match) for match in matches]
    if any(later < earlier for earlier, later in pairwise(times_s)):
        raise LyricsFormatError(number, "the times of its words go backwards")
    ends = [match.start() for match in matches[1:]] + [len(text)]
    pieces = [text[match.end() : end] for match, end in zip(matches, ends, strict=True)]
    return plain, _join(pieces, times_s)


def _join(pieces: list[str], times_s: list[float]) -> tuple[LyricWord, ...]:
    """Pieces without a space between them are syllables of one word; a piece of several words times none of them."""
    words: list[LyricWord] = []
    ends_word = True
    for piece, onset_s, until_s in zip(pieces, times_s, [*times_s[1:], None], strict=True):
        parts = piece.split()
        if len(parts) > 1:
            return ()
        if not parts:
            ends_word = True
            continue
        if ends_word or piece[0].isspace():
            words.append(LyricWord(parts[0], onset_s, until_s))
        else:
            words[-1] = replace(words[-1], text=words[-1].text + parts[0], offset_s=until_s)
        ends_word = piece[-1].isspace()
    return tuple(words)


def _seconds(number: int, match: re.Match[str]) -> float:
    minutes, seconds, fraction = match.groups()
    if int(seconds) >= 60:
        raise LyricsFormatError(number, f"a minute has no second {seconds}")
    return int(minutes) * 60 + int(seconds) + (int(fraction) / 10 ** len(fraction) if fraction else 0.0)


def _clean(number: int, text: str) -> str:
    clean = " ".join(ODD_CHARACTERS.sub("", text).split())
    if len(clean) > MAX_LINE_CHARACTERS:
        raise LyricsFormatError(number, f"longer than {MAX_LINE_CHARACTERS} characters")
    return clean


def _is_heading(row: str) -> bool:
    return HEADING.match(row) is not None


def _tags(rows: list[str]) -> tuple[tuple[str, str], ...]:
    """The first of each name."""
    found: dict[str, str] = {}
    for row in rows:
        if (match := TAG.match(row)) is not None:
            found.setdefault(match.group(1).lower(), match.group(2).strip())
    return tuple(found.items())


def _offset_ms(rows: list[str]) -> float:
    """Of [offset:...]: positive means earlier."""
    for number, row in enumerate(rows, start=1):
        match = TAG.match(row)
        if match is None or match.group(1).lower() != "offset":
            continue
        written = match.group(2).strip()
        if re.fullmatch(r"[-+]?\d{1,6}", written) is None or abs(int(written)) > MAX_OFFSET_MS:
            raise LyricsFormatError(number, f"[offset] is a number of milliseconds, {MAX_OFFSET_MS} at most")
        return float(written)
    return 0.0


def _language(tags: tuple[tuple[str, str], ...]) -> str:
    named = dict(tags)
    code = (named.get("la") or named.get("lang") or named.get("language") or "").strip().lower()[:2]
    return code if re.fullmatch(r"[a-z]{2}", code) else ""
