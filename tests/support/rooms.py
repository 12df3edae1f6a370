"""A small loudspeaker in a room, as a phone hears it: image sources in a box (Allen and Berkley 1979)."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from tests.support.channel import SAMPLE_RATE_HZ, Samples, voiced_level

BOX_M = (5.2, 3.9, 2.6)
LOUDSPEAKER_M = (1.0, 1.2, 0.9)
SINGER_M = (2.6, 2.2, 1.3)
ELSEWHERE_M = (3.3, 1.5, 1.4)  # where the singer goes to in mid-take
REFLECTED = 0.8  # of the amplitude, by each wall: 60 dB in 0.34 s
RESPONSE_S = 0.4
SOUND_M_S = 343.0
HALF_KERNEL = 8  # of the fractions of a sample
LATENCY_S = 0.08  # of the playback and of the microphone
LOUDSPEAKER_HZ = 150.0  # below it a small one tells nothing
CHANGE_S = 0.05
Sound = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bleeding:
    """A take with the backing in it; `heard` is `voice` and `bleed` together, 16 kHz."""

    voice: Samples
    bleed: Samples
    song: Samples

    @property
    def heard(self) -> Samples:
        return np.asarray(self.voice + self.bleed, np.float32)


def bleeding(
    voice: Samples, song: Samples, bleed_db: float, changes: bool = True, latency_s: float = LATENCY_S
) -> Bleeding:
    """`bleed_db` beside the voice's level; the room changes once, in the middle."""
    song = np.resize(song, len(voice)).astype(np.float32)
    sound = played(song, SINGER_M, latency_s)
    if changes:
        middle, length = len(voice) // 2, round(CHANGE_S * SAMPLE_RATE_HZ)
        share = np.clip((np.arange(len(voice)) - middle) / length, 0.0, 1.0)
        sound = sound * (1 - share) + played(song, ELSEWHERE_M, latency_s) * share
    gain = voiced_level(voice) * 10 ** (bleed_db / 20) / max(1e-9, float(np.sqrt(np.mean(sound**2))))
    return Bleeding(voice, np.asarray(gain * sound, np.float32), song)


def played(song: Samples, microphone_m: tuple[float, float, float], latency_s: float) -> Sound:
    """What the microphone hears of a song by the loudspeaker, `latency_s` late."""
    small = signal.butter(2, LOUDSPEAKER_HZ, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    in_room = signal.fftconvolve(signal.sosfilt(small, song.astype(np.float64)), response(microphone_m))
    late = round(latency_s * SAMPLE_RATE_HZ)
    return np.concatenate([np.zeros(late), in_room])[: len(song)]


@cache
def response(microphone_m: tuple[float, float, float]) -> Sound:
    axes = [_images(*places) for places in zip(BOX_M, LOUDSPEAKER_M, microphone_m, strict=True)]
    squares = [places**2 for places, _ in axes]
    distance_m = np.sqrt(np.add.outer(np.add.outer(squares[0], squares[1]), squares[2])).ravel()
    walls = np.add.outer(np.add.outer(axes[0][1], axes[1][1]), axes[2][1]).ravel()
    near = distance_m < RESPONSE_S * SOUND_M_S
    place = distance_m[near] / SOUND_M_S * SAMPLE_RATE_HZ
    amplitude = REFLECTED ** walls[near] / np.maximum(distance_m[near], 0.1)
    sound = np.zeros(round(RESPONSE_S * SAMPLE_RATE_HZ) + 2 * HALF_KERNEL + 1)
    whole = np.floor(place).astype(np.int64)
    for step in range(-HALF_KERNEL, HALF_KERNEL + 1):
        beside = step - (place - whole)
        kernel = np.sinc(beside) * (0.5 + 0.5 * np.cos(np.pi * beside / (HALF_KERNEL + 1)))
        np.add.at(sound, whole + step + HALF_KERNEL, amplitude * kernel)
    return sound[HALF_KERNEL:]


def _images(length_m: float, source_m: float, microphone_m: float) -> tuple[Sound, NDArray[np.int64]]:
    """Along one axis: where the images stand from the microphone, and how many walls each was reflected by."""
    most = int(np.ceil(RESPONSE_S * SOUND_M_S / (2 * length_m))) + 1
    turns = np.arange(-most, most + 1)
    places = np.concatenate([2 * turns * length_m + source_m, 2 * turns * length_m - source_m]) - microphone_m
    return places, np.concatenate([np.abs(2 * turns), np.abs(2 * turns - 1)])


def sdr_db(voice: Samples, heard: Samples) -> float:
    """Signal-to-distortion ratio: everything that is not the voice is distortion."""
    wide = voice.astype(np.float64)
    return float(10 * np.log10(np.sum(wide**2) / max(1e-20, np.sum((heard - wide) ** 2))))
