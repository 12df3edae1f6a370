"""The song as the judges get it: the words of lyrics where the singers moved them, the notes where they are sung."""

from voicejury.v1 import song_pb2

from signaling.lyrics.songs import tempo_of

WRITTEN = ("", "notes")  # sources of words that are written under the notes


def as_judged(song: song_pb2.Song) -> song_pb2.Song:
    """A copy with its offset inside. Every note stays in its line: page and judges count them alike."""
    new = song_pb2.Song()
    new.CopyFrom(song)
    for voice in new.voices if song.lyrics_offset_s else ():
        if voice.reference.lyrics.source not in WRITTEN:
            _move_words(voice.reference, song.lyrics_offset_s / tempo_of(song))
    return new


def _move_words(reference: song_pb2.Reference, by_s: float) -> None:
    for word in reference.lyrics.words:
        _move(word, by_s)
    for phrase in reference.melody.phrases:
        if phrase.text:
            _move(phrase, by_s)
        if phrase.notes:  # a line is as long as what is sung of it
            phrase.onset_s = min(phrase.onset_s, phrase.notes[0].onset_s)
            phrase.offset_s = max(phrase.offset_s, phrase.notes[-1].offset_s)
    latest_s = float("inf")
    for phrase in reversed(reference.melody.phrases):  # one without notes may have come behind the next
        latest_s = phrase.onset_s = min(phrase.onset_s, latest_s)


def _move(timed: "song_pb2.Phrase | song_pb2.Word", by_s: float) -> None:
    """Nothing begins before the song."""
    timed.onset_s = max(timed.onset_s + by_s, 0.0)
    timed.offset_s = max(timed.offset_s + by_s, timed.onset_s)
