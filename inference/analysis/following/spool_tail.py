"""A spool that is still written, read as far as it goes."""

import fsspec
from voicejury.spool import read_records
from voicejury.v1 import audio_pb2

MAX_READ_BYTES = 1 << 20  # 30 s of sound in one go, so that others have their turn


class SpoolTail:
    """Reads whole frames only; a torn one is read again when it may be whole. Blocking. Raises OSError."""

    def __init__(self, files: fsspec.AbstractFileSystem, path: str) -> None:
        self._files = files
        self._path = path
        self._offset = 0

    def read(self) -> list[audio_pb2.TakeRecord]:
        """The records that came since the last call, MAX_READ_BYTES at most; none while there is no file."""
        records: list[audio_pb2.TakeRecord] = []
        try:
            with self._files.open(self._path, "rb") as file:
                begin = self._offset
                file.seek(begin)
                for self._offset, record in read_records(file):
                    records.append(record)
                    if self._offset - begin >= MAX_READ_BYTES:
                        break
        except FileNotFoundError:
            return []
        return records
