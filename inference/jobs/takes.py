"""Takes and verdicts under VOICEJURY_AUDIO_URL."""

import os
import re
from contextlib import AbstractContextManager, nullcontext
from typing import BinaryIO

import fsspec
from google.protobuf.message import DecodeError
from voicejury.spool import read_records
from voicejury.v1 import verdict_pb2

from inference.audio.take import Take, read_take
from inference.audio.working import WorkingFiles, write_whole
from inference.errors import RequestError, TakeDamagedError, TakeMissingError

SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
TAKE_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}/[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
VERDICT_FILE = "verdict.pb"
SPOOL_FILE, LATE_FILE = "take.spool", "late.spool"


class TakeStore:
    """Reads takes, keeps verdicts beside them; blocking, for worker threads."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._files, self._root = fsspec.core.url_to_fs(url)

    def take(self, key: str) -> Take:
        """Raises RequestError, TakeMissingError, TakeDamagedError, TakeError."""
        if not TAKE_KEY.fullmatch(key):
            raise RequestError("take_key must be <session>/<file>")
        try:
            with self._files.open(f"{self._root}/{key}", "rb") as file, self._late(key) as late:
                _check_beginning(file)
                return read_take(file, late)
        except FileNotFoundError as error:
            raise TakeMissingError("there is no take under that key") from error

    def check_spool(self, session_id: str) -> None:
        """Where there is one, it begins as a take does. Raises RequestError, TakeDamagedError."""
        check_session_id(session_id)
        try:
            with self._files.open(f"{self._root}/{session_id}/{SPOOL_FILE}", "rb") as file:
                _check_beginning(file)
        except FileNotFoundError:
            return

    def working(self, session_id: str) -> WorkingFiles:
        check_session_id(session_id)
        return WorkingFiles(f"{self._url}/{session_id}")

    def _late(self, key: str) -> AbstractContextManager[BinaryIO | None]:
        """What the phone sent after the take was over; mostly nothing."""
        try:
            late: AbstractContextManager[BinaryIO] = self._files.open(f"{self._root}/{late_key(key)}", "rb")
        except FileNotFoundError:
            return nullcontext()
        return late

    def verdict(self, session_id: str) -> verdict_pb2.Verdict | None:
        """None where none was kept, or where a power cut has left a file of it whose bytes never came."""
        try:
            verdict = verdict_pb2.Verdict.FromString(self._files.cat_file(self._verdict_path(session_id)))
        except (FileNotFoundError, DecodeError):
            return None
        return verdict if verdict.session_id == session_id else None

    def is_there(self, session_id: str) -> bool:
        """Or is the take deleted, or never sung?"""
        check_session_id(session_id)
        return bool(self._files.exists(f"{self._root}/{session_id}/{SPOOL_FILE}"))

    def keep_verdict(self, session_id: str, verdict: verdict_pb2.Verdict) -> None:
        """Whole or not at all. Raises OSError."""
        write_whole(self._files, self._verdict_path(session_id), verdict.SerializeToString())

    def _verdict_path(self, session_id: str) -> str:
        check_session_id(session_id)
        return f"{self._root}/{session_id}/{VERDICT_FILE}"


def _check_beginning(file: BinaryIO) -> None:
    """A file without any byte is no damage: nobody has sung yet. Raises TakeDamagedError."""
    _, first = next(read_records(file), (0, None))
    is_whole = first.HasField("header") if first is not None else not file.seek(0, os.SEEK_END)
    if not is_whole:
        raise TakeDamagedError("the file of this take is damaged: it has lost its beginning")
    file.seek(0)


def late_key(take_key: str) -> str:
    """The key of what was filled into that take afterwards."""
    return f"{take_key.rpartition('/')[0]}/{LATE_FILE}"


def check_session_id(session_id: str) -> None:
    """Raises RequestError."""
    if not SESSION_ID.fullmatch(session_id):
        raise RequestError("session_id must be 1 to 128 letters, digits, - or _")


def check_own_take(take_key: str, session_id: str) -> None:
    """Raises RequestError for a take of another session, whose verdict would be kept under this one's name."""
    if take_key.partition("/")[0] != session_id:
        raise RequestError("take_key must lie in the folder of its session")
