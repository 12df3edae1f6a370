"""Songs whose truth is known: a recorded solo voice over a recorded backing, at a chosen level."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from inference.audio.recordings import STEREO_RATE_HZ, decode_stereo
from tests.unit.recordings import recording

VOICE = "pitch/vocadito_1"
BACKING = "mixtures"
Stereo = NDArray[np.float32]


@dataclass(frozen=True)
class Mixture:
    """Shape (2, samples) at 44.1 kHz each; the mix is their sum."""

    vocals: Stereo
    backing: Stereo

    @property
    def mix(self) -> Stereo:
        return self.vocals + self.backing


def vocadito_over_vibe_ace(voice_over_backing_db: float = 0.0, seconds: float = 33.0) -> Mixture:
    """The voice keeps its level; the backing's follows."""
    voice = decode_stereo(next(recording(VOICE).glob("*.wav")), 60.0)
    backing = decode_stereo(next(path for path in recording(BACKING).iterdir() if "vibe" in path.name.lower()), 90.0)
    samples = min(voice.shape[1], backing.shape[1], round(seconds * STEREO_RATE_HZ))
    voice, backing = voice[:, :samples], backing[:, :samples]
    gain = np.sqrt(np.mean(voice**2) / np.mean(backing**2)) * 10 ** (-voice_over_backing_db / 20)
    return Mixture(voice, np.asarray(gain * backing, np.float32))


def voice_left(mixture: Mixture) -> Mixture:
    """The voice on the left channel alone, the backing on the right."""
    voice, backing = mixture.vocals.copy(), mixture.backing.copy()
    voice[1], backing[0] = 0.0, 0.0
    return Mixture(voice, backing)


def write_wav(path: Path, sound: Stereo) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sound.T, STEREO_RATE_HZ, subtype="FLOAT")
    return path
