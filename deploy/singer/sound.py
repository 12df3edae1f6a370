"""The file that is sung, and when each piece of it was sent."""

import math
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from deploy.singer.errors import SingError

PIECE_S = 0.02
MAX_FILE_S = 1_800.0

Pcm = npt.NDArray[np.int16]


def load(path: Path, rate_hz: int) -> Pcm:
    """Mono at `rate_hz`, filled up to whole pieces. Raises SingError for what is not a usable sound file."""
    if not path.is_file():
        raise SingError(f"{path}: no such file")
    try:
        with soundfile.SoundFile(path) as file:
            if file.frames > MAX_FILE_S * file.samplerate:
                raise SingError(f"{path}: longer than {MAX_FILE_S / 60:.0f} minutes")
            source_hz, sound = file.samplerate, file.read(dtype="float32", always_2d=True)
    except (soundfile.LibsndfileError, OSError) as error:
        raise SingError(f"{path}: not a sound file that can be read") from error
    if not len(sound):
        raise SingError(f"{path}: holds no sound")
    mono = sound.mean(axis=1)
    if source_hz != rate_hz:
        mono = soxr.resample(mono, source_hz, rate_hz)
    pcm: Pcm = np.rint(np.clip(mono, -1.0, 1.0) * 32_767).astype(np.int16)
    piece = round(rate_hz * PIECE_S)
    return np.pad(pcm, (0, math.ceil(len(pcm) / piece) * piece - len(pcm)))


class SendTimes:
    """When each 20 ms piece of the file was handed to the sender, on the monotonic clock."""

    def __init__(self) -> None:
        self._sent_s: list[float] = []

    def sent(self) -> None:
        self._sent_s.append(time.monotonic())

    def latency_ms(self, file_s: float, arrival_s: float) -> float | None:
        """Arrival minus the sending of the file's sample at `file_s`; None for what is not of the file."""
        index = math.floor(file_s / PIECE_S)
        if not 0 <= index < len(self._sent_s):
            return None
        return round((arrival_s - self._sent_s[index]) * 1000.0, 2)
