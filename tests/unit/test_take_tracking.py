"""A take that grows is tracked as the whole take is, bit for bit, and what was done before is not done again."""

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from inference.audio.files import load_mono_16k
from inference.domain.track import PitchTrack
from inference.models.crepe_onnx import OnnxCrepe
from inference.models.estimator import FramePitches, PitchEstimator, Windows
from inference.models.estimators import EstimatorName, build_estimator
from inference.models.growing import Arrays, Tail
from inference.models.tracking import TakeTracker, track_pitch, voiced_track
from inference.models.voicing import BlockGate, LevelGate
from tests.unit.recordings import recording, voice

HOP_S = 0.010
BLOCK_SAMPLES = 256 * 160
Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]


def real_take(seconds: float = 33.0) -> Samples:
    return load_mono_16k(recording("pitch/vocadito_1/vocadito_1.wav"))[: round(seconds * 16_000)]


def with_holes(samples: Samples, seed: int = 1) -> tuple[Samples, Flags]:
    """Lost packets, concealed ones (sound that is not measured), and a reconnection of two seconds."""
    rng = np.random.default_rng(seed)
    measured = np.ones(len(samples), np.bool_)
    lost = np.ones(len(samples), np.bool_)
    for number, start in enumerate(rng.integers(0, len(samples), 14)):
        span = slice(start, start + 320 * int(rng.integers(1, 20)))
        measured[span] = False
        lost[span] = number % 2 == 0
    measured[100_000:132_000] = lost[100_000:132_000] = False
    return np.where(lost, samples, np.float32(0.0)), measured


def as_it_comes(samples: Samples, measured: Flags, estimator: PitchEstimator, cuts: list[int]) -> PitchTrack:
    tracker = TakeTracker(estimator, HOP_S)
    for start, stop in pairwise([0, *cuts, len(samples)]):
        tracker.push(samples[start:stop], measured[start:stop])
    return voiced_track(tracker.finish(), estimator.name, HOP_S)


def assert_same(found: PitchTrack, expected: PitchTrack) -> None:
    assert np.array_equal(found.f0_hz, expected.f0_hz)
    assert np.array_equal(found.periodicity, expected.periodicity)
    assert np.array_equal(found.measured, expected.measured)
    assert expected.level_db is not None
    assert np.array_equal(found.level_db, expected.level_db)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["auto", "tiny", "swift-f0"])
def test_a_take_that_comes_in_packets_is_tracked_as_the_whole_is(name: EstimatorName) -> None:
    samples, measured = with_holes(real_take())
    estimator = build_estimator(name)
    whole = track_pitch(samples, measured, estimator, HOP_S)
    assert (whole.f0_hz > 0).mean() > 0.3
    assert_same(as_it_comes(samples, measured, estimator, list(range(320, len(samples), 7_777))), whole)


@pytest.mark.parametrize("length", [0, 1, 159, 160, 161, 1_024, BLOCK_SAMPLES, BLOCK_SAMPLES + 1, 130_560, 131_000])
def test_takes_of_odd_lengths_are_tracked_as_the_whole_is(length: int) -> None:
    samples = real_take(9.0)[:length]
    measured = np.ones(length, np.bool_)
    estimator = build_estimator("auto")
    whole = track_pitch(samples, measured, estimator, HOP_S)
    assert len(whole.f0_hz) == -(-length // 160)
    assert_same(as_it_comes(samples, measured, estimator, [cut for cut in (1, 160, 40_960) if cut < length]), whole)


class WindowsAlone:
    """A PitchEstimator that is nothing more: the mean and the spread of each window."""

    name = "windows alone"

    def estimate(self, windows: Windows) -> FramePitches:
        return FramePitches(100.0 + windows[:, 512], np.minimum(1.0, 3.0 * windows.std(axis=1)))


def test_an_estimator_of_windows_alone_follows_a_take_too() -> None:
    samples, measured = with_holes(real_take(12.0))
    whole = track_pitch(samples, measured, WindowsAlone(), HOP_S)
    assert (whole.periodicity > 0).any()
    assert_same(as_it_comes(samples, measured, WindowsAlone(), [1_000, 50_000, 50_001]), whole)


class Notebook:
    """A Known that counts; it keeps each `every`-th state only."""

    def __init__(self, every: int = 1) -> None:
        self.pieces: dict[bytes, Arrays] = {}
        self.states: dict[bytes, Arrays] = {}
        self.hits = 0
        self._every, self._told = every, 0

    def find(self, key: bytes) -> Arrays | None:
        self.hits += key in self.pieces
        return self.pieces.get(key)

    def keep(self, key: bytes, arrays: Arrays) -> None:
        self.pieces[key] = arrays

    def find_state(self, key: bytes) -> Arrays | None:
        return self.states.get(key)

    def keep_state(self, key: bytes, arrays: Arrays) -> None:
        self._told += 1
        if self._told % self._every == 0:
            self.states[key] = arrays


class CountedCrepe(OnnxCrepe):
    """CREPE tiny that counts its windows."""

    def __init__(self) -> None:
        self.windows = 0
        super().__init__()

    def activations(self, windows: Windows) -> NDArray[np.float32]:
        self.windows += len(windows)
        return super().activations(windows)


@pytest.mark.parametrize("every", [1, 4, 1000])
def test_what_was_done_before_is_not_done_again(every: int) -> None:
    samples, measured = with_holes(real_take())
    crepe, known = CountedCrepe(), Notebook(every)
    tracker = TakeTracker(crepe, HOP_S, known)
    tracker.push(samples[:300_000], measured[:300_000])
    first = crepe.windows
    again = track_pitch(samples, measured, crepe, HOP_S, known=known)
    done_again = crepe.windows - first
    assert_same(again, track_pitch(samples, measured, OnnxCrepe(), HOP_S))
    skipped = 0 if every == 1 else min(every, 7) * 256
    wanted_later = int((again.periodicity[7 * 256 :] > 0).sum())
    assert wanted_later <= done_again <= wanted_later + skipped + 64


def test_sound_that_changes_in_the_middle_is_heard_anew_and_the_rest_is_not() -> None:
    samples = real_take()
    measured = np.ones(len(samples), np.bool_)
    measured[160_000:176_000] = False
    torn = np.where(measured, samples, np.float32(0.0))
    crepe, known = CountedCrepe(), Notebook()
    track_pitch(torn, measured, crepe, HOP_S, known=known)
    first = crepe.windows
    everything = np.ones(len(samples), np.bool_)
    filled = track_pitch(samples, everything, crepe, HOP_S, known=known)
    assert_same(filled, track_pitch(samples, everything, OnnxCrepe(), HOP_S))
    assert crepe.windows - first < 0.75 * first


def test_nothing_of_another_take_is_taken_for_this_one() -> None:
    known, estimator = Notebook(), build_estimator("auto")
    everything = np.ones(96_000, np.bool_)
    track_pitch(voice(220.0, 6.0), everything, estimator, HOP_S, known=known)
    other = voice(221.0, 6.0)
    assert_same(
        track_pitch(other, everything, estimator, HOP_S, known=known), track_pitch(other, everything, estimator, HOP_S)
    )
    assert known.hits == 0


def test_the_gate_of_many_frames_is_the_gate_of_one() -> None:
    rng = np.random.default_rng(5)
    levels_db = np.round(rng.normal(-40.0, 15.0, 3_500), 1)  # rounded: equal levels must be taken out one at a time
    one, many = LevelGate(HOP_S), BlockGate(HOP_S)
    expected = [one.is_open(level_db) for level_db in levels_db]
    found = np.concatenate([many.opened(part) for part in np.split(levels_db, [1, 700, 701, 2_600])])
    assert found.tolist() == expected
    assert 0.05 < found.mean() < 0.95


def test_what_was_forgotten_cannot_be_asked_for() -> None:
    tail = Tail(np.float32)
    tail.add(np.arange(10, dtype=np.float32))
    tail.forget_before(4)
    assert tail.cut(4, 12).tolist() == [4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 0.0, 0.0]
    with pytest.raises(ValueError, match="forgotten"):
        tail.cut(3, 6)


def test_before_the_first_and_after_the_last_there_are_zeros() -> None:
    tail = Tail(np.float32)
    tail.add(np.ones(3, np.float32))
    assert tail.cut(-2, 5).tolist() == [0.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    assert tail.cut(-4, -1).tolist() == [0.0, 0.0, 0.0]
    assert tail.cut(5, 7).tolist() == [0.0, 0.0]
