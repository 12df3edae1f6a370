"""What a loudspeaker puts into the microphone is neither sung nor lost: through the judge, in a room that changes."""

from pathlib import Path

import numpy as np
import pytest

from inference.analysis.judging import sung_file
from inference.analysis.separating import separate
from tests.accuracy.takes import tracked, vocadito_sound
from tests.bench.accuracy_set import real_singer
from tests.bench.scores import melody_score
from tests.support.bleed_takes import SongHouse, vibe_ace, vocadito_with
from tests.support.rooms import sdr_db


@pytest.fixture
def house(tmp_path: Path) -> SongHouse:
    made = SongHouse(tmp_path)
    made.put(vibe_ace())
    return made


@pytest.mark.parametrize("bleed_db", [0.0, -10.0])
def test_ten_decibels_of_the_backing_go_and_the_verdict_says_so(house: SongHouse, bleed_db: float) -> None:

    take = vocadito_with(bleed_db)
    separated = separate(sung_file(take.heard), house.song, separation=house.separation())
    assert sdr_db(take.voice, separated.voice.samples) - sdr_db(take.voice, take.heard) >= 10.0
    assert separated.bleed is not None
    assert separated.bleed.method == "cancelled"
    assert separated.bleed.bleed_db == pytest.approx(bleed_db, abs=2.0)
    assert separated.bleed.left_db < bleed_db - 8.0


def test_good_singing_over_a_loudspeaker_loses_little_and_its_rests_stay_silent(house: SongHouse) -> None:
    dry, heard = house.verdict(vocadito_sound()), house.verdict(vocadito_with(-20.0).heard)
    assert dry.bleed.method == "none"
    assert heard.bleed.method == "cancelled"
    for part in ("pitch", "rhythm", "total"):
        assert getattr(dry, part) - getattr(heard, part) <= 3.0
    assert dry.total >= 90.0


def test_rests_over_a_loudspeaker_are_not_heard_as_singing(house: SongHouse) -> None:

    take, human = vocadito_with(-20.0), real_singer()
    track = tracked(separate(sung_file(take.heard), house.song, separation=house.separation()).voice.samples)
    score = melody_score(human.times_s, human.f0_hz, track.times_s, track.f0_hz)
    assert score.false_alarm <= 0.05
    assert score.recall >= 0.95


@pytest.mark.parametrize("bleed_db", [0.0, -20.0])
def test_who_does_not_sing_earns_nothing_from_the_loudspeaker(house: SongHouse, bleed_db: float) -> None:
    silent = house.verdict(vocadito_with(bleed_db).bleed)
    for part in ("pitch", "rhythm", "total"):
        assert getattr(silent, part) <= 2.0


def test_a_take_without_bleed_is_judged_as_if_nobody_had_looked(house: SongHouse) -> None:
    looked, not_looked = house.verdict(vocadito_sound()), house.verdict(vocadito_sound(), "never")
    assert (looked.bleed.method, looked.bleed.reason) == ("none", "headphones")
    assert (not_looked.bleed.method, not_looked.bleed.reason) == ("none", "setting")
    looked.ClearField("bleed")
    not_looked.ClearField("bleed")
    assert looked == not_looked


def test_what_nobody_can_cancel_is_said(house: SongHouse) -> None:

    sung = sung_file(vocadito_with(-10.0).heard)
    moved, elsewhere = house.song, house.song
    moved.key_shift_semitones, elsewhere.id = 2.0, "not-here"
    for song, reason in ((moved, "moved-song"), (elsewhere, "no-backing")):
        found = separate(sung, song, separation=house.separation())
        assert found.voice is sung
        assert found.bleed is not None
        assert (found.bleed.method, found.bleed.reason) == ("none", reason)
    assert np.array_equal(separate(sung, house.song).voice.samples, sung.samples)
