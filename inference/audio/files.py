"""Sound files of any kind as 16 kHz mono samples."""

import io
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from av import AudioFrame
from av.container import InputContainer

from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.errors import AudioFormatError

MAX_FILE_S = 1800.0
MAX_CHANNELS = 32
Source = Path | bytes


def load_mono_16k(source: Source) -> Samples:
    """The whole file, its channels averaged. Raises AudioFormatError."""
    try:
        samples, rate_hz = _by_soundfile(source)
    except soundfile.LibsndfileError:
        samples, rate_hz = _by_av(source)
    if len(samples) == 0:
        raise AudioFormatError("the file holds no sound")
    if not np.isfinite(samples).all():
        raise AudioFormatError("the file holds samples that are no numbers")
    if rate_hz != SAMPLE_RATE_HZ:
        samples = soxr.resample(samples, rate_hz, SAMPLE_RATE_HZ)
    return np.ascontiguousarray(samples, np.float32)


def _by_soundfile(source: Source) -> tuple[Samples, int]:
    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    with soundfile.SoundFile(opened) as file:
        if file.channels > MAX_CHANNELS:
            raise AudioFormatError(f"the file has {file.channels} channels; {MAX_CHANNELS} are accepted")
        _check_length(file.frames / file.samplerate)
        return _mono(file.read(dtype="float32", always_2d=True).T), file.samplerate


def _by_av(source: Source) -> tuple[Samples, int]:
    """What libsndfile cannot read: m4a, webm, and mp3 in odd wrappings."""
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    parts: list[Samples] = []
    try:
        with av.open(opened, mode="r") as container:
            for part in _decoded(container):
                parts.append(part)
                _check_length(sum(map(len, parts)) / SAMPLE_RATE_HZ)
    except FileNotFoundError as error:
        raise AudioFormatError("the file does not exist") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioFormatError("the file is not a sound file that can be read") from error
    return np.concatenate(parts) if parts else np.zeros(0, np.float32), SAMPLE_RATE_HZ


def _decoded(container: InputContainer) -> Iterator[Samples]:
    if not container.streams.audio:
        raise AudioFormatError("the file holds no sound track")
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    frames: Iterator[AudioFrame | None] = chain(container.decode(audio=0), [None])  # None drains the resampler
    for frame in frames:
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray()[0]


def _mono(channels: Samples) -> Samples:
    mono: Samples = channels.mean(axis=0, dtype=np.float32)
    return mono


def _check_length(duration_s: float) -> None:
    if duration_s > MAX_FILE_S:
        raise AudioFormatError(f"the file is longer than {MAX_FILE_S / 60:.0f} minutes")
