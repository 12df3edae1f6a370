"""The file that keeps a take: an append-only run of TakeRecord messages that survives kill -9.

Frame: u32 length, u32 CRC-32 of the message (both little endian), the message. A torn last frame is not an error:
what was written before it stands, and a writer that reopens the file cuts the torn frame off.
"""

import errno
import os
import struct
import threading
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from google.protobuf.message import DecodeError

from voicejury.v1 import audio_pb2

FRAME = struct.Struct("<II")
MAX_RECORD_BYTES = 1 << 20  # a chunk is a few kB; anything larger is a torn length
SAMPLE_BYTES = 2  # signed 16 bit, mono


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
        try:
            record = audio_pb2.TakeRecord.FromString(body)
        except DecodeError:
            return
        end += FRAME.size + length
        yield end, record


@dataclass(slots=True)
class SpoolState:
    """What the records of a spool add up to. `next_sample` counts gaps too."""

    header: audio_pb2.TakeHeader | None = None
    next_sample: int = 0
    next_seq: int = 0
    audio_samples: int = 0
    gap_samples: int = 0
    concealed_samples: int = 0
    sealed: bool = False

    def add(self, record: audio_pb2.TakeRecord) -> None:
        if record.HasField("audio"):
            self._add_audio(record.audio)
        elif record.HasField("gap"):
            self.next_sample = max(self.next_sample, record.gap.first_sample + record.gap.sample_count)
            self.gap_samples += record.gap.sample_count
        elif record.HasField("header"):
            self.header = record.header
        elif record.HasField("end"):
            self.sealed = True

    def _add_audio(self, chunk: audio_pb2.PcmChunk) -> None:
        samples = len(chunk.pcm_s16le) // SAMPLE_BYTES
        self.next_sample = max(self.next_sample, chunk.first_sample + samples)
        self.next_seq = max(self.next_seq, chunk.seq + 1)
        self.audio_samples += samples
        self.concealed_samples += samples if chunk.concealed else 0


class SpoolWriter:
    """Appends records. Each append reaches the kernel before it returns; `sync` reaches the disk.

    Opening an existing file reads it through, cuts a torn last frame off and leaves its sums in `recovered`.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.recovered = SpoolState()
        self.end_offset = 0  # of the last whole frame
        if path.exists():
            with path.open("rb") as existing:
                for frame_end, record in read_records(existing):
                    self.end_offset = frame_end
                    self.recovered.add(record)
            os.truncate(path, self.end_offset)
        self._file = path.open("ab", buffering=0)
        self._torn = False
        self._closing = threading.Lock()  # no sync may run on a descriptor that a close has given back
        os.chmod(path, 0o600)

    def append(self, record: audio_pb2.TakeRecord) -> None:
        """The whole record or nothing of it: raises OSError when the disk takes no more, and can be tried again."""
        body = record.SerializeToString()
        frame = FRAME.pack(len(body), zlib.crc32(body)) + body
        if self._torn:
            self._cut_torn_frame()
        self._torn = True
        try:
            written = self._file.write(frame)
        except OSError:
            self._cut_torn_frame()
            raise
        if written != len(frame):
            self._cut_torn_frame()
            raise OSError(errno.ENOSPC, "the spool took only a part of a record")
        self._torn = False
        self.end_offset += len(frame)

    def _cut_torn_frame(self) -> None:
        os.ftruncate(self._file.fileno(), self.end_offset)
        self._torn = False

    def sync(self) -> None:
        """Nothing when closed, which another thread may do meanwhile."""
        with self._closing:
            if not self._file.closed:
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """Safe to repeat; closed even when the last sync fails with an OSError."""
        with self._closing:
            if not self._file.closed:
                with self._file:
                    os.fsync(self._file.fileno())
