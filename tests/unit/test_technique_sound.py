"""Technique from sound, through the pitch network: what a singer does is found, what nobody did is not."""

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.audio.files import load_mono_16k
from inference.domain.melody import Melody
from inference.domain.technique import TakeTechnique, take_technique
from inference.models.estimators import build_estimator
from inference.models.tracking import track_pitch
from tests.support.voice import Voice, sound_of
from tests.unit.recordings import recording
from tests.unit.synthetic_singers import RULES, Singer, score, sing, tune
from tests.unit.test_technique import SPACED, spaced

SONG = tune(3, 8.0)
SNR_DB = 10.0


def heard(sound: NDArray[np.float32], song: Melody = SONG) -> TakeTechnique:
    track = track_pitch(sound, np.ones(len(sound), dtype=np.bool_), build_estimator("tiny"), RULES.hop_s)
    return take_technique(score(song, track), track, track.times_s, RULES)


def noisy(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """White noise, its level against that of the sounding parts."""
    loud = sound[np.abs(sound) > 1e-3]
    sd = float(np.sqrt(np.mean(loud**2))) * 10 ** (-SNR_DB / 20)
    return np.asarray(sound + np.random.default_rng(0).normal(0.0, sd, len(sound)), np.float32)


@pytest.mark.parametrize(("rate_hz", "extent_cents"), [(5.0, 30.0), (6.0, 60.0), (7.0, 120.0), (7.0, 30.0)])
def test_vibrato_is_found_in_a_noisy_voice(rate_hz: float, extent_cents: float) -> None:
    singer = Singer(vibrato_hz=rate_hz, vibrato_cents=extent_cents, scoop_s=0.0)
    how = heard(noisy(sound_of(sing(SONG, singer), Voice(seed=1))))
    assert how.vibrato is not None
    assert how.vibrato.rate_hz == pytest.approx(rate_hz, abs=0.2)
    assert how.vibrato.extent_cents == pytest.approx(extent_cents, rel=0.15)
    assert (how.vibrato_share or 0) >= 0.8
    assert how.scoops == 0
    assert 2.0 <= (how.dynamics_db or 0) <= 12.0


def test_a_straight_noisy_voice_has_no_vibrato_and_stands_still() -> None:
    how = heard(noisy(sound_of(sing(SONG, Singer(vibrato_cents=0.0, scoop_s=0.0)), Voice(seed=2))))
    assert how.vibrato is None
    assert (how.stability_cents or 99) <= 8
    assert (how.attack_cents or 99) <= 12


def test_scoops_of_a_noisy_voice_are_heard_on_their_notes() -> None:
    rise = np.linspace(-200.0, 0.0, 12)
    how = heard(noisy(sound_of(spaced({0: rise, 2: rise, 3: rise}), Voice(seed=3))), SPACED)
    assert [note.scoop for note in how.notes] == [True, False, True, True, False, False]
    assert how.scoops == 3


def test_speech_has_no_vibrato() -> None:
    assert heard(load_mono_16k(recording("speech/jfk.flac"))).vibrato is None


def test_a_soprano_has_one() -> None:
    how = heard(load_mono_16k(recording("pitch/voices/soprano-E4.wav")))
    assert how.vibrato is not None
    assert 5.0 <= how.vibrato.rate_hz <= 7.5
    assert 34.0 <= how.vibrato.extent_cents <= 123.0  # Prame 1997


def test_noise_has_nothing_to_tell() -> None:
    how = heard(np.random.default_rng(4).normal(0.0, 0.02, 16_000 * 5).astype(np.float32))
    assert how.vibrato is None
    assert (how.longest_note_s, how.lowest_midi, how.dynamics_db) == (None, None, None)
