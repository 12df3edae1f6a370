"""A song's sound as Ogg Opus: 3 MB for three minutes, and its first sample is still the first (RFC 7845, pre-skip)."""

from collections.abc import Iterable
from pathlib import Path

import av
from av import AudioFrame
from av.container import OutputContainer
from av.error import FFmpegError

from signaling.errors import SongAudioError

RATE_HZ = 48_000  # the only one that Opus decodes to
BIT_RATE = 128_000  # stereo music: hard to tell from its source
COMPRESSION = "5"  # libopus' complexity: half the time of 10, which is for slow links


def write_opus(source: Path, target: Path) -> None:
    """Blocking. Raises SongAudioError where the source does not decode, OSError where nothing can be written."""
    try:
        with av.open(str(source)) as recording, av.open(str(target), "w", format="ogg") as file:
            _encode(recording.decode(audio=0), file)
    except OSError:  # FFmpeg's own are both
        raise
    except (FFmpegError, ValueError) as error:
        raise SongAudioError(f"{source.name}: the audio cannot be encoded") from error


def _encode(frames: Iterable[AudioFrame], file: OutputContainer) -> None:
    stream = file.add_stream("libopus", rate=RATE_HZ, layout="stereo", bit_rate=BIT_RATE)
    stream.codec_context.options = {"compression_level": COMPRESSION}
    resampler = av.AudioResampler(format="s16", layout="stereo", rate=RATE_HZ)
    for frame in frames:
        for piece in resampler.resample(frame):
            file.mux(stream.encode(piece))
    for piece in resampler.resample(None):
        file.mux(stream.encode(piece))
    file.mux(stream.encode(None))
