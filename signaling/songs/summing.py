"""Voice and backing added up again: the recording as it was before it was parted."""

from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

BLOCK_SAMPLES = 1 << 18
Block = NDArray[np.float32]  # shape (samples, channels)


def write_sum(backing: Path, voice: Path, target: Path) -> None:
    """FLAC of 16 bits, quieter where the sum would clip. Blocking. Raises OSError."""
    try:
        loudest = _loudest(backing, voice)
        gain = 1.0 / loudest if loudest > 1.0 else 1.0
        with soundfile.SoundFile(backing) as one, soundfile.SoundFile(voice) as other:
            if (one.samplerate, one.channels) != (other.samplerate, other.channels):
                raise OSError("the parts of this song do not fit each other")
            with soundfile.SoundFile(target, "w", one.samplerate, one.channels, "PCM_16", format="FLAC") as file:
                while len(block := _next_sum(one, other)):
                    file.write(gain * block)
    except soundfile.LibsndfileError as error:
        raise OSError("the parts of this song cannot be added up") from error


def _loudest(backing: Path, voice: Path) -> float:
    loudest = 0.0
    with soundfile.SoundFile(backing) as one, soundfile.SoundFile(voice) as other:
        while len(block := _next_sum(one, other)):
            loudest = max(loudest, float(np.abs(block).max()))
    return loudest


def _next_sum(one: soundfile.SoundFile, other: soundfile.SoundFile) -> Block:
    """Where a part ends before the other, silence goes on."""
    first, second = (file.read(BLOCK_SAMPLES, dtype="float32", always_2d=True) for file in (one, other))
    longer, shorter = (first, second) if len(first) >= len(second) else (second, first)
    longer[: len(shorter)] += shorter
    return np.asarray(longer, np.float32)
