"""What the jury may say: facts of one take, computed before anybody speaks.

A fact knows where the verdict's JSON holds it, so that a reader can check the juror.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

from voicejury.v1 import verdict_pb2

MAX_WORDS = 7  # of a line that is quoted
CLEAR_CENTS = 15.0  # a smaller error is not worth a word
CLEAR_MS = 60.0
PRAISED, BLAMED = 60.0, 85.0  # of 100: a lower line is not praised, a higher one not blamed
DECIMALS = {
    "cents": 0,
    "ms": 0,
    "semitones": 0,
    "duration": 0,
    "db": 0,
    "count": 0,
    "hz": 1,
    "second": 1,
    "score": 1,
}
# From here on a way of singing is worth a word.
WIDE_VIBRATO_CENTS = 25.0
MANY_SCOOPS = 4
LONG_NOTE_S = 1.0
SHAKY_CENTS = 18.0
NUANCED_DB = 8.0
SUNG_COVERAGE = 0.02


@dataclass(frozen=True, slots=True)
class Fact:
    id: str
    kind: str  # "line", "second", "cents", "word", "ms", "score", "semitones", "hz", "db", "count"
    number: float | None  # None where the fact is words
    text: str  # empty where the fact is a number
    path: str
    line: int | None = None  # index of the line that it tells of

    def value(self, language: str) -> str:
        """As one says it: whole where it falls so, else one decimal; the French write a comma."""
        if self.number is None:
            return self.text
        written = f"{abs(self.number):.{DECIMALS.get(self.id, DECIMALS[self.kind])}f}".removesuffix(".0")
        return written.replace(".", ",") if language == "fr" else written


@dataclass(slots=True)
class TakeFacts:
    """The facts by the name that sentences use, and the slots of details for which there are facts."""

    scores: dict[str, float]  # the measured parts and the total
    coverage: float  # 0..1
    facts: dict[str, Fact] = field(default_factory=dict)
    slots: set[str] = field(default_factory=set)

    @property
    def sung(self) -> bool:
        return self.coverage > SUNG_COVERAGE

    def number(self, name: str, kind: str, path: str, number: float, line: int | None = None) -> None:
        self.facts[name] = Fact(name, kind, number, "", path, line)

    def words(self, name: str, kind: str, path: str, text: str, line: int | None = None) -> None:
        self.facts[name] = Fact(name, kind, None, text, path, line)


def take_facts(verdict: verdict_pb2.Verdict, told: Collection[int] = ()) -> TakeFacts:
    """Everything but the lines that were `told` already."""
    scores = {p: float(getattr(verdict, p)) for p in ("total", "pitch", "rhythm", "lyrics") if verdict.HasField(p)}
    facts = TakeFacts(scores, verdict.coverage)
    for part, points in scores.items():
        facts.number(part, "score", part, points)
    facts.number("duration", "second", "duration_s", verdict.duration_s)
    if verdict.key_shift_semitones:
        facts.number("key", "semitones", "key_shift_semitones", verdict.key_shift_semitones)
        facts.slots.add("key")
    lines = [line for line in verdict.lines if line.phrase not in told]
    _add_awaited(facts, lines)
    _add_lines(facts, lines, "pitch", "best", "worst")
    _add_lines(facts, lines, "rhythm", "steady", "shaky")
    _add_worst_note(facts, lines)
    _add_worst_onset(facts, lines)
    _add_lost_word(facts, lines)
    _add_technique(facts, verdict.technique)
    return facts


def quoted(text: str) -> str:
    """The first words of a line, as they stand there, without the comma or the stop that ends them."""
    return " ".join(text.split(" ")[:MAX_WORDS]).rstrip(",;:. ") or text


def _add_awaited(facts: TakeFacts, lines: list[verdict_pb2.LineVerdict]) -> None:
    """What a silent singer did not sing."""
    if not lines:
        return
    first = lines[0]
    facts.number("first_second", "second", f"lines[{first.phrase}].onset_s", first.onset_s, first.phrase)
    longest = max(lines, key=lambda line: len(line.text.strip()))
    if longest.text.strip():
        path = f"lines[{longest.phrase}].text"
        facts.words("waited_text", "line", path, quoted(longest.text.strip()), longest.phrase)


def _add_lines(facts: TakeFacts, lines: list[verdict_pb2.LineVerdict], part: str, good: str, bad: str) -> None:
    """The line of most points and the one of fewest, as far as they are worth a word."""
    scored = [line for line in lines if line.HasField(part)]  # type: ignore[arg-type]  # part is pitch or rhythm
    if not scored:
        return
    best = max(scored, key=lambda line: (getattr(line, part), -line.onset_s))
    worst = min(scored, key=lambda line: (getattr(line, part), line.onset_s))
    if getattr(best, part) >= PRAISED:
        _add_line(facts, good, part, best)
    if worst is not best and getattr(worst, part) < BLAMED:
        _add_line(facts, bad, part, worst)


def _add_line(facts: TakeFacts, name: str, part: str, line: verdict_pb2.LineVerdict) -> None:
    index = line.phrase
    facts.slots.add(name)
    facts.number(f"{name}_{part}", "score", f"lines[{index}].{part}", getattr(line, part), index)
    facts.number(f"{name}_second", "second", f"lines[{index}].onset_s", line.onset_s, index)
    if line.text.strip():
        facts.words(f"{name}_text", "line", f"lines[{index}].text", quoted(line.text.strip()), index)


def _add_worst_note(facts: TakeFacts, lines: list[verdict_pb2.LineVerdict]) -> None:
    found = [
        (line.phrase, place, note)
        for line in lines
        for place, note in enumerate(line.notes)
        if note.measured and abs(note.cents_off) >= CLEAR_CENTS
    ]
    if not found:
        return
    phrase, place, note = max(found, key=lambda entry: (abs(entry[2].cents_off), -entry[2].onset_s))
    path = f"lines[{phrase}].notes[{place}]"
    facts.number("note_cents", "cents", f"{path}.cents_off", note.cents_off, phrase)
    facts.number("note_second", "second", f"{path}.onset_s", note.onset_s, phrase)
    facts.slots.add("sharp" if note.cents_off > 0 else "flat")


def _add_worst_onset(facts: TakeFacts, lines: list[verdict_pb2.LineVerdict]) -> None:
    found = [
        (line.phrase, place, loss)
        for line in lines
        for place, loss in enumerate(line.losses)
        if loss.reason in ("late", "early") and abs(loss.ms) >= CLEAR_MS
    ]
    if not found:
        return
    phrase, place, loss = max(found, key=lambda entry: (abs(entry[2].ms), -entry[2].song_s))
    path = f"lines[{phrase}].losses[{place}]"
    facts.number("onset_ms", "ms", f"{path}.ms", loss.ms, phrase)
    facts.number("onset_second", "second", f"{path}.song_s", loss.song_s, phrase)
    facts.slots.add(loss.reason)


def _add_lost_word(facts: TakeFacts, lines: list[verdict_pb2.LineVerdict]) -> None:
    for line in lines:
        for place, loss in enumerate(line.losses):
            if loss.part == "lyrics" and loss.word.strip():
                path = f"lines[{line.phrase}].losses[{place}]"
                facts.words("lost_word", "word", f"{path}.word", loss.word.strip(), line.phrase)
                facts.number("lost_second", "second", f"{path}.song_s", loss.song_s, line.phrase)
                facts.slots.add("word")
                return


def _add_technique(facts: TakeFacts, how: verdict_pb2.Technique) -> None:
    """How it was sung, as far as it is worth a word; what was not measured is 0 here and never is."""
    if how.vibrato_cents >= WIDE_VIBRATO_CENTS:
        facts.slots.add("vibrato")
        facts.number("vibrato_hz", "hz", "technique.vibrato_hz", how.vibrato_hz)
        facts.number("vibrato_cents", "cents", "technique.vibrato_cents", how.vibrato_cents)
    if how.scoops >= MANY_SCOOPS:
        facts.slots.add("scooped")
        facts.number("scoops", "count", "technique.scoops", how.scoops)
    if how.longest_note_s >= LONG_NOTE_S:
        facts.slots.add("held")
        facts.number("longest_s", "second", "technique.longest_note_s", how.longest_note_s)
        facts.number("longest_second", "second", "technique.longest_note_at_s", how.longest_note_at_s)
    if how.stability_cents >= SHAKY_CENTS:
        facts.slots.add("wobbly")
        facts.number("stability_cents", "cents", "technique.stability_cents", how.stability_cents)
    if how.dynamics_db >= NUANCED_DB:
        facts.slots.add("nuanced")
        facts.number("dynamics_db", "db", "technique.dynamics_db", how.dynamics_db)
