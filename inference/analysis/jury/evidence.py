"""Every fact of one take, computed before anybody speaks: the take, its technique, its lines, notes, onsets and words.

A fact is there only where it is worth a word; what was not measured is never one. Facts of a line carry its index.
"""

from collections.abc import Collection, Iterable, Iterator

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.fact import Fact
from inference.analysis.jury.technique import technique_facts

MAX_WORDS = 7  # of a line that is quoted
CLEAR_CENTS = 15.0  # a smaller error is not worth a word
CLEAR_MS = 60.0
FEW_MEASURED = 0.95
FILLED_S = 0.5
PER_KIND = 3  # notes, onsets; the worst first
WORDS_PER_TAKE = 4
LINES_PER_END = 3  # the best and the weakest of each part
PARTS = ("total", "pitch", "rhythm", "lyrics")
LINE_PARTS = ("pitch", "rhythm", "lyrics")
LEVELS = {0: "normal", 1: "kind", 2: "strict"}
Lines = list[verdict_pb2.LineVerdict]


def evidence(verdict: verdict_pb2.Verdict, told: Collection[int] = ()) -> dict[str, Fact]:
    """By id, without the lines that were `told` already."""
    lines = [line for line in verdict.lines if line.phrase not in told]
    found = [
        *_of_take(verdict),
        *technique_facts(verdict.technique),
        *_of_lines(lines),
        *_of_notes(lines),
        *_of_onsets(lines),
        *_of_words(lines),
    ]
    return {fact.id: fact for fact in found}


def quoted(text: str) -> str:
    """The first words of a line, as they stand there, without the comma or the stop that ends them."""
    text = text.strip()
    return " ".join(text.split(" ")[:MAX_WORDS]).rstrip(",;:. ") or text


def line_fact(line: verdict_pb2.LineVerdict, name: str) -> Fact | None:
    """`name` is text, second, number, pitch, rhythm or lyrics; None where the line has no such thing."""
    index, path = line.phrase, f"lines[{line.phrase}]"
    if name == "text":
        text = quoted(line.text)
        return Fact(f"line.{index}.text", "line", None, text, f"{path}.text", index) if text else None
    if name == "second":
        return Fact(f"line.{index}.second", "second", line.onset_s, "", f"{path}.onset_s", index)
    if name == "number":
        return Fact(f"line.{index}.number", "ordinal", index + 1, "", f"{path}.phrase", index)
    if not line.HasField(name):  # type: ignore[arg-type]  # one of LINE_PARTS
        return None
    return Fact(f"line.{index}.{name}", "score", getattr(line, name), "", f"{path}.{name}", index)


def worst_notes(lines: Lines) -> list[tuple[verdict_pb2.LineVerdict, int, verdict_pb2.NoteVerdict]]:
    """The line, the place in it and the note, the furthest off first."""
    found = [
        (line, place, note)
        for line in lines
        for place, note in enumerate(line.notes)
        if note.measured and abs(note.cents_off) >= CLEAR_CENTS
    ]
    return sorted(found, key=lambda entry: (-abs(entry[2].cents_off), entry[2].onset_s))


def note_facts(line: verdict_pb2.LineVerdict, place: int, note: verdict_pb2.NoteVerdict) -> tuple[Fact, Fact]:
    """How far off and when."""
    name, path = f"note.{line.phrase}.{place}", f"lines[{line.phrase}].notes[{place}]"
    return (
        Fact(f"{name}.cents", "cents", note.cents_off, "", f"{path}.cents_off", line.phrase),
        Fact(f"{name}.second", "second", note.onset_s, "", f"{path}.onset_s", line.phrase),
    )


def worst_onsets(lines: Lines) -> list[tuple[verdict_pb2.LineVerdict, int, verdict_pb2.Loss]]:
    """The line, the place among its losses and the loss, the latest or earliest first."""
    found = [
        (line, place, loss)
        for line in lines
        for place, loss in enumerate(line.losses)
        if loss.reason in ("late", "early") and abs(loss.ms) >= CLEAR_MS
    ]
    return sorted(found, key=lambda entry: (-abs(entry[2].ms), entry[2].song_s))


def onset_facts(line: verdict_pb2.LineVerdict, place: int, loss: verdict_pb2.Loss) -> tuple[Fact, Fact]:
    """How far off, positive when late, and when."""
    name, path = f"onset.{line.phrase}.{place}", f"lines[{line.phrase}].losses[{place}]"
    off_ms = abs(loss.ms) if loss.reason == "late" else -abs(loss.ms)
    return (
        Fact(f"{name}.ms", "ms", off_ms, "", f"{path}.ms", line.phrase),
        Fact(f"{name}.second", "second", loss.song_s, "", f"{path}.song_s", line.phrase),
    )


def lost_words(lines: Lines) -> list[tuple[verdict_pb2.LineVerdict, int, verdict_pb2.Loss]]:
    return [
        (line, place, loss)
        for line in lines
        for place, loss in enumerate(line.losses)
        if loss.part == "lyrics" and loss.word.strip()
    ]


def word_facts(line: verdict_pb2.LineVerdict, place: int, loss: verdict_pb2.Loss) -> tuple[Fact, Fact]:
    """The word that was not heard, and when."""
    name, path = f"word.{line.phrase}.{place}", f"lines[{line.phrase}].losses[{place}]"
    return (
        Fact(f"{name}.text", "word", None, loss.word.strip(), f"{path}.word", line.phrase),
        Fact(f"{name}.second", "second", loss.song_s, "", f"{path}.song_s", line.phrase),
    )


def _of_take(verdict: verdict_pb2.Verdict) -> Iterator[Fact]:
    for part in PARTS:
        if verdict.HasField(part):  # type: ignore[arg-type]  # one of PARTS
            yield Fact(part, "score", getattr(verdict, part), "", part)
    yield Fact("duration", "second", verdict.duration_s, "", "duration_s")
    yield Fact("level", "code", None, LEVELS[verdict.level], "level")
    yield Fact("coverage", "percent", 100 * verdict.coverage, "", "coverage")
    if 0 < verdict.measured < FEW_MEASURED:
        yield Fact("measured", "percent", 100 * verdict.measured, "", "measured")
    if verdict.filled_s >= FILLED_S:
        yield Fact("filled", "second", verdict.filled_s, "", "filled_s")
    if verdict.bleed.method in ("cancelled", "separated"):
        yield Fact("bleed.method", "code", None, verdict.bleed.method, "bleed.method")
        if verdict.bleed.HasField("bleed_db"):
            yield Fact("bleed.db", "db", verdict.bleed.bleed_db, "", "bleed.bleed_db")
    if verdict.key_shift_semitones:
        yield Fact("key", "semitones", verdict.key_shift_semitones, "", "key_shift_semitones")


def _of_lines(lines: Lines) -> Iterator[Fact]:
    shown: set[int] = set()
    for part in LINE_PARTS:
        scored = [line for line in lines if line.HasField(part)]  # type: ignore[arg-type]
        ranked = sorted(scored, key=lambda line: (-getattr(line, part), line.onset_s))
        shown.update(line.phrase for line in (*ranked[:LINES_PER_END], *ranked[-LINES_PER_END:]))
    for line in lines:
        if line.phrase in shown:
            yield from _present(line_fact(line, name) for name in ("text", "number", "second", *LINE_PARTS))


def _of_notes(lines: Lines) -> Iterator[Fact]:
    for entry in worst_notes(lines)[:PER_KIND]:
        yield from note_facts(*entry)


def _of_onsets(lines: Lines) -> Iterator[Fact]:
    for entry in worst_onsets(lines)[:PER_KIND]:
        yield from onset_facts(*entry)


def _of_words(lines: Lines) -> Iterator[Fact]:
    for entry in lost_words(lines)[:WORDS_PER_TAKE]:
        yield from word_facts(*entry)


def _present(facts: Iterable[Fact | None]) -> Iterator[Fact]:
    return (fact for fact in facts if fact is not None)
