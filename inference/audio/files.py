"""Sound files of any kind as 16 kHz mono samples: read, mixed and resampled block by block, so memory is bounded."""

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

MAX_FILE_S = 4200.0  # an hour, and what people leave running after it
MAX_CHANNELS = 32
RATES_HZ = (4_000, 768_000)  # below is no voice, above no recorder
BLOCK_FRAMES = 16_384
BYTES_PER_S = 4 * SAMPLE_RATE_HZ  # of float32
MIN_OFFSET = 1e-3  # of full scale: a smaller mean does no harm, and the samples stay as they are
# What phones and people keep sound in. Playlists are not among them: they name other files and addresses.
FORMATS = "mov,matroska,webm,mp3,aac,ogg,wav,w64,flac,aiff,au,caf,amr,asf,avi,mpeg,mpegts,ac3,eac3"
Source = Path | bytes


def load_mono_16k(source: Source, longest_s: float = MAX_FILE_S) -> Samples:
    """The whole file, its channels averaged, without a constant offset, within -1..1. Raises AudioFormatError."""
    if isinstance(source, Path) and source.is_dir():
        raise AudioFormatError("this is a folder, not a sound file")
    held = bytearray()
    try:
        _gather(_by_soundfile(source, longest_s), held, longest_s)
    except soundfile.LibsndfileError as broken:
        held = _without_soundfile(source, longest_s, len(held) / BYTES_PER_S, broken)
    if not held:
        raise AudioFormatError("the file holds no sound")
    return _in_range(np.frombuffer(held, np.float32))


def _without_soundfile(source: Source, longest_s: float, read_s: float, broken: Exception) -> bytearray:
    """What libsndfile gave up on after `read_s`."""
    held = bytearray()
    try:
        _gather(_by_av(source), held, longest_s)
    except AudioFormatError as error:
        if read_s:
            raise AudioFormatError(f"the file is damaged or cut off: no sound after {read_s:.1f} s") from broken
        raise error from broken
    return held


def _gather(pieces: Iterator[Samples], held: bytearray, longest_s: float) -> None:
    """Puts pieces of 16 kHz sound one after the other, held once in memory."""
    for piece in pieces:
        if not np.isfinite(piece).all():
            raise AudioFormatError("the file holds samples that are no numbers")
        held += np.ascontiguousarray(piece, np.float32).data
        _check_length(len(held) / BYTES_PER_S, longest_s)


def _in_range(samples: Samples) -> Samples:
    """Changes them in place: a gate on the level would hear an offset as sound, and samples in floats have no limit."""
    peak = max(float(samples.max()), -float(samples.min()))
    if peak > 1.0:
        samples /= np.float32(peak)
    offset = float(samples.mean(dtype=np.float64))
    if abs(offset) > MIN_OFFSET:
        samples -= np.float32(offset)
        np.clip(samples, -1.0, 1.0, out=samples)
    return samples


def _by_soundfile(source: Source, longest_s: float) -> Iterator[Samples]:
    opened = io.BytesIO(source) if isinstance(source, bytes) else source
    with soundfile.SoundFile(opened) as file:
        if file.channels > MAX_CHANNELS:
            raise AudioFormatError(f"the file has {file.channels} channels; {MAX_CHANNELS} are accepted")
        if not RATES_HZ[0] <= file.samplerate <= RATES_HZ[1]:
            raise AudioFormatError(f"the file's sample rate of {file.samplerate} Hz is out of range")
        _check_length(file.frames / file.samplerate, longest_s)
        yield from _resampled(_mono(file), file.samplerate)


def _mono(file: soundfile.SoundFile) -> Iterator[Samples]:
    while len(block := file.read(BLOCK_FRAMES, dtype="float32", always_2d=True)):
        if not np.isfinite(block).all():  # the resampler would smear it
            raise AudioFormatError("the file holds samples that are no numbers")
        yield block.T.mean(axis=0, dtype=np.float32)


def _resampled(blocks: Iterator[Samples], rate_hz: int) -> Iterator[Samples]:
    if rate_hz == SAMPLE_RATE_HZ:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate_hz, SAMPLE_RATE_HZ, 1, dtype="float32")
    for block in blocks:
        yield stream.resample_chunk(np.ascontiguousarray(block))
    yield stream.resample_chunk(np.zeros(0, np.float32), last=True)


def _by_av(source: Source) -> Iterator[Samples]:
    """What libsndfile cannot read: m4a, webm, and mp3 in odd wrappings."""
    opened = io.BytesIO(source) if isinstance(source, bytes) else str(source)
    try:
        with av.open(opened, mode="r", options={"format_whitelist": FORMATS}) as container:
            yield from _decoded(container)
    except FileNotFoundError as error:
        raise AudioFormatError("the file does not exist") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        raise AudioFormatError("the file is not a sound file that can be read") from error


def _decoded(container: InputContainer) -> Iterator[Samples]:
    if not container.streams.audio:
        raise AudioFormatError("the file holds no sound track")
    resampler = av.AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
    frames: Iterator[AudioFrame | None] = chain(container.decode(audio=0), [None])  # None drains the resampler
    for frame in frames:
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray()[0]


def _check_length(duration_s: float, longest_s: float) -> None:
    if duration_s > longest_s:
        raise AudioFormatError(f"the file is longer than {longest_s / 60:.0f} minutes")
