"""What should be sung, as values. Times are song seconds."""

from dataclasses import dataclass
from enum import Enum


class NoteKind(Enum):
    NORMAL = "normal"
    GOLDEN = "golden"  # counts double
    FREESTYLE = "freestyle"  # neither pitch nor score
    RAP = "rap"  # rhythm and words only
    RAP_GOLDEN = "rap golden"


@dataclass(frozen=True, slots=True)
class Note:
    onset_s: float
    offset_s: float
    midi: float  # the octave is not reliable
    kind: NoteKind
    syllable: str
    starts_word: bool


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of the song."""

    onset_s: float
    offset_s: float
    notes: tuple[Note, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    onset_s: float
    offset_s: float
    phrase: int  # index into Melody.phrases


@dataclass(frozen=True, slots=True)
class Melody:
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class Lyrics:
    language: str  # ISO 639-1, empty when unknown
    words: tuple[Word, ...]


def word_numbers(lyrics: Lyrics) -> list[int]:
    """The number of each word in its line."""
    count: dict[int, int] = {}
    numbers = []
    for word in lyrics.words:
        numbers.append(count.get(word.phrase, 0))
        count[word.phrase] = numbers[-1] + 1
    return numbers
