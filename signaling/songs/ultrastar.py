"""UltraStar song files to the contract's Song (format: UltraStar specification, unversioned, 1.x and 2.x)."""

import codecs
from dataclasses import dataclass
from pathlib import Path

from voicejury.v1 import song_pb2

from signaling.errors import SongFormatError
from signaling.songs.audio import MAX_AUDIO_S
from signaling.songs.encoding import lines_of, read_bounded
from signaling.songs.header import Header, Tag, read_header, read_tag
from signaling.songs.notes import BeatNote, BeatVoice, read_body
from signaling.songs.words import words_of

SONG_FILE = "song.txt"
C4_MIDI = 60
KINDS = {
    ":": song_pb2.NOTE_KIND_NORMAL,
    "*": song_pb2.NOTE_KIND_GOLDEN,
    "F": song_pb2.NOTE_KIND_FREESTYLE,
    "R": song_pb2.NOTE_KIND_RAP,
    "G": song_pb2.NOTE_KIND_RAP_GOLDEN,
}


@dataclass(frozen=True, slots=True)
class ParsedSong:
    """A song file with its times in song seconds; the audio is only a name here."""

    path: Path
    encoding: str
    header: Header
    voices: tuple[song_pb2.Voice, ...]
    text: str  # the whole file

    @property
    def duration_s(self) -> float:
        """End of the last note."""
        return max(voice.reference.melody.phrases[-1].offset_s for voice in self.voices)


def load_ultrastar(folder_or_txt: Path) -> song_pb2.Song:
    """The Song of a song.txt or of the folder that holds one, without id, media type and audio length."""
    parsed = parse_song(find_song_file(folder_or_txt))
    return song_pb2.Song(
        title=parsed.header.title,
        artist=parsed.header.artist,
        language=parsed.header.language,
        duration_s=parsed.duration_s,
        voices=parsed.voices,
        audio_key=parsed.header.audio,
        cover_key=parsed.header.cover,
        source="ultrastar",
    )


def find_song_file(folder_or_txt: Path) -> Path:
    return folder_or_txt / SONG_FILE if folder_or_txt.is_dir() else folder_or_txt


def parse_song(path: Path) -> ParsedSong:
    """Raises SongFormatError, which names file and line."""
    return parse_song_bytes(path, read_bounded(path))


def parse_song_text(text: str) -> ParsedSong:
    """Of `ParsedSong.text`, whatever encoding its header names. Raises SongFormatError."""
    return parse_song_bytes(Path(SONG_FILE), codecs.BOM_UTF8 + text.encode())


def parse_song_bytes(path: Path, data: bytes) -> ParsedSong:
    """`path` is only what errors name. Raises SongFormatError."""
    lines, encoding = lines_of(path, data)
    tags, body_line = _split_header(path, lines)
    header = read_header(path, tags, body_line)
    numbered = enumerate(lines[body_line - 1 :], start=body_line)
    voices = read_body(path, numbered, header.relative)
    built = tuple(_voice(path, number, voices[number], header) for number in sorted(voices) if voices[number].lines[0])
    if not built:
        raise SongFormatError(path, len(lines), "the file ends without a note")
    return ParsedSong(path, encoding, header, built, "\n".join(lines))


def _split_header(path: Path, lines: list[str]) -> tuple[dict[str, Tag], int]:
    """The tags (the first of each name) and the number of the first line after them."""
    tags: dict[str, Tag] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        if not line.lstrip().startswith("#"):
            return tags, number
        if (found := read_tag(path, number, line)) is not None:
            tags.setdefault(*found)
    return tags, len(lines)


def _voice(path: Path, number: int, voice: BeatVoice, header: Header) -> song_pb2.Voice:
    lines = [sorted(line, key=lambda note: note.beat) for line in voice.lines if line]
    lines.sort(key=lambda line: line[0].beat)
    ordered = [note for line in lines for note in line]
    ends = _end_beats(path, ordered)
    phrases = [_phrase(path, line, ends, header) for line in lines]
    reference = song_pb2.Reference(
        melody=song_pb2.Melody(phrases=phrases),
        lyrics=song_pb2.Lyrics(language=header.language, words=words_of(phrases)),
    )
    return song_pb2.Voice(name=f"P{number}", reference=reference)


def _end_beats(path: Path, ordered: list[BeatNote]) -> dict[int, int]:
    """End beat by file line. One voice sings one note at a time: a note ends where the next begins."""
    ends: dict[int, int] = {}
    for note, following in zip(ordered, [*ordered[1:], None], strict=True):
        end = note.beat + max(note.beats, 1)  # a note of no length is shown, see _kind
        if following is not None and following.beat < end:
            end = following.beat
            _check_order(path, note, following)
        ends[note.line] = end
    return ends


def _check_order(path: Path, note: BeatNote, following: BeatNote) -> None:
    line = max(note.line, following.line)
    if note.beat == following.beat:
        raise SongFormatError(path, line, f"two notes begin at beat {note.beat}")
    if note.beat > following.beat:
        raise SongFormatError(path, line, f"the line with beat {note.beat} runs into the one from {following.beat} on")


def _phrase(path: Path, line: list[BeatNote], ends: dict[int, int], header: Header) -> song_pb2.Phrase:
    notes: list[song_pb2.Note] = []
    starts_word = True
    for note in line:
        onset_s = header.gap_s + note.beat * header.beat_s
        offset_s = header.gap_s + ends[note.line] * header.beat_s
        if onset_s < 0 or offset_s > MAX_AUDIO_S:
            longest = f"{MAX_AUDIO_S / 60:.0f} minutes at most"
            raise SongFormatError(path, note.line, f"a note at {onset_s:.2f} s lies outside the song of {longest}")
        syllable = note.text.strip() or "~"
        starts_word = (starts_word or note.text[:1].isspace()) and not syllable.startswith("~")
        notes.append(
            song_pb2.Note(
                onset_s=onset_s,
                offset_s=offset_s,
                midi=C4_MIDI + note.pitch_semitones,
                kind=_kind(note),
                syllable=syllable,
                starts_word=starts_word,
            )
        )
        starts_word = note.text[-1:].isspace()
    return song_pb2.Phrase(onset_s=notes[0].onset_s, offset_s=notes[-1].offset_s, notes=notes, text=_text(notes))


def _kind(note: BeatNote) -> "song_pb2.NoteKind.ValueType":
    """A note of no length cannot be hit; games treat it as freestyle, and so does this reader."""
    return KINDS[note.kind] if note.beats else song_pb2.NOTE_KIND_FREESTYLE


def _text(notes: list[song_pb2.Note]) -> str:
    pieces = [(" " if note.starts_word else "") + note.syllable.replace("~", "") for note in notes]
    return " ".join("".join(pieces).split())
