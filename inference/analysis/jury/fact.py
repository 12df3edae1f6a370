"""One thing that the jury may say of a take, and how it is said."""

from dataclasses import dataclass

DECIMALS = {
    "cents": 0,
    "ms": 0,
    "semitones": 0,
    "duration": 0,
    "db": 0,
    "count": 0,
    "percent": 0,
    "ordinal": 0,
    "hz": 1,
    "second": 1,
    "score": 1,
}
NOTE_NAMES = {
    "fr": ("do", "do dièse", "ré", "mi bémol", "mi", "fa", "fa dièse", "sol", "sol dièse", "la", "si bémol", "si"),
    "en": ("C", "C sharp", "D", "E flat", "E", "F", "F sharp", "G", "G sharp", "A", "B flat", "B"),
}
SEMITONES = 12


@dataclass(frozen=True, slots=True)
class Fact:
    """`number` is as the results hold it, but for percent (there 0..1) and ordinal (there from 0)."""

    id: str  # e.g. "line.3.pitch"
    kind: str  # second, cents, ms, score, semitones, hz, db, count, percent, ordinal; line, word, code; note
    number: float | None  # None where the fact is words
    text: str  # empty where the fact is a number
    path: str  # where the results hold it; empty: nowhere, and it is no claim
    line: int | None = None  # index of the line that it tells of

    @property
    def subject(self) -> str:
        """What it tells of: a line with all that is in it, one side of the technique, or the take."""
        if self.line is not None:
            return f"line.{self.line}"
        head, _, tail = self.id.partition(".")
        return f"{head}.{tail.partition('_')[0]}" if head == "technique" else "take"

    def value(self, language: str) -> str:
        """As one says it: whole where it falls so, else one decimal; the French write a comma."""
        if self.number is None:
            return self.text
        if self.kind == "note":
            return NOTE_NAMES[language][round(self.number) % SEMITONES]
        written = f"{abs(self.number):.{DECIMALS.get(self.id, DECIMALS[self.kind])}f}".removesuffix(".0")
        return written.replace(".", ",") if language == "fr" else written
