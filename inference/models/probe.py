"""Whether the 8-bit network may stand in for single precision on this machine: as right, and quicker."""

import time
from dataclasses import dataclass

import numpy as np

from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, PitchEstimator, Windows

PROBE_WINDOWS = 32  # a tick of as many singers
RUNS = 5
MAX_ERROR_CENTS = 1.0  # the median; a singer hears 5
MAX_COST = 0.9  # of single precision: a smaller gain is within the noise of a measurement
LOW_HZ, HIGH_HZ = 80.0, 1000.0  # E2 to B5: where singers are
PARTIALS = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """One network beside the one it would replace, on the built-in windows."""

    name: str
    window_ms: float  # CPU of one thread
    replaced_ms: float
    error_cents: float  # median

    @property
    def passes(self) -> bool:
        return self.error_cents <= MAX_ERROR_CENTS and self.window_ms <= MAX_COST * self.replaced_ms

    @property
    def described(self) -> str:
        return (
            f"{self.window_ms:.3f} ms a window instead of {self.replaced_ms:.3f} ms, {self.error_cents:.2f} cents off"
        )


def probe(candidate: PitchEstimator, replaced: PitchEstimator) -> Probe:
    """Half a second at most, at start."""
    windows = probe_windows()
    cents = 1200 * np.log2(candidate.estimate(windows).f0_hz / replaced.estimate(windows).f0_hz)
    return Probe(
        candidate.name, window_ms(candidate, windows), window_ms(replaced, windows), float(np.median(np.abs(cents)))
    )


def probe_windows() -> Windows:
    """Voices with falling partials in a little noise, evenly over the singers' range; the same ones each time."""
    seconds = np.arange(WINDOW_SAMPLES) / SAMPLE_RATE_HZ
    f0_hz = np.geomspace(LOW_HZ, HIGH_HZ, PROBE_WINDOWS)[:, None]
    voices = sum(
        np.sin(2 * np.pi * k * f0_hz * seconds) / k * (k * f0_hz < SAMPLE_RATE_HZ / 2) for k in range(1, PARTIALS + 1)
    )
    noise = np.random.default_rng(1).standard_normal((PROBE_WINDOWS, WINDOW_SAMPLES))
    return np.asarray(0.2 * voices + 0.005 * noise, np.float32)


def window_ms(estimator: PitchEstimator, windows: Windows) -> float:
    """The best of some runs, in CPU time of this thread: what else the machine does counts little."""
    spent_s = []
    for _ in range(RUNS):
        begun_s = time.thread_time()
        estimator.estimate(windows)
        spent_s.append(time.thread_time() - begun_s)
    return 1000 * min(spent_s) / len(windows)
