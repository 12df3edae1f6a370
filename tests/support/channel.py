"""What lies between a voice and the judge: noise, a room, a phone, a codec, a lossy link, a loudspeaker."""

from fractions import Fraction
from itertools import pairwise
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from scipy import signal

SAMPLE_RATE_HZ = 16_000
OPUS_RATE_HZ = 48_000
OPUS_FRAME_SAMPLES = 960  # 20 ms
PACKET_S = 0.020
LOWEST_NOISE_HZ = 40.0  # nobody hears what lies below, which would take over half the power of a pink spectrum

Samples = NDArray[np.float32]
Flags = NDArray[np.bool_]


def voiced_level(samples: Samples) -> float:
    """RMS of the voiced parts: the frames of 50 ms within 20 dB of the loudest twentieth."""
    frames = samples[: len(samples) // 800 * 800].reshape(-1, 800).astype(np.float64)
    power = np.mean(frames**2, axis=1)
    return float(np.sqrt(np.mean(power[power >= np.quantile(power, 0.95) / 100.0])))


def pink_noise(length: int, seed: int) -> Samples:
    """Deviation 1, as much power in each octave from LOWEST_NOISE_HZ on."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(length))
    frequency_hz = np.fft.rfftfreq(length, 1 / SAMPLE_RATE_HZ)
    spectrum *= (frequency_hz >= LOWEST_NOISE_HZ) / np.sqrt(np.maximum(frequency_hz, LOWEST_NOISE_HZ))
    noise = np.fft.irfft(spectrum, length)
    return np.asarray(noise / np.std(noise), np.float32)


def with_noise(samples: Samples, snr_db: float, seed: int = 0) -> Samples:
    """Pink noise, the signal-to-noise ratio taken over the voiced parts."""
    level = voiced_level(samples) * 10 ** (-snr_db / 20)
    return _limited(samples + level * pink_noise(len(samples), seed))


def with_bleed(samples: Samples, backing: Samples, bleed_db: float) -> Samples:
    """A backing (16 kHz) that the microphone hears too, `bleed_db` beside the voice's level, e.g. -20."""
    other = np.resize(backing, len(samples)).astype(np.float32)
    gain = voiced_level(samples) * 10 ** (bleed_db / 20) / max(1e-9, float(np.sqrt(np.mean(other**2))))
    return _limited(samples + gain * other)


def in_a_room(samples: Samples, decay_s: float = 0.4, wet_db: float = -12.0, seed: int = 0) -> Samples:
    """Reverberation that falls by 60 dB in `decay_s`; the direct sound stays where it was."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(1.2 * decay_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3.0 * time_s / decay_s) * (time_s > 0.004)
    tail *= 10 ** (wet_db / 20) / np.sqrt(np.sum(tail**2))
    wet = signal.fftconvolve(samples, tail)[: len(samples)]
    return _limited(samples + np.asarray(wet, np.float32))


def through_a_phone(samples: Samples) -> Samples:
    """A small microphone: nothing below 150 Hz, 6 dB more at 3 kHz, less above 6.5 kHz."""
    low = signal.butter(2, 150.0, "highpass", fs=SAMPLE_RATE_HZ, output="sos")
    high = signal.butter(2, 6500.0, "lowpass", fs=SAMPLE_RATE_HZ, output="sos")
    b, a = signal.iirpeak(3000.0, 2.0, fs=SAMPLE_RATE_HZ)
    heard = signal.sosfilt(high, signal.sosfilt(low, samples))
    return _limited(np.asarray(heard + signal.lfilter(b, a, heard), np.float32))


def through_opus(samples: Samples, bit_rate: int = 32_000) -> Samples:
    """Encoded and decoded by libopus in 20 ms packets at 48 kHz; the codec's delay is taken off again."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.bit_rate, encoder.format, encoder.layout = OPUS_RATE_HZ, bit_rate, "s16", "mono"
    encoder.time_base = Fraction(1, OPUS_RATE_HZ)
    encoder.options = {"application": "voip", "frame_duration": "20"}
    decoder = av.CodecContext.create("libopus", "r")
    decoder.sample_rate, decoder.layout = OPUS_RATE_HZ, "mono"
    wide = np.asarray(np.clip(signal.resample_poly(samples, 3, 1), -1, 1) * 32767, np.int16)
    wide = np.pad(wide, (0, 2 * OPUS_FRAME_SAMPLES - len(wide) % OPUS_FRAME_SAMPLES))
    heard: list[NDArray[np.int16]] = []
    for number, (start, end) in enumerate(pairwise(range(0, len(wide) + 1, OPUS_FRAME_SAMPLES))):
        frame = av.AudioFrame.from_ndarray(wide[None, start:end], format="s16", layout="mono")
        frame.sample_rate, frame.pts = OPUS_RATE_HZ, number * OPUS_FRAME_SAMPLES
        heard.extend(_decoded(decoder, packet) for packet in encoder.encode(frame))
    heard.extend(_decoded(decoder, packet) for packet in encoder.encode(None))
    narrow = signal.resample_poly(np.concatenate(heard).astype(np.float64) / 32768, 1, 3)
    return _aligned(np.asarray(narrow, np.float32), samples)


def _decoded(decoder: Any, packet: Any) -> NDArray[np.int16]:
    frames = [frame.to_ndarray().reshape(-1) for frame in decoder.decode(packet)]
    pcm = np.concatenate(frames) if frames else np.zeros(0)
    return np.asarray(pcm if pcm.dtype == np.int16 else np.clip(pcm, -1, 1) * 32767, np.int16)


def _aligned(heard: Samples, samples: Samples) -> Samples:
    """Cut to where it correlates best with the original, within 60 ms."""
    longest = SAMPLE_RATE_HZ * 60 // 1000
    probe = slice(0, min(len(samples), 10 * SAMPLE_RATE_HZ))
    scores = signal.correlate(heard[probe], samples[probe], mode="full", method="fft")
    zero = len(samples[probe]) - 1
    delay = int(np.argmax(scores[zero : zero + longest]))
    return np.resize(np.pad(heard[delay:], (0, max(0, len(samples) - len(heard) + delay))), len(samples))


def with_lost_packets(samples: Samples, share: float, seed: int = 0) -> tuple[Samples, Flags]:
    """Silence in a random share of the 20 ms packets, and which samples were received."""
    packet = round(PACKET_S * SAMPLE_RATE_HZ)
    lost = np.random.default_rng(seed).random(-(-len(samples) // packet)) < share
    received = ~np.repeat(lost, packet)[: len(samples)]
    return np.where(received, samples, np.float32(0.0)), received


def _limited(samples: NDArray[np.float32] | NDArray[np.float64]) -> Samples:
    return np.asarray(np.clip(samples, -1.0, 1.0), np.float32)
