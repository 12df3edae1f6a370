"""A voice as Opus packets, made before it is sung: many singers on one machine then cost it no encoders."""

import fractions

import numpy as np
from aiortc.codecs.opus import OpusEncoder
from av import AudioFrame

from deploy.singer.sound import PIECE_S, Pcm

RATE_HZ = 48_000
PIECE_SAMPLES = round(RATE_HZ * PIECE_S)
TIME_BASE = fractions.Fraction(1, RATE_HZ)
SETTLED = 3  # pieces after which the encoder of a silence says no more of its beginning

Voice = tuple[bytes, ...]  # one packet each PIECE_S


def encoded(pcm: Pcm) -> Voice:
    """`pcm` is mono at RATE_HZ in whole pieces; 1 s of it takes some 20 ms."""
    encoder = OpusEncoder()
    packets: list[bytes] = []
    for first in range(0, len(pcm), PIECE_SAMPLES):
        frame = AudioFrame.from_ndarray(pcm[first : first + PIECE_SAMPLES].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, first, TIME_BASE
        packets += encoder.encode(frame)[0]
    return tuple(packets)


def silence() -> bytes:
    """A packet that may be sent again and again."""
    return encoded(np.zeros(SETTLED * PIECE_SAMPLES, np.int16))[-1]
