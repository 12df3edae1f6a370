"""How a take was sung, as far as it is worth a word. What was not measured is 0 in the message, and 0 never is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from voicejury.v1 import verdict_pb2

from inference.analysis.jury.fact import SEMITONES, Fact

WIDE_VIBRATO_CENTS = 25.0
MANY_SCOOPS = 4
LONG_NOTE_S = 1.0
SHAKY_CENTS, STILL_CENTS = 18.0, 9.0
NUANCED_DB = 8.0
MANY_BREATHS = 3
FAR_ATTACK_CENTS = 15.0
WIDE_RANGE_SEMITONES = 7.0

How = verdict_pb2.Technique


def _vibrates(how: How) -> bool:
    return how.vibrato_cents >= WIDE_VIBRATO_CENTS


def _holds(how: How) -> bool:
    return how.longest_note_s >= LONG_NOTE_S


def _shakes_or_stands(how: How) -> bool:
    return how.HasField("stability_cents") and not STILL_CENTS < how.stability_cents < SHAKY_CENTS


def _reaches(how: How) -> bool:
    """Over so much that its ends have other names: "from G to G" tells nothing."""
    semitones = round(how.highest_midi) - round(how.lowest_midi)
    return how.lowest_midi > 0 and semitones >= WIDE_RANGE_SEMITONES and semitones % SEMITONES != 0


@dataclass(frozen=True, slots=True)
class Measure:
    name: str  # of the fact, behind "technique."
    kind: str
    field: str  # of the message
    is_told: Callable[[How], bool]


MEASURES = (
    Measure("vibrato_hz", "hz", "vibrato_hz", _vibrates),
    Measure("vibrato_cents", "cents", "vibrato_cents", _vibrates),
    Measure("scoops", "count", "scoops", lambda how: how.scoops >= MANY_SCOOPS),
    Measure("longest_s", "second", "longest_note_s", _holds),
    Measure("longest_second", "second", "longest_note_at_s", _holds),
    Measure("stability_cents", "cents", "stability_cents", _shakes_or_stands),
    Measure("dynamics_db", "db", "dynamics_db", lambda how: how.dynamics_db >= NUANCED_DB),
    Measure("breaths", "count", "breaths", lambda how: how.breaths >= MANY_BREATHS),
    Measure("attack_cents", "cents", "attack_cents", lambda how: abs(how.attack_cents) >= FAR_ATTACK_CENTS),
    Measure("range_lowest", "note", "lowest_midi", _reaches),
    Measure("range_highest", "note", "highest_midi", _reaches),
)


def technique_facts(how: How) -> Iterator[Fact]:
    for measure in MEASURES:
        if measure.is_told(how):
            number = float(getattr(how, measure.field))
            yield Fact(f"technique.{measure.name}", measure.kind, number, "", f"technique.{measure.field}")
