"""The same singing in another key, at another tempo, at another time: done to sound."""

import av
import numpy as np
import soxr
from av.filter import Graph

from tests.support.channel import SAMPLE_RATE_HZ, Samples

BLOCK_SAMPLES = 1_024


def stretched(samples: Samples, tempo: float) -> Samples:
    """Played `tempo` times as fast at the same pitch, by ffmpeg's overlap-add (`atempo`, WSOLA)."""
    graph = Graph()
    source = graph.add_abuffer(sample_rate=SAMPLE_RATE_HZ, format="flt", layout="mono")
    stretch = graph.add("atempo", f"{tempo:.6f}")
    sink = graph.add("abuffersink")
    source.link_to(stretch)
    stretch.link_to(sink)
    graph.configure()
    parts: list[Samples] = []
    for start in range(0, len(samples), BLOCK_SAMPLES):
        block = np.ascontiguousarray(samples[None, start : start + BLOCK_SAMPLES])
        frame = av.AudioFrame.from_ndarray(block, format="flt", layout="mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE_HZ, start
        source.push(frame)
        parts += _pulled(graph)
    source.push(None)
    parts += _pulled(graph)
    return _exactly(np.concatenate(parts), round(len(samples) / tempo))


def transposed(samples: Samples, semitones: float) -> Samples:
    """As long as before: resampled, then stretched back. The formants move with the pitch."""
    ratio = 2.0 ** (semitones / 12.0)
    faster = np.asarray(soxr.resample(samples, SAMPLE_RATE_HZ * ratio, SAMPLE_RATE_HZ), np.float32)
    return _exactly(stretched(faster, 1.0 / ratio), len(samples))


def delayed(samples: Samples, late_s: float) -> Samples:
    """What came before the first sample is silence."""
    return np.concatenate([np.zeros(round(late_s * SAMPLE_RATE_HZ), np.float32), samples])


def _pulled(graph: Graph) -> list[Samples]:
    parts: list[Samples] = []
    while True:
        try:
            parts.append(np.asarray(graph.pull().to_ndarray().reshape(-1), np.float32))
        except (av.BlockingIOError, av.EOFError):
            return parts


def _exactly(samples: Samples, length: int) -> Samples:
    return np.pad(samples, (0, max(0, length - len(samples))))[:length].astype(np.float32)
