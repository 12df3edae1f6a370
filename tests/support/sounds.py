"""Small recordings made here, in any format that PyAV writes."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

RATE_HZ = 48_000


def write_sound(
    path: Path,
    seconds: float = 3.0,
    codec: str = "libopus",
    muxer: str = "ogg",
    amplitude: float = 0.3,
    rate_hz: int = RATE_HZ,
    tags: dict[str, str] | None = None,
    picture: bool = False,
) -> Path:
    """A tone of 220 Hz in stereo, with a moving picture beside it where asked."""
    with av.open(str(path), "w", format=muxer) as container:
        container.metadata.update(tags or {})
        sound: Any = container.add_stream(codec, rate=rate_hz)
        sound.codec_context.layout = "stereo"
        video: Any = None
        if picture:
            video = container.add_stream("mpeg4", rate=10)
            video.width, video.height, video.pix_fmt = 64, 64, "yuv420p"
        for packet in _sound_packets(sound, seconds, amplitude, rate_hz):
            container.mux(packet)
        if video is not None:
            for packet in _picture_packets(video, seconds):
                container.mux(packet)
    return path


def _sound_packets(stream: Any, seconds: float, amplitude: float, rate_hz: int) -> Any:
    block = rate_hz
    for first in range(0, round(seconds * rate_hz), block):
        count = min(block, round(seconds * rate_hz) - first)
        times = np.arange(first, first + count) / rate_hz
        tone = (amplitude * np.sin(2 * np.pi * 220.0 * times)).astype(np.float32)
        frame = av.AudioFrame.from_ndarray(np.stack([tone, tone]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, first, Fraction(1, rate_hz)
        yield from stream.encode(frame)
    yield from stream.encode(None)


def _picture_packets(stream: Any, seconds: float) -> Any:
    for index in range(int(seconds * 10)):
        image = np.full((64, 64, 3), index % 255, np.uint8)
        yield from stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
    yield from stream.encode(None)
