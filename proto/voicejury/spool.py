"""The file that keeps a take: an append-only run of TakeRecord messages that survives kill -9.

Frame: u32 length, u32 CRC-32 of the message (both little endian), the message. A torn last frame is not an error:
what was written before it stands, and a writer that reopens the file cuts the torn frame off. Bytes that were damaged
on the disk cost the records they belong to: readers go on with the next whole frame, and writers leave them in place.
"""

import errno
import logging
import os
import re
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

_WINDOW_BYTES = 1 << 16  # read at a time where the next whole frame is looked for
_TAGS = bytes(field.number << 3 | 2 for field in audio_pb2.TakeRecord.DESCRIPTOR.fields)  # a record is one message
_BEGINNING = re.compile(
    rb"(?=..[\x00-\x10]\x00....[" + re.escape(_TAGS) + rb"]([\x80-\xff]{0,2}[\x00-\x7f]))", re.DOTALL
)
_BEGINNING_BYTES = FRAME.size + 1 + 3  # the most that it looks at

log = logging.getLogger(__name__)


def read_records(file: BinaryIO) -> Iterator[tuple[int, audio_pb2.TakeRecord]]:
    """Yields (offset of the frame's end, record) until the file ends or its last frame is torn; leaves damage out."""
    end = file.tell()
    while True:
        found = _read_frame(file)
        if found is None:
            next_frame = _find_frame(file, end)
            if next_frame is None:
                return
            end = file.seek(next_frame)
            continue
        length, record = found
        end += length
        yield end, record


def _read_frame(file: BinaryIO) -> tuple[int, audio_pb2.TakeRecord] | None:
    """The frame's length in bytes and its record; None where no whole frame stands."""
    head = file.read(FRAME.size)
    if len(head) < FRAME.size:
        return None
    length, crc = FRAME.unpack(head)
    if not 0 < length <= MAX_RECORD_BYTES:
        return None
    body = file.read(length)
    if len(body) < length or zlib.crc32(body) != crc:
        return None
    try:
        return FRAME.size + length, audio_pb2.TakeRecord.FromString(body)
    except DecodeError:
        return None


def _find_frame(file: BinaryIO, begin: int) -> int | None:
    """The offset of the first whole frame from `begin` on: the one at `begin` may have become whole meanwhile.

    Only what the file holds now counts: behind a frame that is still written nothing else can stand.
    """
    size = file.seek(0, os.SEEK_END)
    for window_at in range(begin, size, _WINDOW_BYTES):
        file.seek(window_at)
        window = file.read(min(_WINDOW_BYTES + _BEGINNING_BYTES, size - window_at))
        for beginning in _BEGINNING.finditer(window):
            offset = window_at + beginning.start()
            length, _ = FRAME.unpack_from(window, beginning.start())
            is_filled = length == 1 + len(beginning[1]) + _varint(beginning[1])
            if is_filled and offset + FRAME.size + length <= size:
                file.seek(offset)
                if _read_frame(file) is not None:
                    return offset
    return None


def _varint(data: bytes) -> int:
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))


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


def _is_torn(file: BinaryIO, begin: int, size: int) -> bool:
    """Is what follows the last whole frame the beginning of one more? Otherwise it is damaged, or nothing."""
    file.seek(begin)
    head = file.read(FRAME.size)
    if len(head) < FRAME.size:
        return True
    length = int.from_bytes(head[:4], "little")
    return 0 < length <= MAX_RECORD_BYTES and begin + FRAME.size + length > size


class SpoolWriter:
    """Appends records. Each append reaches the kernel before it returns; `sync` reaches the disk.

    Opening an existing file reads it through, cuts a torn last frame off and leaves its sums in `recovered`. Damage
    anywhere else stays where it is: nothing that can be read is given up for it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.recovered = SpoolState()
        self.end_offset = 0  # where the next frame goes
        if path.exists():
            with path.open("rb") as existing:
                self._recover(existing, path.parent.name)
            os.truncate(path, self.end_offset)
        self._file = path.open("ab", buffering=0)
        self._torn = False
        self._closing = threading.Lock()  # no sync may run on a descriptor that a close has given back
        os.chmod(path, 0o600)

    def _recover(self, existing: BinaryIO, name: str) -> None:
        """Adds up what can be read, and tells of what cannot."""
        whole = 0
        for frame_end, record in read_records(existing):
            self.end_offset = frame_end
            self.recovered.add(record)
            whole += FRAME.size + record.ByteSize()
        size = existing.seek(0, os.SEEK_END)
        if not _is_torn(existing, self.end_offset, size):
            self.end_offset = size
        if self.end_offset > whole:
            log.warning("the spool of %s is damaged: %d of %d bytes cannot be read", name, size - whole, size)

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
