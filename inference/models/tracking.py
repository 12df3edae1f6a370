"""The pitch of a whole recording, in pieces: an hour of it needs little more memory than its samples and frames."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from inference.audio.framing import Flags, Samples, frame_count, level_db
from inference.domain.track import Floats, PitchTrack
from inference.models.crepe_take import BLOCK_FRAMES, PathLane, WindowLane, next_block
from inference.models.estimator import (
    SAMPLE_RATE_HZ,
    WINDOW_SAMPLES,
    ActivationEstimator,
    FramePitches,
    OnProgress,
    PitchEstimator,
)
from inference.models.growing import Arrays, Known, Lane, Sound, Tail, as_windows, recalled, whole, windows_in
from inference.models.voicing import BlockGate, is_voiced


@runtime_checkable
class TakeEstimator(Protocol):
    """A PitchEstimator that hears a whole take at once: more context than a window, fewer passes."""

    def lane(self, hop_samples: int, known: Known | None = None) -> Lane: ...


@dataclass(frozen=True, slots=True)
class TakeFrames:
    """What is known of each frame before it is decided which are voiced; shape (frames,) each."""

    f0_hz: Floats  # of unvoiced frames too; 0 where nothing looked
    periodicity: Floats  # 0 where nothing looked
    measured: Flags
    level_db: Floats


def track_pitch(
    samples: Samples,
    measured: Flags,
    estimator: PitchEstimator,
    hop_s: float = 0.010,
    on_progress: OnProgress | None = None,
    known: Known | None = None,
) -> PitchTrack:
    """Frame i is centred on sample i * hop; `on_progress` gets 0..1. Samples that are no numbers count as unmeasured.

    Frames with unmeasured samples are unvoiced, and so are quiet ones, whose periodicity is 0: both skip the network.
    What is `known` of the same samples is not done again; the track is the same bit for bit.
    """
    frames = estimate_frames(samples, measured, estimator, hop_s, on_progress, known)
    return voiced_track(frames, estimator.name, hop_s)


def voiced_track(frames: TakeFrames, estimator_name: str, hop_s: float) -> PitchTrack:
    f0_hz = np.where(is_voiced(frames.periodicity), frames.f0_hz, 0.0)
    return PitchTrack(0.0, hop_s, f0_hz, frames.periodicity, frames.measured, estimator_name, frames.level_db)


def estimate_frames(
    samples: Samples,
    measured: Flags,
    estimator: PitchEstimator,
    hop_s: float,
    on_progress: OnProgress | None = None,
    known: Known | None = None,
) -> TakeFrames:
    """As `track_pitch`, before it is decided which frames are voiced."""
    tracker = TakeTracker(estimator, hop_s, known)
    step = BLOCK_FRAMES * tracker.hop_samples
    for first in range(0, len(samples), step):
        tracker.push(samples[first : first + step], measured[first : first + step])
        if on_progress is not None:
            on_progress(first / len(samples))
    frames = tracker.finish()
    if on_progress is not None:
        on_progress(1.0)
    return frames


class TakeTracker:
    """Takes a recording as it comes; however it is cut, the frames are the same bit for bit."""

    def __init__(self, estimator: PitchEstimator, hop_s: float, known: Known | None = None) -> None:
        self.hop_samples = round(hop_s * SAMPLE_RATE_HZ)
        self._lane = lane_of(estimator, self.hop_samples, known)
        self._known = known
        self._sound = Sound()
        self._unmeasured = Tail(np.bool_)
        self._gate = BlockGate(hop_s)
        self._measured: Flags = np.zeros(0, np.bool_)
        self._levels_db: Floats = np.zeros(0)
        self._wanted: Flags = np.zeros(0, np.bool_)

    def push(self, samples: Samples, measured: Flags) -> None:
        are_numbers = np.isfinite(samples)
        if not are_numbers.all():
            samples, measured = np.where(are_numbers, samples, np.float32(0.0)), measured & are_numbers
        self._sound.add(samples)
        self._unmeasured.add(~measured)
        self._advance()

    def finish(self) -> TakeFrames:
        """All that came; nothing may come afterwards."""
        self._sound.is_over = True
        self._advance()
        pitches = self._lane.finish(self._wanted)
        f0_hz, periodicity = pitches.f0_hz.astype(np.float64), pitches.periodicity.astype(np.float64)
        return TakeFrames(f0_hz, periodicity, self._measured, self._levels_db)

    def _advance(self) -> None:
        while (block := self._next_block()) is not None:
            self._hear(block)
            self._lane.advance(self._sound, self._wanted)
            heard = block.stop * self.hop_samples - WINDOW_SAMPLES // 2
            self._sound.forget_before(min(heard, self._lane.needed_from))
            self._unmeasured.forget_before(heard)
        self._lane.advance(self._sound, self._wanted)

    def _next_block(self) -> slice | None:
        frames = frame_count(self._sound.end, self.hop_samples)
        return next_block(len(self._wanted), frames, self._sound, self.hop_samples)

    def _hear(self, block: slice) -> None:
        """Whether each frame was measured, its level, and whether a voice can be in it."""
        under = windows_in(self._sound, block, self.hop_samples)
        unmeasured = windows_in(self._unmeasured, block, self.hop_samples)

        def work() -> Arrays:
            is_measured = np.logical_not(as_windows(unmeasured, self.hop_samples).any(axis=1))
            return is_measured, level_db(as_windows(under, self.hop_samples))

        heard = recalled(self._known, (b"level", under, unmeasured), work)
        is_measured, levels_db = np.asarray(heard[0], np.bool_), np.asarray(heard[1], np.float64)
        wanted = np.zeros(len(levels_db), np.bool_)
        wanted[is_measured] = self._gate.opened(levels_db[is_measured])
        self._measured = np.concatenate([self._measured, is_measured])
        self._levels_db = np.concatenate([self._levels_db, levels_db])
        self._wanted = np.concatenate([self._wanted, wanted])


def lane_of(estimator: PitchEstimator, hop_samples: int, known: Known | None = None) -> Lane:
    """As one take where the estimator can, otherwise window by window."""
    if isinstance(estimator, TakeEstimator):
        return estimator.lane(hop_samples, known)
    if isinstance(estimator, ActivationEstimator):
        return PathLane(estimator, hop_samples, known)
    return WindowLane(estimator, hop_samples)


def followed(estimator: PitchEstimator, samples: Samples, hop_samples: int, wanted: Flags) -> FramePitches:
    """What the estimator says of the wanted frames of a whole sound."""
    lane = lane_of(estimator, hop_samples)
    lane.advance(whole(samples), wanted)
    return lane.finish(wanted)
