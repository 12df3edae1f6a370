"""The laws of a fair score on synthetic singing; docs/scoring.md tells which hold."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from inference.domain.lines import line_evidence
from inference.domain.take_score import TakeScore
from tests.unit.synthetic_singers import RULES, Singer, score, sing, track_of, tune, with_gap
from tests.unit.synthetic_styles import half_of, on_one_note, sing_over_rests, talk_in_time

TUNE = tune(0, 40.0)
FIXED_KEY = replace(RULES, key_free=False)


def parts(take: TakeScore) -> tuple[float, float]:
    assert take.pitch is not None
    assert take.rhythm is not None
    return take.pitch, take.rhythm


def sung(**how: Any) -> TakeScore:
    return score(TUNE, sing(TUNE, Singer(**how)))


@pytest.mark.parametrize("seed", range(6))
def test_another_good_take_is_worth_98_in_each_part(seed: int) -> None:
    assert min(parts(sung(seed=seed))) >= 98


def test_silence_is_worth_nothing_and_says_what_was_not_measured() -> None:
    take = score(TUNE, track_of(np.full(4000, np.nan)))
    assert parts(take) == (0, 0)
    assert take.total == 0
    assert take.lyrics is None
    assert take.reasons["lyrics"]


def test_random_other_songs_are_worth_ten_at_most_on_average() -> None:
    pairs = [(tune(a, 30.0), tune(b, 30.0)) for a in range(2) for b in range(10, 15)]
    earned = np.array([parts(score(written, sing(other, Singer()))) for written, other in pairs])
    assert (earned.mean(axis=0) <= 10).all()
    assert (np.percentile(earned, 95, axis=0) <= 20).all()


@pytest.mark.parametrize("error", ["note_sd_cents", "jitter_s", "drop"])
def test_more_error_never_scores_more(error: str) -> None:
    steps = {"note_sd_cents": (0, 30, 60, 120, 240), "jitter_s": (0, 0.03, 0.08, 0.2), "drop": (0, 0.25, 0.5, 0.75)}
    scores = [parts(sung(**{error: step})) for step in steps[error]]
    kind = 1 if error == "jitter_s" else 0
    assert all(later[kind] <= earlier[kind] + 1 for earlier, later in pairwise(scores))
    assert scores[-1][kind] < 50


@pytest.mark.parametrize("cents", [-1200.0, 1200.0, 500.0, -300.0])
def test_an_octave_or_another_key_costs_nothing_and_the_key_is_told(cents: float) -> None:
    take = sung(cents=cents)
    assert min(parts(take)) >= 98
    assert take.sung.placement.key_semitones == (0 if abs(cents) == 1200 else cents / 100)


def test_another_key_costs_what_it_is_where_the_key_is_fixed() -> None:
    assert parts(score(TUNE, sing(TUNE, Singer(cents=200.0)), FIXED_KEY))[0] < 20


@pytest.mark.parametrize("seed", [0, 302, 307, 317, 318])
def test_half_the_notes_are_worth_about_half(seed: int) -> None:
    song = tune(seed, 40.0)
    pitch, rhythm = parts(score(song, sing(half_of(song, seed), Singer(seed=seed))))
    assert 40 <= pitch <= 65
    assert 40 <= rhythm <= 65


def test_singing_over_every_rest_costs_a_little() -> None:
    pitch, rhythm = parts(score(TUNE, sing_over_rests(TUNE, 0)))
    assert 85 <= pitch <= 98
    assert rhythm >= 95


@pytest.mark.parametrize("seed", [0, 301, 303, 310, 319])
def test_a_talker_in_time_gets_little_pitch_and_less_rhythm(seed: int) -> None:
    song = tune(seed, 40.0)
    pitch, rhythm = parts(score(song, talk_in_time(song, seed)))
    assert pitch <= 15
    assert 0.4 * pitch + 0.3 * rhythm + 0.3 * 100 <= 45


@pytest.mark.parametrize("seed", [0, 5, 9])
def test_humming_one_note_in_time_is_no_singing(seed: int) -> None:
    song = tune(seed, 40.0)
    pitch, rhythm = parts(score(song, sing(on_one_note(song), Singer(seed=seed))))
    assert pitch <= 20
    assert rhythm <= 20


def test_a_gap_costs_no_points() -> None:
    take = score(TUNE, with_gap(sing(TUNE, Singer()), 10.0, 20.0))
    assert min(parts(take)) >= 98
    assert take.measured == pytest.approx(0.75, abs=0.08)


def test_the_same_take_gets_the_same_numbers() -> None:
    assert parts(sung(note_sd_cents=60.0)) == parts(sung(note_sd_cents=60.0))


@pytest.mark.parametrize("how", [{"note_sd_cents": 60.0}, {"drop": 0.4}, {"jitter_s": 0.1}])
def test_every_lost_point_belongs_to_a_line_and_a_reason(how: dict[str, float]) -> None:
    take = sung(**how)
    assert take.total is not None
    losses = [loss for line in line_evidence(take, RULES) for loss in line.losses]
    assert sum(loss.points for loss in losses) == pytest.approx(100 - take.total, abs=0.01)
    assert {loss.reason for loss in losses} <= {"flat", "sharp", "missed", "late", "early", "extra"}
