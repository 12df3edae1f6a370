"""From samples to a pitch track, by each estimator that needs no torch."""

import tracemalloc

import mir_eval
import numpy as np
import pytest

from inference.audio.files import load_mono_16k
from inference.audio.framing import centred_windows
from inference.domain.track import PitchTrack
from inference.errors import ModelMissingError
from inference.models.crepe import decode
from inference.models.crepe_take import BLOCK_FRAMES, next_block
from inference.models.estimator import WINDOW_SAMPLES
from inference.models.estimators import EstimatorName, build_estimator
from inference.models.growing import as_windows, windows_in
from inference.models.growing import whole as whole_sound
from inference.models.tracking import track_pitch
from inference.models.voicing import LevelGate, OctaveHold
from tests.unit.recordings import RATE_HZ, Sound, recording, sweep, voice

HOP = 160


def track(samples: Sound, unmeasured: slice = slice(0)) -> PitchTrack:
    measured = np.ones(len(samples), np.bool_)
    measured[unmeasured] = False
    return track_pitch(samples, measured, build_estimator("tiny"))


def test_a_synthetic_sweep_is_followed_within_five_cents() -> None:
    samples, f0_hz = sweep(90, 1000, 4.0)
    found = track(samples)
    inside = slice(5, -5)
    cents = 1200 * np.log2(found.f0_hz[inside] / f0_hz[::HOP][inside])
    assert (found.f0_hz[inside] > 0).all()
    assert np.median(np.abs(cents)) <= 5
    assert np.abs(cents).max() < 50


def test_the_sweep_of_crepe_is_voiced_and_rises_throughout() -> None:
    found = track(load_mono_16k(recording("pitch/crepe_sweep.wav")))
    voiced = found.f0_hz[5:-5]
    assert (voiced > 0).mean() > 0.97
    octaves = np.log2(voiced[voiced > 0])
    assert np.median(np.abs(np.diff(octaves, 2))) * 1200 < 10


def test_a_real_singer_is_tracked_as_a_human_wrote_it() -> None:
    found = track(load_mono_16k(recording("pitch/vocadito_1/vocadito_1.wav")))
    times_s, f0_hz = np.loadtxt(recording("pitch/vocadito_1/vocadito_1_f0.csv"), delimiter=",").T
    scores = mir_eval.melody.evaluate(times_s, f0_hz, found.times_s, found.f0_hz)
    assert scores["Raw Pitch Accuracy"] > 0.97
    assert scores["Overall Accuracy"] > 0.96
    assert scores["Voicing False Alarm"] < 0.06


@pytest.mark.parametrize("amplitude", [0.0, 1e-4])
def test_silence_and_faint_noise_are_unvoiced(amplitude: float) -> None:
    noise = np.random.default_rng(1).standard_normal(2 * RATE_HZ).astype(np.float32)
    assert not track(np.float32(amplitude) * noise).f0_hz.any()


def test_accompaniment_far_below_the_voice_is_unvoiced() -> None:
    samples = np.concatenate([voice(220.0), voice(330.0, amplitude=0.2 * 10 ** (-30 / 20))])
    found = track(samples)
    assert (found.f0_hz[5:95] > 0).all()
    assert not found.f0_hz[105:195].any()


def test_frames_that_touch_unmeasured_samples_are_not_measured_and_unvoiced() -> None:
    found = track(voice(220.0), unmeasured=slice(8000, 8010))
    outside = np.abs(found.times_s - 0.5) > 0.033
    assert (found.measured == outside).all()
    assert not found.f0_hz[~found.measured].any()


def test_frames_stand_on_the_grid_from_the_first_sample_to_the_last() -> None:
    found = track(voice(220.0)[:1601])
    assert found.times_s.tolist() == pytest.approx([0.01 * n for n in range(11)])


def test_nothing_at_all_gives_an_empty_track() -> None:
    assert len(track(np.zeros(0, np.float32)).f0_hz) == 0


def test_progress_rises_to_one() -> None:
    told: list[float] = []
    samples = voice(220.0, 6.0)
    track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator("tiny"), 0.010, told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_the_batch_that_a_window_comes_in_changes_nothing() -> None:
    estimator = build_estimator("tiny")
    samples, _ = sweep(100, 800, 1.0)
    windows = np.lib.stride_tricks.sliding_window_view(samples, 1024)[::700]
    together = estimator.estimate(windows)
    alone = [estimator.estimate(window[None]).f0_hz[0] for window in windows]
    assert np.abs(1200 * np.log2(together.f0_hz / np.array(alone))).max() < 0.1


def test_an_estimator_is_loaded_once() -> None:
    assert build_estimator("tiny") is build_estimator("tiny")


def test_full_without_torch_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inference.models.estimators.find_spec", lambda _name: None)
    with pytest.raises(ModelMissingError, match="make setup-full"):
        build_estimator("full")
    assert build_estimator("auto").name == "crepe-tiny+swift-f0"


def test_a_peak_at_either_end_of_the_bins_is_decoded_without_wrapping() -> None:
    activation = np.zeros((2, 360), np.float32)
    activation[0, :3] = (0.9, 0.5, 0.2)
    activation[1, -3:] = (0.2, 0.5, 0.9)
    low, high = decode(activation).f0_hz
    assert low == pytest.approx(31.9, rel=0.02)
    assert high == pytest.approx(1991, rel=0.02)


def test_a_single_octave_blip_is_held_and_a_lasting_jump_is_followed() -> None:
    hold = OctaveHold()
    assert [hold.follow(f0_hz) for f0_hz in (200.0, 402.0, 201.0)] == [200.0, 201.0, 201.0]
    assert [hold.follow(f0_hz) for f0_hz in (400.0, 401.0, 402.0)] == [200.0, 401.0, 402.0]


def test_an_octave_after_a_rest_is_no_blip() -> None:
    hold = OctaveHold()
    assert [hold.follow(f0_hz) for f0_hz in (200.0, 0.0, 400.0)] == [200.0, 0.0, 400.0]


def test_the_gate_forgets_a_shout_after_ten_seconds() -> None:
    gate = LevelGate(hop_s=0.1)
    assert all(gate.is_open(-10.0) for _ in range(20))
    decisions = [gate.is_open(-40.0) for _ in range(150)]
    assert not any(decisions[:75])
    assert all(decisions[100:])


@pytest.mark.parametrize("name", ["tiny", "swift-f0", "auto"])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_count_as_unmeasured(name: EstimatorName, bad: float) -> None:
    samples = voice(220.0)
    samples[8000:8010] = bad
    found = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator(name))
    outside = np.abs(found.times_s - 0.5) > 0.033
    assert (found.measured == outside).all()
    assert np.isfinite(found.f0_hz).all()
    assert np.isfinite(found.periodicity).all()
    assert (found.f0_hz[outside] > 0).mean() > 0.8


@pytest.mark.parametrize("name", ["tiny", "swift-f0", "auto"])
def test_a_constant_and_a_single_sample_are_no_voice(name: EstimatorName) -> None:
    for samples in (np.full(RATE_HZ, 0.5, np.float32), np.full(1, 0.5, np.float32), np.zeros(1, np.float32)):
        found = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator(name))
        assert len(found.f0_hz) == -(-len(samples) // HOP)
        assert not found.f0_hz.any()


@pytest.mark.parametrize("name", ["tiny", "swift-f0", "auto"])
def test_a_voice_that_is_clipped_or_lies_off_zero_keeps_its_pitch(name: EstimatorName) -> None:
    for samples in (np.clip(8.0 * voice(220.0), -1.0, 1.0), 0.3 * voice(220.0) + np.float32(0.4)):
        found = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator(name)).f0_hz[10:-10]
        assert (found > 0).all()
        assert np.abs(1200 * np.log2(found / 220.0)).max() < 30


def test_the_windows_of_a_block_are_those_of_the_whole_sound() -> None:
    samples = np.random.default_rng(3).standard_normal(50_001).astype(np.float32)
    whole = centred_windows(samples, WINDOW_SAMPLES, HOP)
    sound, done = whole_sound(samples), 0
    while (block := next_block(done, len(whole), sound, HOP)) is not None:
        assert (as_windows(windows_in(sound, block, HOP), HOP) == whole[block]).all()
        done = block.stop
    assert done == len(whole) > BLOCK_FRAMES


def test_a_long_take_is_heard_in_pieces() -> None:
    samples = np.zeros(600 * RATE_HZ, np.float32)
    measured = np.ones(len(samples), np.bool_)
    tracemalloc.start()
    track_pitch(samples, measured, build_estimator("tiny"))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < samples.nbytes  # the windows of all frames would take six times the sound
