"""The levels: kind gives at least what normal gives, normal at least what strict gives; so does the free key."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from inference.domain.melody import Melody
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.take_score import TakeScore
from inference.domain.track import PitchTrack
from tests.unit.synthetic_singers import Singer, score, sing, tune, with_gap
from tests.unit.synthetic_styles import Legato, displaced, half_of, sing_gamakas, sing_legato, talk_in_time

TUNES = {seed: tune(seed, 16.0) for seed in (51,)}
TAKES: dict[str, Callable[[Melody, int], PitchTrack]] = {
    "good": lambda song, seed: sing(song, Singer(seed=seed)),
    "legato": lambda song, seed: sing_legato(song, Legato(dip_cents=150.0), seed),
    "a little out of tune": lambda song, seed: sing(song, Singer(seed=seed, note_sd_cents=40.0)),
    "out of tune": lambda song, seed: sing(song, Singer(seed=seed, note_sd_cents=120.0)),
    "unsteady": lambda song, seed: sing(song, Singer(seed=seed, jitter_s=0.08)),
    "half": lambda song, seed: sing(half_of(song, seed), Singer(seed=seed)),
    "displaced": lambda song, seed: sing(displaced(song, seed), Singer(seed=seed)),
    "another key": lambda song, seed: sing(song, Singer(seed=seed, cents=200.0)),
    "between the keys": lambda song, seed: sing(song, Singer(seed=seed, cents=50.0)),
    "another song": lambda _song, seed: sing(tune(seed + 900, 16.0), Singer(seed=seed)),
    "talk": talk_in_time,
    "gamakas": lambda song, seed: sing_gamakas(song, 2.0, 4.0, seed),
    "a gap": lambda song, seed: with_gap(sing(song, Singer(seed=seed)), 4.0, 7.0),
    "another tempo": lambda song, seed: sing(song, Singer(seed=seed, tempo=1.01)),
}


@cache
def judged(name: str, seed: int, level: Level, key_free: bool) -> TakeScore:
    return score(TUNES[seed], TAKES[name](TUNES[seed], seed), replace(rules_for(level), key_free=key_free))


def earned(take: TakeScore) -> tuple[float, float, float]:
    assert take.pitch is not None
    assert take.rhythm is not None
    assert take.total is not None
    return take.pitch, take.rhythm, take.total


@pytest.mark.parametrize("name", TAKES)
@pytest.mark.parametrize("seed", TUNES)
def test_a_stricter_level_or_a_fixed_key_never_gives_more(name: str, seed: int) -> None:
    for free in (True, False):
        kind, normal, strict = (earned(judged(name, seed, level, free)) for level in Level)
        assert all(a >= b >= c for a, b, c in zip(kind, normal, strict, strict=True))
    for level in Level:
        free_key, fixed = (earned(judged(name, seed, level, free)) for free in (True, False))
        assert all(a >= b for a, b in zip(free_key, fixed, strict=True))


@pytest.mark.parametrize("level", Level)
@pytest.mark.parametrize("seed", TUNES)
def test_a_good_take_is_worth_98_at_every_level(level: Level, seed: int) -> None:
    assert min(earned(judged("good", seed, level, level is not Level.STRICT))) >= 98


def test_levels_differ_where_the_singer_is_out_of_tune() -> None:
    kind, normal, strict = (earned(judged("a little out of tune", 51, level, True))[0] for level in Level)
    assert kind >= normal + 3
    assert normal >= strict + 3


def test_luck_is_published_by_level_and_key() -> None:
    by_level = [judged("good", 51, level, True).chance for level in Level]
    assert by_level[0].pitch > by_level[1].pitch > by_level[2].pitch > 0
    assert by_level[0].rhythm > by_level[1].rhythm > by_level[2].rhythm > 0
    assert judged("good", 51, Level.NORMAL, False).chance.pitch < by_level[1].pitch


def test_rules_of_a_level_say_which_and_only_strict_fixes_the_key() -> None:
    rules: list[ScoringRules] = [rules_for(level) for level in Level]
    assert [each.level for each in rules] == list(Level)
    assert [each.key_free for each in rules] == [True, True, False]
    assert [(each.full_credit_cents, each.no_credit_cents) for each in rules] == [(60, 200), (35, 150), (25, 100)]
