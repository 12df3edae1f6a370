"""Transported sound as samples."""

import numpy as np
from voicejury.v1 import audio_pb2

from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.errors import AudioFormatError

FULL_SCALE = 32_768.0


def chunk_samples(chunk: audio_pb2.PcmChunk) -> Samples:
    """-1..1. Raises AudioFormatError."""
    if chunk.sample_rate_hz != SAMPLE_RATE_HZ:
        raise AudioFormatError(f"the sample rate is {chunk.sample_rate_hz} Hz; {SAMPLE_RATE_HZ} Hz is expected")
    if len(chunk.pcm_s16le) % 2:
        raise AudioFormatError("half a sample: the number of bytes is odd")
    return np.frombuffer(chunk.pcm_s16le, "<i2").astype(np.float32) / np.float32(FULL_SCALE)
