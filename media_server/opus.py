"""libopus by ctypes: a packet straight to 16 kHz mono, with in-band FEC and concealment, which PyAV does not offer."""

import ctypes
import ctypes.util
import glob
import logging
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

SAMPLE_RATE_HZ = 16_000
MAX_FRAME_SAMPLES = 1_920  # RFC 6716: at most 120 ms in one packet
OPUS_RESET_STATE = 4028  # opus_defines.h

Pcm = npt.NDArray[np.float32]
logger = logging.getLogger(__name__)


class OpusError(Exception):
    """libopus refused a packet."""


@cache
def find_libopus() -> ctypes.CDLL | None:
    """The library of PyAV's wheel, else the system's; None when there is neither."""
    package = Path(av.__file__).parent
    patterns = (package.parent / "av.libs" / "libopus-*", package / ".dylibs" / "libopus*", package / "lib*opus*")
    found = [path for pattern in patterns for path in sorted(glob.glob(str(pattern)))]
    for candidate in [*found, ctypes.util.find_library("opus")]:
        library = _load(candidate) if candidate else None
        if library is not None:
            return library
    return None


def _load(path: str) -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(path)
        library.opus_decoder_create.restype = ctypes.c_void_p
        library.opus_decoder_create.argtypes = [ctypes.c_int32, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]
        library.opus_decoder_destroy.argtypes = [ctypes.c_void_p]
        library.opus_decode_float.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int32,
            ctypes.c_void_p,
            ctypes.c_int,
            ctypes.c_int,
        ]
    except (OSError, AttributeError) as error:
        logger.warning("libopus at %s cannot be used: %s", path, error)
        return None
    return library


class OpusDecoder:
    """One stream's decoder state."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library: Any = library
        self._buffer = np.empty(MAX_FRAME_SAMPLES, np.float32)
        error = ctypes.c_int()
        self._state = ctypes.c_void_p(library.opus_decoder_create(SAMPLE_RATE_HZ, 1, ctypes.byref(error)))
        if error.value:
            raise OpusError(f"opus_decoder_create failed with {error.value}")

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._library.opus_decoder_destroy(self._state)

    def decode(self, packet: bytes) -> Pcm:
        return self._run(packet, MAX_FRAME_SAMPLES, fec=0)

    def recover(self, following: bytes, samples: int) -> Pcm:
        """The frame before `following`, from its in-band FEC; concealed when it carries none."""
        return self._run(following, samples, fec=1)

    def conceal(self, samples: int) -> Pcm:
        return self._run(None, samples, fec=0)

    def reset(self) -> None:
        self._library.opus_decoder_ctl(self._state, ctypes.c_int(OPUS_RESET_STATE))

    def _run(self, packet: bytes | None, samples: int, fec: int) -> Pcm:
        size = len(packet) if packet else 0
        count = self._library.opus_decode_float(self._state, packet, size, self._buffer.ctypes.data, samples, fec)
        if count < 0:
            raise OpusError(f"opus_decode_float failed with {count}")
        return self._buffer[:count].copy()
