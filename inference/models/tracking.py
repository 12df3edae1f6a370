"""The pitch of a whole recording, in pieces: an hour of it needs little more memory than its samples and frames."""

from dataclasses import dataclass

import numpy as np

from inference.audio.framing import SILENCE_DB, Flags, Samples, frame_count, level_db
from inference.domain.track import Floats, PitchTrack
from inference.models.crepe_take import blocks_of, follow_path, windows_of
from inference.models.estimator import (
    SAMPLE_RATE_HZ,
    ActivationEstimator,
    FramePitches,
    OnProgress,
    PitchEstimator,
    TakeEstimator,
)
from inference.models.voicing import LevelGate, is_voiced


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
) -> PitchTrack:
    """Frame i is centred on sample i * hop; `on_progress` gets 0..1. Samples that are no numbers count as unmeasured.

    Frames with unmeasured samples are unvoiced, and so are quiet ones, whose periodicity is 0: both skip the network.
    """
    return voiced_track(estimate_frames(samples, measured, estimator, hop_s, on_progress), estimator.name, hop_s)


def voiced_track(frames: TakeFrames, estimator_name: str, hop_s: float) -> PitchTrack:
    f0_hz = np.where(is_voiced(frames.periodicity), frames.f0_hz, 0.0)
    return PitchTrack(0.0, hop_s, f0_hz, frames.periodicity, frames.measured, estimator_name, frames.level_db)


def estimate_frames(
    samples: Samples, measured: Flags, estimator: PitchEstimator, hop_s: float, on_progress: OnProgress | None = None
) -> TakeFrames:
    """As `track_pitch`, before it is decided which frames are voiced."""
    hop_samples = round(hop_s * SAMPLE_RATE_HZ)
    are_numbers = np.isfinite(samples)
    if not are_numbers.all():
        samples, measured = np.where(are_numbers, samples, np.float32(0.0)), measured & are_numbers
    is_measured, levels_db = _heard(samples, measured, hop_samples)
    gate, wanted = LevelGate(hop_s), np.zeros(len(levels_db), np.bool_)
    for place in np.flatnonzero(is_measured):
        wanted[place] = gate.is_open(float(levels_db[place]))
    pitches = followed(estimator, samples, hop_samples, wanted, on_progress or (lambda _done: None))
    f0_hz, periodicity = pitches.f0_hz.astype(np.float64), pitches.periodicity.astype(np.float64)
    return TakeFrames(f0_hz, periodicity, is_measured, levels_db)


def _heard(samples: Samples, measured: Flags, hop_samples: int) -> tuple[Flags, Floats]:
    """Whether each frame was measured, and its level."""
    count = frame_count(len(samples), hop_samples)
    is_measured, levels_db = np.zeros(count, np.bool_), np.full(count, SILENCE_DB)
    unmeasured = ~measured
    for block in blocks_of(count):
        is_measured[block] = ~windows_of(unmeasured, block, hop_samples).any(axis=1)
        levels_db[block] = level_db(windows_of(samples, block, hop_samples))
    return is_measured, levels_db


def followed(
    estimator: PitchEstimator, samples: Samples, hop_samples: int, wanted: Flags, tell: OnProgress
) -> FramePitches:
    """As one take where the estimator can, otherwise window by window."""
    if isinstance(estimator, TakeEstimator):
        pitches = estimator.follow(samples, hop_samples, wanted, tell)
    elif isinstance(estimator, ActivationEstimator):
        pitches = follow_path(estimator, samples, hop_samples, wanted, tell)
    else:
        pitches = _window_by_window(estimator, samples, hop_samples, wanted, tell)
    tell(1.0)
    return pitches


def _window_by_window(
    estimator: PitchEstimator, samples: Samples, hop_samples: int, wanted: Flags, tell: OnProgress
) -> FramePitches:
    f0_hz, periodicity = np.zeros(len(wanted), np.float32), np.zeros(len(wanted), np.float32)
    for block in blocks_of(len(wanted)):
        if wanted[block].any():
            found = estimator.estimate(windows_of(samples, block, hop_samples)[wanted[block]])
            f0_hz[block][wanted[block]], periodicity[block][wanted[block]] = found.f0_hz, found.periodicity
        tell(block.stop / len(wanted))
    return FramePitches(f0_hz, periodicity)
