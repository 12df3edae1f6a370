"""The file that a fake microphone plays: it starts at 0 with each getUserMedia call, and loops."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

SAMPLE_RATE_HZ = 44_100  # what Chromium's fake device reports
LEAD_S = 9.0  # time for the tests to come from the microphone check to the start, count-in included
TAIL_S = 60.0  # nothing may loop into a take


@dataclass(frozen=True, slots=True)
class MicrophoneFile:
    """The voice's song second 0 is heard `lead_s` after the microphone was opened."""

    path: Path
    lead_s: float
    loop_s: float


def write_microphone_file(
    path: Path, voice: NDArray[np.float64], sample_rate_hz: int, lead_s: float = LEAD_S
) -> MicrophoneFile:
    """`voice` is mono and begins at song second 0."""
    lead, tail = (np.zeros(round(length_s * sample_rate_hz)) for length_s in (lead_s, TAIL_S))
    samples = np.concatenate([lead, voice, tail])
    soundfile.write(path, samples, sample_rate_hz, subtype="PCM_16")
    return MicrophoneFile(path, lead_s, len(samples) / sample_rate_hz)
