"""Laws 1 and 9: vibrato, scoops, glides, consonants and gamakas are singing."""

import numpy as np
import pytest

from inference.domain.melody import Melody
from inference.domain.pitch_score import without_speech
from inference.domain.take_score import TakeScore, Written, score_take
from inference.domain.track import PitchTrack
from tests.accuracy.test_laws_contours import parts
from tests.unit.synthetic_singers import NO_RECOGNISER, NO_WORDS, RULES, Singer, score, sing, tune
from tests.unit.synthetic_styles import Legato, sing_gamakas, sing_legato, talk_in_time

SEEDS = (61, 62)


def against_stem(stem: PitchTrack, track: PitchTrack) -> TakeScore:
    return score_take(Written(Melody(()), NO_WORDS, stem), track, track.times_s, NO_RECOGNISER, RULES)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "how",
    [
        {"vibrato_cents": 100.0, "vibrato_hz": 6.0},
        {"vibrato_cents": 100.0, "vibrato_hz": 5.0},
        {"scoop_s": 0.12},
        {"consonant_s": 0.06},  # with what the generator cuts off before it: gaps of 100 ms
    ],
    ids=str,
)
def test_vibrato_scoops_and_gaps_cost_two_points_at_most(how: dict[str, float], seed: int) -> None:
    song = tune(seed, 30.0)
    plain = parts(score(song, sing(song, Singer(seed=seed))))
    ornamented = parts(score(song, sing(song, Singer(seed=seed, **how))))
    assert np.subtract(plain, ornamented).max() <= 2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("how", [Legato(), Legato(glide_s=0.12), Legato(dip_cents=200.0)], ids=str)
def test_glides_and_voiced_consonants_leave_98_in_each_part(how: Legato, seed: int) -> None:
    song = tune(seed, 30.0)
    assert min(parts(score(song, sing_legato(song, how, seed)))) >= 98
    assert min(parts(against_stem(sing_legato(song, Legato(), seed + 1), sing_legato(song, how, seed)))) >= 98


@pytest.mark.parametrize("seed", SEEDS)
def test_a_voice_full_of_gamakas_is_worth_all_against_itself(seed: int) -> None:
    voice = sing_gamakas(tune(seed, 30.0), 1.5, 4.0, seed)
    assert min(parts(against_stem(voice, voice))) >= 98


@pytest.mark.parametrize("seed", SEEDS)
def test_gamakas_of_two_semitones_are_no_speech(seed: int) -> None:
    song = tune(seed, 30.0)
    by_notes = parts(score(song, sing_gamakas(song, 1.0, 4.0, seed)))
    second_take = parts(against_stem(sing_gamakas(song, 1.0, 4.0, seed + 1), sing_gamakas(song, 1.0, 4.0, seed)))
    assert by_notes[0] >= 97
    assert second_take[0] >= 93
    assert min(by_notes[1], second_take[1]) >= 85  # a swing of a semitone to either side hides some onsets


def test_gliding_costs_nothing_where_the_original_glides_as_much() -> None:
    assert without_speech(45.0, 0.3, 1.0, RULES) < 40
    assert without_speech(45.0, 0.3, 0.35, RULES) == 45


@pytest.mark.parametrize("seed", SEEDS)
def test_a_talker_beside_an_ornamented_original_is_still_no_singer(seed: int) -> None:
    song = tune(seed, 30.0)
    pitch, rhythm = parts(against_stem(sing_gamakas(song, 1.5, 4.0, seed), talk_in_time(song, seed)))
    assert pitch <= 15
    assert rhythm <= 15
