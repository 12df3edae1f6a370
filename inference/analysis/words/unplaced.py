"""Lines of which nobody knows when they are sung: plain lyrics laid over a song without a voice of its own."""

from dataclasses import dataclass
from math import inf

from voicejury.v1 import song_pb2

from inference.domain.line_places import BY_MIX
from inference.domain.word_times import SYLLABLES

ROUNDING = 1e-6  # of a certainty on the wire


@dataclass(frozen=True, slots=True)
class Stretch:
    """Such lines in a row, and the song seconds between the lines around them whose times are known."""

    phrases: tuple[int, ...]
    start_s: float
    end_s: float


def unplaced_lines(song: song_pb2.Song) -> frozenset[int]:
    """Numbers of the lines all of whose words only share out a guess."""
    if not song.voices:
        return frozenset()
    words = song.voices[0].reference.lyrics.words
    known = {word.phrase for word in words if word.timed_by != SYLLABLES or word.certainty > BY_MIX + ROUNDING}
    lines = len(song.voices[0].reference.melody.phrases)
    return frozenset(word.phrase for word in words if word.phrase < lines) - known


def stretches(song: song_pb2.Song) -> tuple[Stretch, ...]:
    """In the order of the song; lines without words part nothing."""
    unplaced = unplaced_lines(song)
    if not unplaced:
        return ()
    reference = song.voices[0].reference
    phrases = reference.melody.phrases
    worded = sorted({word.phrase for word in reference.lyrics.words if word.phrase < len(phrases)})
    found: list[Stretch] = []
    start_s, row = -inf, list[int]()
    for line in worded:
        if line in unplaced:
            row.append(line)
            continue
        if row:
            found.append(Stretch(tuple(row), start_s, phrases[line].onset_s))
        start_s, row = phrases[line].offset_s, []
    return (*found, Stretch(tuple(row), start_s, inf)) if row else tuple(found)
