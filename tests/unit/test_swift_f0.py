"""SwiftF0 as an estimator, alone and beside CREPE."""

import numpy as np
import pytest
from swift_f0 import SAMPLE_RATE, PitchResult, SwiftF0

from inference.live.file_track import live_track
from inference.models.crepe_swift import refined
from inference.models.estimator import FramePitches
from inference.models.estimators import build_estimator
from inference.models.swift_f0 import PIECE_FRAMES, SwiftF0Estimator, on_grid
from inference.models.tracking import followed, track_pitch
from tests.bench.accuracy_set import real_singer
from tests.bench.scores import melody_score
from tests.unit.recordings import RATE_HZ, recording, sweep, voice


def heard(f0_hz: list[float], confidence: list[float]) -> PitchResult:
    return PitchResult(0.016 * np.arange(len(f0_hz)), np.array(f0_hz), np.array(confidence), np.zeros(len(f0_hz)))


def pitches(f0_hz: list[float], periodicity: list[float]) -> FramePitches:
    return FramePitches(np.array(f0_hz, np.float32), np.array(periodicity, np.float32))


@pytest.mark.parametrize("name", ["swift-f0", "auto"])
def test_a_sweep_is_followed_within_five_cents(name: str) -> None:
    samples, f0_hz = sweep(90, 1000, 4.0)
    found = track_pitch(samples, np.ones(len(samples), np.bool_), build_estimator(name))  # type: ignore[arg-type]
    assert found.estimator == {"auto": "crepe-tiny+swift-f0"}.get(name, name)
    inside = slice(8, -8)
    cents = 1200 * np.log2(found.f0_hz[inside] / f0_hz[::160][inside])
    assert (found.f0_hz[inside] > 0).all()
    assert np.median(np.abs(cents)) <= 5
    assert np.abs(cents).max() < 50


def test_pieces_give_what_the_whole_sound_gives() -> None:
    samples = np.tile(sweep(100, 800, 4.0)[0], 9)[: 2 * 256 * PIECE_FRAMES + 40_000]
    count = -(-len(samples) // 160)
    in_pieces = followed(SwiftF0Estimator(), samples, 160, np.ones(count, np.bool_))
    f0_hz, periodicity = on_grid(
        SwiftF0(threads=1).detect(samples, SAMPLE_RATE), 0.01 * np.arange(count, dtype=np.float64)
    )
    both = (periodicity >= 0.5) & (in_pieces.periodicity >= 0.5)
    assert np.abs(1200 * np.log2(in_pieces.f0_hz[both] / f0_hz[both])).max() < 0.1
    assert np.abs(in_pieces.periodicity - periodicity).max() < 0.01


@pytest.mark.parametrize("first", [0, 799, 800, 1600, 2249])
def test_a_frame_is_heard_the_same_where_no_other_is_wanted(first: int) -> None:
    samples = np.tile(sweep(100, 800, 4.0)[0], 6)[: 2250 * 160]
    everywhere = np.ones(2250, np.bool_)
    alone = np.zeros(2250, np.bool_)
    alone[first] = True
    whole, single = (followed(SwiftF0Estimator(), samples, 160, flags) for flags in (everywhere, alone))
    assert single.f0_hz[first] == whole.f0_hz[first] > 0
    assert single.periodicity[first] == whole.periodicity[first]
    assert np.count_nonzero(single.f0_hz) == 1


def test_a_window_with_its_past_is_heard_nearly_as_in_the_whole_sound() -> None:
    samples, _ = sweep(200, 400, 2.0)
    centres = 256 * np.arange(20, 100)
    estimator = SwiftF0Estimator()
    windows = np.stack([samples[c - 512 - estimator.past_samples : c + 512] for c in centres])
    live = estimator.estimate(windows)
    whole = SwiftF0(threads=1).detect(samples, SAMPLE_RATE)
    cents = 1200 * np.log2(live.f0_hz / whole.pitch_hz[centres // 256])
    assert np.median(np.abs(cents)) < 5.0  # the sweep goes on rising, its mirror falls
    assert np.abs(cents).max() < 20.0
    assert live.periodicity.min() > 0.5


def test_live_it_finds_a_real_voice_as_crepe_does() -> None:
    recording("pitch/vocadito_1/vocadito_1.wav")  # skips where there are no recordings
    sung = real_singer()
    found = live_track(sung.samples, build_estimator("swift-f0"))
    score = melody_score(sung.times_s, sung.f0_hz, found.times_s, found.f0_hz)
    assert score.recall >= 0.95
    assert score.false_alarm <= 0.10
    assert score.median_cents <= 5.0


def test_of_a_voice_below_70_hz_swift_knows_whether_it_is_one() -> None:
    """Where both hear the same note: CREPE's window holds few periods of it."""
    both = refined(pitches([60.0, 60.0, 72.0], [0.2, 0.2, 0.2]), pitches([60.2, 90.0, 72.2], [0.9, 0.9, 0.9]))
    assert both.periodicity.tolist() == pytest.approx([0.9, 0.2, 0.2])


def test_between_frames_the_pitch_is_on_a_line_in_cents() -> None:
    f0_hz, _ = on_grid(heard([200.0, 210.0], [0.9, 0.9]), np.array([0.0, 0.008, 0.016]))
    assert f0_hz.tolist() == pytest.approx([200.0, np.sqrt(200.0 * 210.0), 210.0], rel=1e-5)


def test_a_gap_is_not_bridged_and_neither_is_a_leap() -> None:
    times_s = np.array([0.004, 0.012])
    f0_hz, periodicity = on_grid(heard([200.0, 210.0], [0.9, 0.1]), times_s)
    assert periodicity.tolist() == pytest.approx([0.9, 0.1])
    assert f0_hz.tolist() == pytest.approx([200.0, 210.0])
    f0_hz, _ = on_grid(heard([200.0, 400.0], [0.9, 0.9]), times_s)
    assert f0_hz.tolist() == pytest.approx([200.0, 400.0])


def test_one_frame_is_enough() -> None:
    f0_hz, periodicity = on_grid(heard([200.0], [0.9]), np.array([0.0, 0.01]))
    assert f0_hz.tolist() == pytest.approx([200.0, 200.0])
    assert periodicity.tolist() == pytest.approx([0.9, 0.9])


def test_where_both_agree_swift_refines_and_elsewhere_crepe_counts() -> None:
    both = refined(pitches([200.0, 200.0, 200.0], [0.9, 0.9, 0.9]), pitches([202.0, 401.0, 0.0], [0.8, 0.8, 0.0]))
    cents = 1200 * np.log2(both.f0_hz / 200.0)
    assert cents.tolist() == pytest.approx([0.7 * 1200 * np.log2(202.0 / 200.0), 0.0, 0.0], abs=0.01)
    assert both.periodicity.tolist() == pytest.approx([0.8, 0.8, 0.0])


def test_silence_is_not_looked_at() -> None:
    found = track_pitch(np.zeros(RATE_HZ, np.float32), np.ones(RATE_HZ, np.bool_), build_estimator("swift-f0"))
    assert not found.f0_hz.any()
    assert not found.periodicity.any()


def test_a_gap_in_the_take_is_unvoiced() -> None:
    measured = np.ones(RATE_HZ, np.bool_)
    measured[8000:8010] = False
    found = track_pitch(voice(220.0), measured, build_estimator("swift-f0"))
    assert not found.f0_hz[~found.measured].any()
    assert (found.f0_hz[found.measured][8:-8] > 0).all()


def test_the_live_judge_takes_swift_f0_as_well() -> None:
    samples, f0_hz = sweep(120, 800, 3.0)
    found = live_track(samples, build_estimator("swift-f0"))
    assert found.estimator == "swift-f0"
    inside = slice(4, -4)
    assert (found.f0_hz[inside] > 0).all()
    cents = 1200 * np.log2(found.f0_hz[inside] / f0_hz[::320][: len(found.f0_hz)][inside])
    assert np.abs(cents).max() < 50
