"""What stands on the picture, in both languages of the house."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    parts: dict[str, str]  # field of the verdict -> what it is called
    written: str
    hit: str
    sharp: str
    flat: str
    miss: str
    extra: str
    seconds: str
    line: str
    found: str
    notes: tuple[str, ...]  # of the chromatic scale
    octave_of_c4: int
    comma: str


WORDS = {
    "fr": Words(
        {"total": "Total", "pitch": "Justesse", "rhythm": "Rythme", "lyrics": "Paroles"},
        "la référence",
        "dans la note",
        "presque, trop haut",
        "presque, trop bas",
        "à côté",
        "chanté dans un silence",
        "secondes de la chanson",
        "ligne {}",
        "tonalité {key} demi-ton(s) · latence {latency} ms · couverture {coverage} % · {estimator} · règles {rules}",
        ("do", "do♯", "ré", "ré♯", "mi", "fa", "fa♯", "sol", "sol♯", "la", "la♯", "si"),
        3,  # the French la3 is 440 Hz
        ",",
    ),
    "en": Words(
        {"total": "Total", "pitch": "Pitch", "rhythm": "Rhythm", "lyrics": "Lyrics"},
        "the reference",
        "in the note",
        "near, sharp",
        "near, flat",
        "off",
        "sung in a rest",
        "seconds of the song",
        "line {}",
        "key {key} semitone(s) · latency {latency} ms · coverage {coverage} % · {estimator} · rules {rules}",
        ("C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"),
        4,
        ".",
    ),
}


def note_name(midi: int, words: Words) -> str:
    """As musicians of the language write it: 69 is A4 in English and la3 in French."""
    octave = midi // 12 - 5 + words.octave_of_c4
    return f"{words.notes[midi % 12]}{octave}"


def number(value: float, digits: int, words: Words, signed: bool = False) -> str:
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    return text.replace(".", words.comma).replace("-", "−")
