"""The three jurors: invented characters, each with a voice and a way to vote."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.analysis.jury.facts import TakeFacts


@dataclass(frozen=True, slots=True)
class Persona:
    id: str
    name: dict[str, str]  # by language
    part: str  # of the score, that this juror listens to
    decimals: int  # of the scores that this juror quotes
    votes_yes: Callable[[TakeFacts], bool]


def _diva_is_moved(facts: TakeFacts) -> bool:
    """She forgives everything but wrong notes."""
    return facts.sung and facts.scores.get("pitch", 0.0) >= 60.0


def _metronome_is_satisfied(facts: TakeFacts) -> bool:
    """He counts; pitch must be bearable."""
    return facts.sung and facts.scores.get("rhythm", 0.0) >= 65.0 and facts.scores.get("total", 0.0) >= 50.0


def _grandmother_is_touched(facts: TakeFacts) -> bool:
    """She wants you to have sung, from the first line to the last."""
    coverage = facts.facts["coverage"].number or 0.0
    return facts.sung and (coverage >= 0.6 or facts.scores.get("total", 0.0) >= 45.0)


PERSONAS = (
    Persona("diva", {"fr": "La Divina Carlotta", "en": "La Divina Carlotta"}, "pitch", 1, _diva_is_moved),
    Persona("metronome", {"fr": "Maître Balancier", "en": "Master Pendulum"}, "rhythm", 2, _metronome_is_satisfied),
    Persona("grand-mere", {"fr": "Mamie Pervenche", "en": "Granny Periwinkle"}, "total", 1, _grandmother_is_touched),
)
