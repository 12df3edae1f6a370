"""What the sentences of one juror are held against."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.evidence import LINE_PARTS, worst_notes, worst_onsets
from inference.analysis.jury.fact import Fact

INDEX = re.compile(r"\.\d+")
LEAST_RUN = 3  # words in a row that are taken for a line of the song


@dataclass(frozen=True, slots=True)
class Scene:
    """`facts` are those that the juror was given; the rest is about the whole take."""

    language: str
    facts: Mapping[str, Fact]
    names: frozenset[str]  # that a sentence may hold with a capital letter, in lower case
    lines: tuple[tuple[str, ...], ...]  # the words of every line, by its index
    best: frozenset[str]  # ids of the facts that hold the most, or the furthest off
    worst: frozenset[str]
    duration_s: float
    content: bool  # whether the juror has reason to praise the whole take
    for_children: bool = False
    secrets: tuple[str, ...] = ()  # words in a row that only the request holds


def key(fact: Fact) -> str:
    """The id without the indices: "line.pitch"."""
    return INDEX.sub("", fact.id)


def words_of(text: str) -> tuple[str, ...]:
    """In lower case, without signs: as what is said aloud is compared."""
    return tuple(re.findall(r"[^\W_]+", text.casefold()))


def extremes(verdict: verdict_pb2.Verdict) -> tuple[frozenset[str], frozenset[str]]:
    """The ids that may be called the best, and the weakest: of lines by each part, of parts, of notes and onsets."""
    best: set[str] = set()
    worst: set[str] = set()
    for part in LINE_PARTS:
        scores = {
            f"line.{line.phrase}.{part}": getattr(line, part)
            for line in verdict.lines
            if line.HasField(part)  # type: ignore[arg-type]  # one of LINE_PARTS
        }
        _take_extremes(scores, best, worst)
    parts = {part: getattr(verdict, part) for part in LINE_PARTS if verdict.HasField(part)}  # type: ignore[arg-type]
    _take_extremes(parts, best, worst)
    lines = list(verdict.lines)
    for line, place, _note in worst_notes(lines)[:1]:
        worst |= {f"note.{line.phrase}.{place}.{name}" for name in ("cents", "second")}
    for line, place, _loss in worst_onsets(lines)[:1]:
        worst |= {f"onset.{line.phrase}.{place}.{name}" for name in ("ms", "second")}
    longest = {"technique.longest_s", "technique.longest_second"}
    return frozenset(best | longest), frozenset(worst | longest)


def _take_extremes(scores: dict[str, float], best: set[str], worst: set[str]) -> None:
    if len(scores) > 1 and min(scores.values()) < max(scores.values()):
        best.update(id_ for id_, score in scores.items() if score == max(scores.values()))
        worst.update(id_ for id_, score in scores.items() if score == min(scores.values()))


def runs(words: Iterable[str], length: int) -> set[tuple[str, ...]]:
    row = tuple(words)
    return {row[at : at + length] for at in range(len(row) - length + 1)}
