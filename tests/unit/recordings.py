"""Where the test recordings are, and sounds made here."""

import math
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

RATE_HZ = 16_000
Sound = NDArray[np.float32]


def recording(name: str) -> Path:
    """A file of the test recordings; the test is skipped where there are none."""
    default = Path(__file__).resolve().parents[3] / "shared" / "data"
    path = Path(os.environ.get("VOICEJURY_TEST_DATA", default)) / name
    if not path.exists():
        pytest.skip(f"{name} is not there: set VOICEJURY_TEST_DATA to the folder of test recordings")
    return path


def voice(f0_hz: NDArray[np.float64] | float, duration_s: float = 1.0, amplitude: float = 0.2) -> Sound:
    """A buzz with falling partials, like a sung vowel; f0_hz is one value or one per sample."""
    f0 = np.broadcast_to(f0_hz, (round(duration_s * RATE_HZ),))
    phase = 2 * math.pi * np.cumsum(f0) / RATE_HZ
    partials = [np.sin(n * phase) / n * (n * f0 < RATE_HZ / 2) for n in range(1, 11)]
    return np.asarray(amplitude * np.sum(partials, axis=0), np.float32)


def sweep(low_hz: float, high_hz: float, duration_s: float) -> tuple[Sound, NDArray[np.float64]]:
    """A glissando and its f0 per sample."""
    f0_hz = np.geomspace(low_hz, high_hz, round(duration_s * RATE_HZ))
    return voice(f0_hz, duration_s), f0_hz
