"""The three jurors: invented characters, each with a voice, an ear and a way to vote."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.analysis.jury.facts import TakeFacts

GREAT, GOOD, FAIR = 85.0, 60.0, 40.0  # from here on a juror feels so


@dataclass(frozen=True, slots=True)
class Persona:
    id: str
    name: dict[str, str]  # by language
    part: str  # of the score, that this juror listens to
    praise: tuple[str, ...]  # slots of details
    critique: tuple[str, ...]
    votes_yes: Callable[[TakeFacts], bool]

    def mood(self, facts: TakeFacts) -> str:
        """What the juror feels: a slot of the grammar."""
        points = facts.scores.get(self.part, facts.scores.get("total", 0.0))
        return "great" if points >= GREAT else "good" if points >= GOOD else "fair" if points >= FAIR else "weak"


def _diva_is_moved(facts: TakeFacts) -> bool:
    """She forgives everything but wrong notes."""
    return facts.scores.get("pitch", 0.0) >= GOOD


def _metronome_is_satisfied(facts: TakeFacts) -> bool:
    """He counts, and nothing else."""
    return facts.scores.get("rhythm", 0.0) >= GOOD


def _grandmother_is_touched(facts: TakeFacts) -> bool:
    """She wants you to have sung, from the first line to the last, the song or something like it."""
    total = facts.scores.get("total", 0.0)
    return total >= 45.0 or (facts.coverage >= 0.6 and total >= 20.0)


PERSONAS = (
    Persona(
        "diva",
        {"fr": "La Divina Carlotta", "en": "La Divina Carlotta"},
        "pitch",
        ("best", "key", "vibrato", "range"),
        ("worst", "flat", "sharp", "scooped"),
        _diva_is_moved,
    ),
    Persona(
        "metronome",
        {"fr": "Maître Balancier", "en": "Master Pendulum"},
        "rhythm",
        ("steady", "held", "breathing", "still"),
        ("shaky", "late", "early", "wobbly"),
        _metronome_is_satisfied,
    ),
    Persona(
        "grand-mere",
        {"fr": "Mamie Pervenche", "en": "Granny Periwinkle"},
        "total",
        ("best", "nuanced", "covered", "filled"),
        ("worst", "word"),
        _grandmother_is_touched,
    ),
)


def persona_of(id_: str) -> Persona:
    return next(persona for persona in PERSONAS if persona.id == id_)
