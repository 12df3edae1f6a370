"""Recordings of any kind as stereo samples at 44.1 kHz, read frame by frame within a limit, and kept without loss."""

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path

import av
import numpy as np
import soundfile
import soxr
from av import AudioFrame
from av.container import InputContainer
from numpy.typing import NDArray

from inference.audio.files import FORMATS, MAX_CHANNELS
from inference.audio.framing import SAMPLE_RATE_HZ, Samples
from inference.errors import PrepareError

STEREO_RATE_HZ = 44_100  # of Demucs, and of nearly every song
CHANNELS = 2
BLOCK_SAMPLES = 1 << 20  # 24 s: what is worked on at a time where a copy of a whole song would be large
TELL_STEP = 0.02  # of the decoding
SILENT_DB = -60.0  # RMS of the loudest second: below it nothing can be heard
Stereo = NDArray[np.float32]  # shape (2, samples)


def decode_stereo(path: Path, longest_s: float, tell: Callable[[float], None] | None = None) -> Stereo:
    """The whole recording at 44.1 kHz, its channels mixed down to two. Raises PrepareError.

    `tell` hears how much is done, 0..1, where the file says how long it is.
    """
    pieces: list[Stereo] = []
    samples, told, most = 0, 0.0, round(longest_s * STEREO_RATE_HZ)
    try:
        with av.open(str(path), mode="r", options={"format_whitelist": FORMATS}) as container:
            for piece in _decoded(container, longest_s):
                samples += piece.shape[1]
                if samples > most:
                    raise _too_long(longest_s)
                pieces.append(piece)
                done = _done(samples, container)
                if tell is not None and done >= told + TELL_STEP:
                    tell(done)
                    told = done
    except FileNotFoundError as error:
        raise PrepareError("no-source", "the recording is not there") from error
    except (av.FFmpegError, OSError, ValueError) as error:
        if not samples:
            raise PrepareError("not-audio", "the file is no recording that can be read") from error
        raise PrepareError("not-audio", f"the recording is damaged after {samples / STEREO_RATE_HZ:.1f} s") from error
    if not samples:
        raise PrepareError("not-audio", "the file holds no sound")
    return _joined(pieces, samples)


def _decoded(container: InputContainer, longest_s: float) -> Iterator[Stereo]:
    if not container.streams.audio:
        raise PrepareError("not-audio", "the file holds no sound track")
    if container.duration and container.duration / av.time_base > longest_s + 1.0:
        raise _too_long(longest_s)
    stream = container.streams.audio[0]
    if stream.codec_context.channels > MAX_CHANNELS:
        raise PrepareError("not-audio", f"the recording has {stream.codec_context.channels} channels")
    resampler = av.AudioResampler(format="fltp", layout="stereo", rate=STEREO_RATE_HZ)
    frames: Iterator[AudioFrame | None] = chain(container.decode(stream), [None])  # None drains the resampler
    for frame in frames:
        for resampled in resampler.resample(frame):
            yield resampled.to_ndarray().astype(np.float32, copy=False)


def _done(samples: int, container: InputContainer) -> float:
    """By the length that the file claims; 0 where it claims none."""
    claimed_s = (container.duration or 0) / av.time_base
    return min(1.0, samples / STEREO_RATE_HZ / claimed_s) if claimed_s > 0 else 0.0


def _joined(pieces: list[Stereo], samples: int) -> Stereo:
    """Frees each piece as it is copied: a long song is held once."""
    whole, place = np.empty((CHANNELS, samples), np.float32), 0
    for number, piece in enumerate(pieces):
        whole[:, place : place + piece.shape[1]] = piece
        place += piece.shape[1]
        pieces[number] = piece[:, :0]
    if not np.isfinite(whole).all():
        raise PrepareError("not-audio", "the recording holds samples that are no numbers")
    return whole


def _too_long(longest_s: float) -> PrepareError:
    return PrepareError("too-long", f"the recording is longer than {longest_s / 60:.0f} minutes")


def mono_16k(stereo: Stereo) -> Samples:
    """Both channels averaged, at the rate of the pitch networks."""
    stream = soxr.ResampleStream(STEREO_RATE_HZ, SAMPLE_RATE_HZ, 1, dtype="float32")
    pieces = [stream.resample_chunk(block.mean(axis=0, dtype=np.float32)) for block in blocks_of(stereo)]
    pieces.append(stream.resample_chunk(np.zeros(0, np.float32), last=True))
    return np.concatenate(pieces)


def blocks_of(stereo: Stereo) -> Iterator[Stereo]:
    for first in range(0, stereo.shape[1], BLOCK_SAMPLES):
        yield stereo[:, first : first + BLOCK_SAMPLES]


def loudest_second_db(stereo: Stereo) -> float:
    """RMS of the loudest whole second in dBFS; of all of it where it is shorter."""
    powers = [float(np.mean(block**2, dtype=np.float64)) for block in _seconds(stereo)]
    return float(10 * np.log10(max(max(powers, default=0.0), 1e-12)))


def _seconds(stereo: Stereo) -> Iterator[Stereo]:
    whole = max(1, stereo.shape[1] // STEREO_RATE_HZ)
    for number in range(whole):
        yield stereo[:, number * STEREO_RATE_HZ : (number + 1) * STEREO_RATE_HZ]


def peak(stereo: Stereo) -> float:
    return max((float(np.abs(block).max(initial=0.0)) for block in blocks_of(stereo)), default=0.0)


def write_flac(path: Path, blocks: Iterable[Stereo], gain: float) -> None:
    """16 bits, sample for sample: no decoder adds or drops any (docs/decisions/0011). Raises PrepareError."""
    samples = 0
    try:
        with soundfile.SoundFile(path, "w", STEREO_RATE_HZ, CHANNELS, subtype="PCM_16", format="FLAC") as file:
            for block in blocks:
                file.write(np.clip(gain * block.T, -1.0, 1.0))
                samples += block.shape[1]
        with path.open("rb") as kept:
            os.fsync(kept.fileno())
        written = soundfile.info(path).frames  # libsndfile does not tell of a disk that is full
    except (soundfile.LibsndfileError, OSError) as error:
        raise _full_disk() from error
    if written != samples:
        raise _full_disk()


def _full_disk() -> PrepareError:
    return PrepareError("disk-full", "the prepared song cannot be written: is the disk full?")
