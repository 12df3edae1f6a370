"""A law of docs/scoring.md as figures: what is measured, and the most or the least that it may be.

The tests assert each claim; `make fairness` prints the same claims with their figures.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence that could fail."""

    law: int
    text: str
    measure: Callable[[], float]
    limit: float
    at_least: bool = False  # the figure is `limit` or more, else `limit` or less
    unit: str = "points"

    def holds(self, value: float) -> bool:
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def wanted(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {self.limit:g}"


def parameters(claims: Iterable[Claim]) -> list[object]:
    """For `pytest.mark.parametrize`."""
    return [pytest.param(claim, id=f"law {claim.law}: {claim.text}") for claim in claims]


def check(claim: Claim) -> None:
    value = claim.measure()
    assert claim.holds(value), f"{claim.text}: {value:.1f} {claim.unit}, wanted {claim.wanted}"
