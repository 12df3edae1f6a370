"""Messages of the contract as values of the domain. Whatever comes in is bounded and checked here."""

import math
from collections.abc import Iterable

from voicejury.v1 import song_pb2

from inference.domain.melody import Lyrics, Melody, Note, NoteKind, Phrase, Word
from inference.errors import SongError

MAX_SONG_S = 1800.0
MAX_NOTES = 20_000
MAX_WORDS = 20_000
KINDS = {
    song_pb2.NOTE_KIND_NORMAL: NoteKind.NORMAL,
    song_pb2.NOTE_KIND_GOLDEN: NoteKind.GOLDEN,
    song_pb2.NOTE_KIND_FREESTYLE: NoteKind.FREESTYLE,
    song_pb2.NOTE_KIND_RAP: NoteKind.RAP,
    song_pb2.NOTE_KIND_RAP_GOLDEN: NoteKind.RAP_GOLDEN,
}


def song_melody(song: song_pb2.Song) -> Melody:
    """The notes of the sung voice; no phrases where the song has a contour only. Raises SongError."""
    phrases = _reference(song).melody.phrases
    if sum(len(phrase.notes) for phrase in phrases) > MAX_NOTES:
        raise SongError(f"the song has more than {MAX_NOTES} notes")
    return Melody(tuple(_phrase(phrase) for phrase in phrases))


def song_lyrics(song: song_pb2.Song) -> Lyrics:
    """The words of the sung voice. Raises SongError."""
    lyrics = _reference(song).lyrics
    if len(lyrics.words) > MAX_WORDS:
        raise SongError(f"the song has more than {MAX_WORDS} words")
    for word in lyrics.words:
        _check_span("word", word.onset_s, word.offset_s)
    words = tuple(Word(word.text, word.onset_s, word.offset_s, word.phrase) for word in lyrics.words)
    return Lyrics(lyrics.language or song.language, words)


def _reference(song: song_pb2.Song) -> song_pb2.Reference:
    if not song.voices:
        raise SongError("the song has no voice to sing")
    return song.voices[0].reference


def _phrase(phrase: song_pb2.Phrase) -> Phrase:
    _check_span("line", phrase.onset_s, phrase.offset_s)
    return Phrase(phrase.onset_s, phrase.offset_s, tuple(_notes(phrase.notes)), phrase.text)


def _notes(notes: Iterable[song_pb2.Note]) -> Iterable[Note]:
    for note in notes:
        _check_span("note", note.onset_s, note.offset_s)
        if not 0 <= note.midi <= 127:
            raise SongError(f"a note at {note.onset_s:.2f} s has the pitch number {note.midi}")
        kind = KINDS.get(note.kind, NoteKind.NORMAL)
        yield Note(note.onset_s, note.offset_s, note.midi, kind, note.syllable, note.starts_word)


def _check_span(name: str, onset_s: float, offset_s: float) -> None:
    if not (math.isfinite(onset_s) and math.isfinite(offset_s) and -1 <= onset_s <= offset_s <= MAX_SONG_S):
        raise SongError(f"a {name} from {onset_s} s to {offset_s} s")
