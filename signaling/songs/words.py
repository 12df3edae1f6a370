"""Syllables joined to the words that are judged."""

from collections.abc import Sequence

from voicejury.v1 import song_pb2


def words_of(phrases: Sequence[song_pb2.Phrase]) -> list[song_pb2.Word]:
    """Every sung word with its time. Freestyle is not judged, so its words are left out."""
    words: list[song_pb2.Word] = []
    for index, phrase in enumerate(phrases):
        open_word: song_pb2.Word | None = None
        for note in phrase.notes:
            if note.kind == song_pb2.NOTE_KIND_FREESTYLE:
                open_word = None
                continue
            text = note.syllable.replace("~", "")
            if open_word is None or note.starts_word:
                open_word = song_pb2.Word(onset_s=note.onset_s, phrase=index)
                words.append(open_word)
            open_word.text += text
            open_word.offset_s = note.offset_s
    return [word for word in words if any(character.isalnum() for character in word.text)]
