"""No score changes unseen: the golden takes earn what they earned."""

import json
from collections.abc import Callable

import pytest

from inference.domain.rules import RULES_VERSION
from inference.domain.take_score import TakeScore
from tests.accuracy.goldens import (
    CONTOUR_TOLERANCE,
    CONTOURS,
    FILE,
    HOW_TO,
    RECORDED,
    SOUND_TOLERANCE,
    SOUNDS,
    numbers_of,
    read,
)

ROUNDING = 0.05 + 1e-9  # of the written figures
LATENCY_TOLERANCE_MS = 5.0  # of sound: half a hop
OF_SOUND = {**SOUNDS, **RECORDED}


def test_the_goldens_were_written_by_these_rules() -> None:
    version = json.loads(FILE.read_text(encoding="utf-8"))["rules_version"]
    assert version == RULES_VERSION, f"the goldens are of rules {version}: {HOW_TO}"


def test_every_golden_take_is_compared() -> None:
    assert set(read()) == set(CONTOURS) | set(OF_SOUND)


@pytest.mark.parametrize("name", CONTOURS)
def test_a_contour_earns_what_it_earned(name: str) -> None:
    _compare(name, CONTOURS[name], CONTOUR_TOLERANCE)


@pytest.mark.parametrize("name", OF_SOUND)
def test_a_sound_earns_what_it_earned(name: str) -> None:
    _compare(name, OF_SOUND[name], SOUND_TOLERANCE)


def _compare(name: str, make: Callable[[], TakeScore], tolerance: float) -> None:
    golden, found = read()[name], numbers_of(make())
    assert set(found) == set(golden), HOW_TO
    for figure, value in golden.items():
        allowed = LATENCY_TOLERANCE_MS if figure == "latency_ms" and tolerance == SOUND_TOLERANCE else tolerance
        assert found[figure] == pytest.approx(value, abs=allowed + ROUNDING), f"{name}, {figure}: {HOW_TO}"
