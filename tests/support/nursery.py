"""A song of nursery lines that the toy Whisper knows, spoken in time by eSpeak NG."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from voicejury.v1 import reference_pb2, song_pb2

from inference.analysis.word_times import PreparedVoice, align_words
from inference.domain.melody import Lyrics, Word
from signaling.preparing.songs import with_words
from tests.support.channel import SAMPLE_RATE_HZ, Samples
from tests.support.talker import spoken

FRENCH = (
    "au clair de la lune",
    "mon ami pierrot",
    "prête moi ta plume",
    "pour écrire un mot",
    "ma chandelle est morte",
    "je n'ai plus de feu",
    "ouvre moi ta porte",
    "pour l'amour de dieu",
)
ENGLISH = (
    "row row row your boat",
    "gently down the stream",
    "life is but a dream",
    "twinkle twinkle little star",
    "how i wonder what you are",
)
LINES = {"fr": FRENCH, "en": ENGLISH}
FIRST_S, WORD_S, REST_S, TAIL_S = 1.0, 0.42, 1.2, 1.0
WORDS_PER_MINUTE = 150


@dataclass(frozen=True, slots=True)
class Spoken:
    """A song and somebody who says its words."""

    song: song_pb2.Song
    samples: Samples  # 16 kHz; the song begins with the first
    lines: tuple[str, ...]  # as they are said


def nursery_song(language: str = "fr", lines: Sequence[str] | None = None, song_id: str = "nursery") -> song_pb2.Song:
    texts = LINES[language] if lines is None else tuple(lines)
    song = song_pb2.Song(id=song_id, title="Comptine", language=language)
    reference = song.voices.add(name="P1").reference
    reference.lyrics.language = language
    now_s = FIRST_S
    for number, text in enumerate(texts):
        words = text.split()
        phrase = reference.melody.phrases.add(onset_s=now_s, offset_s=now_s + WORD_S * len(words), text=text)
        for place, word in enumerate(words):
            onset_s, offset_s = now_s + WORD_S * place, now_s + WORD_S * (place + 1)
            phrase.notes.add(
                onset_s=onset_s, offset_s=offset_s, midi=57 + 2 * (place % 4), syllable=word, starts_word=True
            )
            reference.lyrics.words.add(text=word, onset_s=onset_s, offset_s=offset_s, phrase=number)
        now_s += WORD_S * len(words) + REST_S
    song.duration_s = now_s + TAIL_S
    return song


def laid_out(song: song_pb2.Song, rest_s: float = 12.0) -> song_pb2.Song:
    """The song with the words of plain lyrics, their times guessed on a mix that goes on for `rest_s` after them.

    Its notes, and what is to be sung, stay where they are.
    """
    whole = song_pb2.Song(id=song.id, duration_s=song.duration_s + rest_s)
    lines = [reference_pb2.TimedLine(text=phrase.text) for phrase in song.voices[0].reference.melody.phrases]
    request = reference_pb2.AlignWordsRequest(song=whole, language=song.language, lines=lines)
    events = list(align_words(request, PreparedVoice(whole, None, False), None, "no voice"))
    return with_words(song, events[-1].reply.lyrics, "lrclib")


def word_places(song: song_pb2.Song) -> list[tuple[int, int]]:
    """Of each word in the order of the lyrics: its line, and its number in it."""
    count: dict[int, int] = {}
    places = []
    for word in song.voices[0].reference.lyrics.words:
        places.append((word.phrase, count.get(word.phrase, 0)))
        count[word.phrase] = places[-1][1] + 1
    return places


def said(song: song_pb2.Song, lines: Sequence[str] | None = None, late_s: float = 0.0, language: str = "") -> Samples:
    """The song's lines, or others in their places, each word in time."""
    reference = song.voices[0].reference
    texts = [phrase.text for phrase in reference.melody.phrases] if lines is None else lines
    words = tuple(
        Word(word, phrase.onset_s + late_s + WORD_S * place, phrase.onset_s + late_s + WORD_S * (place + 1), number)
        for number, (phrase, text) in enumerate(zip(reference.melody.phrases, texts, strict=True))
        for place, word in enumerate(text.split())
    )
    return spoken(Lyrics(language or song.language, words), song.duration_s, WORDS_PER_MINUTE)


def hummed(song: song_pb2.Song) -> Samples:
    """The melody without words."""
    seconds = np.arange(round(song.duration_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    out = np.zeros(len(seconds), np.float32)
    for phrase in song.voices[0].reference.melody.phrases:
        for note in phrase.notes:
            inside = (seconds >= note.onset_s) & (seconds < note.offset_s)
            f0_hz = 440.0 * 2 ** ((note.midi - 69) / 12)
            tone = sum(np.sin(2 * np.pi * k * f0_hz * seconds[inside]) / k**2 for k in range(1, 6))
            out[inside] = 0.2 * tone
    return out
