"""CREPE's path with SwiftF0's precision: the one is never lost in noise or bleed, the other errs by half the cents."""

from typing import Protocol

import numpy as np

from inference.models.crepe_take import PathLane
from inference.models.estimator import ActivationEstimator, Flags, FramePitches, PitchEstimator, Windows
from inference.models.growing import Known, Sound
from inference.models.swift_f0 import SwiftF0Estimator, SwiftLane

AGREE_CENTS = 50.0  # further apart they hear two notes; then CREPE's counts
SWIFT_SHARE = 0.7  # of the mean of both in cents, where they agree
LOW_HZ = 70.0  # of a lower voice CREPE's window of 64 ms holds less than four and a half periods, and it doubts it


class Crepe(PitchEstimator, ActivationEstimator, Protocol):
    """What is refined."""


class RefinedCrepe:
    """A TakeEstimator; a window by itself is CREPE's alone."""

    def __init__(self, crepe: Crepe, swift: SwiftF0Estimator) -> None:
        self.name = f"{crepe.name}+{swift.name}"
        self._crepe = crepe
        self._swift = swift

    def estimate(self, windows: Windows) -> FramePitches:
        return self._crepe.estimate(windows)

    def lane(self, hop_samples: int, known: Known | None = None) -> "RefinedLane":
        return RefinedLane(PathLane(self._crepe, hop_samples, known), self._swift.lane(hop_samples, known))


class RefinedLane:
    """Both on their way through a take."""

    def __init__(self, rough: PathLane, fine: SwiftLane) -> None:
        self._rough = rough
        self._fine = fine

    @property
    def needed_from(self) -> int:
        return min(self._rough.needed_from, self._fine.needed_from)

    def advance(self, sound: Sound, wanted: Flags) -> None:
        self._rough.advance(sound, wanted)
        self._fine.advance(sound, wanted)

    def finish(self, wanted: Flags) -> FramePitches:
        return refined(self._rough.finish(wanted), self._fine.finish(wanted))


def refined(rough: FramePitches, fine: FramePitches) -> FramePitches:
    """Voiced is what both hear as a voice; of a low voice SwiftF0 knows better, where both hear the same note."""
    known = (rough.f0_hz > 0) & (fine.f0_hz > 0)
    octaves = np.log2(np.where(known, fine.f0_hz / np.where(known, rough.f0_hz, 1), 1))
    agree = known & (np.abs(1200.0 * octaves) < AGREE_CENTS)
    f0_hz = rough.f0_hz * 2.0 ** np.where(agree, SWIFT_SHARE * octaves, 0.0)
    both = np.minimum(rough.periodicity, fine.periodicity)
    return FramePitches(f0_hz.astype(np.float32), np.where(agree & (f0_hz < LOW_HZ), fine.periodicity, both))
