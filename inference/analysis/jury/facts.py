"""What the grammar may say of one take: facts by the names that its sentences use, and the slots they allow."""

from collections.abc import Collection
from dataclasses import dataclass, field

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.evidence import (
    PARTS,
    Lines,
    evidence,
    line_fact,
    lost_words,
    note_facts,
    onset_facts,
    word_facts,
    worst_notes,
    worst_onsets,
)
from inference.analysis.jury.fact import Fact
from inference.analysis.jury.technique import STILL_CENTS

PRAISED, BLAMED = 60.0, 85.0  # of 100: a lower line is not praised, a higher one not blamed
SUNG_COVERAGE = 0.02
WELL_COVERED = 60.0  # percent, from which on a juror praises that so much was sung
TAKE_FACTS = {
    "duration": "duration",
    "coverage": "coverage",
    "key": "key",
    "filled": "filled",
    "technique.vibrato_hz": "vibrato_hz",
    "technique.vibrato_cents": "vibrato_cents",
    "technique.scoops": "scoops",
    "technique.longest_s": "longest_s",
    "technique.longest_second": "longest_second",
    "technique.stability_cents": "stability_cents",
    "technique.dynamics_db": "dynamics_db",
    "technique.breaths": "breaths",
    "technique.attack_cents": "attack_cents",
    "technique.range_lowest": "lowest_note",
    "technique.range_highest": "highest_note",
}
SLOTS_BY_NAME = {
    "key": "key",
    "filled": "filled",
    "vibrato_hz": "vibrato",
    "scoops": "scooped",
    "longest_s": "held",
    "dynamics_db": "nuanced",
    "breaths": "breathing",
    "lowest_note": "range",
}


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

    def name(self, name: str, fact: Fact | None) -> None:
        if fact is not None:
            self.facts[name] = fact


def take_facts(verdict: verdict_pb2.Verdict, told: Collection[int] = ()) -> TakeFacts:
    """Everything but the lines that were `told` already."""
    scores = {p: float(getattr(verdict, p)) for p in PARTS if verdict.HasField(p)}  # type: ignore[arg-type]
    facts = TakeFacts(scores, verdict.coverage)
    known = evidence(verdict, told)
    for part in scores:
        facts.name(part, known[part])
    for id_, name in TAKE_FACTS.items():
        facts.name(name, known.get(id_))
    facts.slots |= {slot for name, slot in SLOTS_BY_NAME.items() if name in facts.facts}
    _add_graded_slots(facts)
    lines = [line for line in verdict.lines if line.phrase not in told]
    _add_awaited(facts, lines)
    _add_lines(facts, lines, "pitch", "best", "worst")
    _add_lines(facts, lines, "rhythm", "steady", "shaky")
    _add_worst(facts, lines)
    return facts


def _add_graded_slots(facts: TakeFacts) -> None:
    """One fact, praised or blamed by what it is."""
    still = facts.facts.get("stability_cents")
    if still is not None and still.number is not None:
        facts.slots.add("still" if still.number <= STILL_CENTS else "wobbly")
    if 100 * facts.coverage >= WELL_COVERED:
        facts.slots.add("covered")


def _add_awaited(facts: TakeFacts, lines: Lines) -> None:
    """What a silent singer did not sing."""
    if not lines:
        return
    facts.name("first_second", line_fact(lines[0], "second"))
    facts.name("waited_text", line_fact(max(lines, key=lambda line: len(line.text.strip())), "text"))


def _add_lines(facts: TakeFacts, lines: Lines, part: str, good: str, bad: str) -> None:
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


def _add_line(facts: TakeFacts, slot: str, part: str, line: verdict_pb2.LineVerdict) -> None:
    facts.slots.add(slot)
    for name in (part, "second", "text"):
        facts.name(f"{slot}_{name}", line_fact(line, name))


def _add_worst(facts: TakeFacts, lines: Lines) -> None:
    """The note furthest off, the onset furthest off and the first lost word."""
    for line, place, note in worst_notes(lines)[:1]:
        cents, second = note_facts(line, place, note)
        facts.name("note_cents", cents)
        facts.name("note_second", second)
        facts.slots.add("sharp" if note.cents_off > 0 else "flat")
    for line, place, loss in worst_onsets(lines)[:1]:
        ms, second = onset_facts(line, place, loss)
        facts.name("onset_ms", ms)
        facts.name("onset_second", second)
        facts.slots.add(loss.reason)
    for line, place, loss in lost_words(lines)[:1]:
        word, second = word_facts(line, place, loss)
        facts.name("lost_word", word)
        facts.name("lost_second", second)
        facts.slots.add("word")
