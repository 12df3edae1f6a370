"""The file that keeps a take: an append-only run of TakeRecord messages that survives kill -9.

Frame: u32 length, u32 CRC-32 of the message (both little endian), the message. A torn last frame is not an error:
what was written before it stands, and a writer that reopens the file cuts the torn frame off.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from voicejury.v1 import audio_pb2

FRAME = struct.Struct("<II")
MAX_RECORD_BYTES = 1 << 20  # a chunk is a few kB; anything larger is a torn length


def read_records(file: BinaryIO) -> Iterator[tuple[int, audio_pb2.TakeRecord]]:
    """Yields (offset of the frame's end, record) until the file ends or a frame is torn."""
    end = file.tell()
    while len(head := file.read(FRAME.size)) == FRAME.size:
        length, crc = FRAME.unpack(head)
        if length > MAX_RECORD_BYTES:
            return
        body = file.read(length)
        if len(body) < length or zlib.crc32(body) != crc:
            return
        end += FRAME.size + length
        yield end, audio_pb2.TakeRecord.FromString(body)


class SpoolWriter:
    """Appends records. Each append reaches the kernel before it returns; `sync` reaches the disk."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.recovered: list[audio_pb2.TakeRecord] = []
        end = 0
        if path.exists():
            with path.open("rb") as existing:
                for frame_end, record in read_records(existing):
                    end = frame_end
                    self.recovered.append(record)
            os.truncate(path, end)
        self._file = path.open("ab", buffering=0)
        os.chmod(path, 0o600)

    def append(self, record: audio_pb2.TakeRecord) -> None:
        body = record.SerializeToString()
        self._file.write(FRAME.pack(len(body), zlib.crc32(body)) + body)

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        if not self._file.closed:
            self.sync()
            self._file.close()
