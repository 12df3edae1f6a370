"""Laws 4 and 6 in time: latency, clock, tempo, displaced and unsteady notes."""

from itertools import pairwise

import numpy as np
import pytest

from inference.domain.lines import line_evidence
from inference.domain.melody import Melody
from inference.domain.take_score import TakeScore, Written, score_take
from tests.accuracy.test_laws_contours import parts
from tests.unit.synthetic_singers import NO_RECOGNISER, NO_WORDS, RULES, Singer, score, sing, tune
from tests.unit.synthetic_styles import displaced

TUNE = tune(0, 40.0)
LONG_TUNE = tune(1, 90.0)


def calibrated(route_latency_s: float | None, melody: Melody = TUNE, **how: float) -> TakeScore:
    track = sing(melody, Singer(**how))  # type: ignore[arg-type]
    return score_take(Written(melody, NO_WORDS, None), track, track.times_s, NO_RECOGNISER, RULES, route_latency_s)


@pytest.mark.parametrize("late_s", [-0.5, -0.3, 0.0, 0.15, 0.3, 0.4, 0.5])
def test_one_constant_latency_costs_nothing_and_is_told(late_s: float) -> None:
    take = calibrated(None, late_s=late_s)
    assert min(parts(take)) >= 98
    assert take.latency_s == pytest.approx(late_s, abs=0.04)


@pytest.mark.parametrize(("late_s", "route_s"), [(0.14, 0.0), (-0.14, 0.0), (0.4, 0.3), (0.0, 0.1)])
def test_lateness_within_150_ms_of_a_calibrated_route_costs_nothing(late_s: float, route_s: float) -> None:
    take = calibrated(route_s, late_s=late_s)
    assert min(parts(take)) >= 98
    assert "late" not in take.reasons
    assert take.latency_s == pytest.approx(late_s, abs=0.04)


def test_lateness_beyond_150_ms_of_a_calibrated_route_costs_rhythm_and_says_so() -> None:
    takes = [calibrated(0.0, late_s=late_s) for late_s in (0.15, 0.2, 0.25, 0.3, 0.4)]
    rhythm = [parts(take)[1] for take in takes]
    assert all(later < earlier for earlier, later in pairwise(rhythm))
    assert rhythm[1] <= 85
    assert rhythm[-1] == 0
    assert all(parts(take)[0] >= 98 for take in takes)
    assert "everything came +30" in takes[3].reasons["late"]
    losses = [loss for line in line_evidence(takes[3], RULES) for loss in line.losses if loss.part == "rhythm"]
    assert {loss.reason for loss in losses} == {"late"}
    assert np.median([loss.ms for loss in losses]) == pytest.approx(300, abs=40)


@pytest.mark.parametrize("ppm", [-1000, 2000])
def test_a_clock_that_drifts_is_found_and_costs_nothing(ppm: int) -> None:
    take = calibrated(None, LONG_TUNE, tempo=1 + 1e-6 * ppm)
    assert min(parts(take)) >= 98
    assert take.clock_drift_ppm == pytest.approx(ppm, abs=200)


def test_a_clock_and_a_latency_are_found_together() -> None:
    take = calibrated(None, LONG_TUNE, tempo=1.001, late_s=0.3, cents=300.0)
    assert min(parts(take)) >= 98
    assert take.clock_drift_ppm == pytest.approx(1000, abs=200)
    assert take.latency_s == pytest.approx(0.3, abs=0.04)
    assert take.sung.placement.key_semitones == 3


@pytest.mark.parametrize("jitter_s", [0.0, 0.05, 0.1])
def test_an_unsteady_singer_has_no_clock(jitter_s: float) -> None:
    assert calibrated(None, LONG_TUNE, jitter_s=jitter_s, seed=3).clock_drift_ppm == 0


@pytest.mark.parametrize("tempo", [0.99, 1.01, 1.03])
def test_another_tempo_costs_rhythm_and_is_no_clock(tempo: float) -> None:
    take = calibrated(None, LONG_TUNE, tempo=tempo)
    assert parts(take)[1] < 40
    assert take.clock_drift_ppm == 0


def test_the_further_the_tempo_the_less_the_rhythm() -> None:
    tempos = (1.0, 1.002, 1.0025, 1.003, 1.004, 1.0075, 1.02, 1.05)
    rhythm = [parts(calibrated(None, tempo=tempo))[1] for tempo in tempos]
    assert all(later <= earlier + 1 for earlier, later in pairwise(rhythm))


@pytest.mark.parametrize("seed", [0, 205, 307, 2011, 2026, 2037])
def test_notes_displaced_by_up_to_half_keep_pitch_and_lose_rhythm(seed: int) -> None:
    song = tune(seed, 40.0)
    pitch, rhythm = parts(score(song, sing(displaced(song, seed), Singer(seed=seed))))
    assert pitch >= 90
    assert rhythm <= 40
