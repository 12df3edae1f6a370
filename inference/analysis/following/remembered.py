"""Pieces of work on one take, kept by a digest of all that went into them: in memory, and as bytes for a working file.

A piece is found again only by whoever has the same sound, bit for bit: what is stale is never found, and needs no rule.
"""

import struct
import zlib
from collections.abc import Iterator

import numpy as np

from inference.models.growing import KEY_BYTES, Arrays

STATE_EVERY = 16  # blocks of 2.56 s: what lies before sound that was filled in later is not done again from the start
MAX_PIECES = 40_000  # of an hour there are 4,500
CHECKSUM = struct.Struct("<I")
HEAD = struct.Struct("<16sBB")  # key, whether it is a state, number of arrays
SHAPE = struct.Struct("<BII")  # place of its type, rows, columns (0: it has no columns)
TYPES = tuple(np.dtype(name) for name in ("<f4", "<f8", "<i8", "<i2", "|u1", "|b1"))


class Remembered:
    """A Known. One thread writes, others may read."""

    def __init__(self) -> None:
        self._pieces: dict[bytes, Arrays] = {}
        self._states: dict[bytes, Arrays] = {}
        self._passing: bytes | None = None  # the newest state, where it is not one of those that stay
        self._told = 0

    def __len__(self) -> int:
        return len(self._pieces)

    def find(self, key: bytes) -> Arrays | None:
        return self._pieces.get(key)

    def keep(self, key: bytes, arrays: Arrays) -> None:
        if len(self._pieces) < MAX_PIECES:
            self._pieces[key] = arrays

    def find_state(self, key: bytes) -> Arrays | None:
        return self._states.get(key)

    def keep_state(self, key: bytes, arrays: Arrays) -> None:
        """The newest, and one of STATE_EVERY for good."""
        if self._passing is not None:
            self._states.pop(self._passing, None)
        stays = self._told % STATE_EVERY == STATE_EVERY - 1
        self._passing = None if stays else key
        self._states[key] = arrays
        self._told += 1

    def to_bytes(self) -> bytes:
        body = b"".join(
            _packed(key, is_state, arrays)
            for is_state, known in ((False, self._pieces), (True, self._states))
            for key, arrays in list(known.items())
        )
        return CHECKSUM.pack(zlib.crc32(body)) + body

    def add_bytes(self, data: bytes) -> None:
        """What another process kept. Raises ValueError where it is damaged; then nothing is added."""
        if len(data) < CHECKSUM.size or CHECKSUM.unpack_from(data)[0] != zlib.crc32(data[CHECKSUM.size :]):
            raise ValueError("the checksum is wrong")
        for key, is_state, arrays in list(_unpacked(memoryview(data)[CHECKSUM.size :])):
            (self._states if is_state else self._pieces).setdefault(key, arrays)


def _packed(key: bytes, is_state: bool, arrays: Arrays) -> bytes:
    parts = [HEAD.pack(key, is_state, len(arrays))]
    for array in arrays:
        rows, columns = array.shape if array.ndim == 2 else (len(array), 0)
        parts += [SHAPE.pack(TYPES.index(array.dtype), rows, columns), array.tobytes()]
    return b"".join(parts)


def _unpacked(data: memoryview) -> Iterator[tuple[bytes, bool, Arrays]]:
    place = 0
    while place < len(data):
        try:
            key, is_state, count = HEAD.unpack_from(data, place)
            place += HEAD.size
            arrays = []
            for _ in range(count):
                kind, rows, columns = SHAPE.unpack_from(data, place)
                place += SHAPE.size
                values = rows * (columns or 1)
                array = np.frombuffer(data, TYPES[kind], values, place).copy()
                arrays.append(array.reshape(rows, columns) if columns else array)
                place += array.nbytes
        except (struct.error, IndexError, ValueError) as error:
            raise ValueError("a piece is damaged") from error
        yield bytes(key[:KEY_BYTES]), bool(is_state), tuple(arrays)
