"""A law of docs/scoring.md as figures: what is measured, and the most or the least that it may be.

The tests assert each claim; `make fairness` prints the same claims with their figures.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

# Why a claim does not hold yet, by its text: its test fails as soon as it holds.
KNOWN_TO_FAIL: dict[str, str] = {}


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
    """For `pytest.mark.parametrize`; a claim that is known to fail must fail."""
    return [
        pytest.param(
            claim,
            id=f"law {claim.law}: {claim.text}",
            marks=_marks(claim),
        )
        for claim in claims
    ]


def _marks(claim: Claim) -> list[pytest.MarkDecorator]:
    reason = KNOWN_TO_FAIL.get(claim.text)
    return [pytest.mark.xfail(strict=True, reason=reason)] if reason else []


def check(claim: Claim) -> None:
    value = claim.measure()
    assert claim.holds(value), f"{claim.text}: {value:.1f} {claim.unit}, wanted {claim.wanted}"
