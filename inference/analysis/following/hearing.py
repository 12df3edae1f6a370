"""The words of lines that are over, heard one after the other beside everything else."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial

from voicejury.v1 import live_pb2, song_pb2

from inference.analysis.following.hooks import LineListener, PieceListener, SungLine, SungPiece
from inference.audio.framing import SAMPLE_RATE_HZ
from inference.metrics import WORDS

MAX_WAITING = 64  # lines; the next is left out, its words are heard at the end

Work = Callable[[], None]
logger = logging.getLogger(__name__)


class Hearing:
    """One thread; `tell` is called in it with the session of the line."""

    def __init__(
        self,
        listener: LineListener | None,
        tell: Callable[[str, live_pb2.LineWords], None],
        piece_listener: PieceListener | None = None,
    ) -> None:
        self._listener = listener
        self._piece_listener = piece_listener
        self._tell = tell
        self._pieces: dict[str, list[SungPiece]] = {}  # of each take, those that wait
        self._lock = threading.Lock()
        self._waiting: queue.Queue[Work | None] = queue.Queue()
        self._thread: threading.Thread | None = None
        self.left_out = 0

    def add(self, line: SungLine) -> None:
        if self._waiting.qsize() >= MAX_WAITING:
            self._leave_out(line)
        else:
            self._put(partial(self._hear_in_time, line, time.monotonic()))

    def wants_pieces(self, song: song_pb2.Song) -> bool:
        return self._piece_listener is not None and self._piece_listener.wants(song)

    def add_piece(self, piece: SungPiece) -> None:
        """Pieces that wait are heard in one go."""
        with self._lock:
            waiting = self._pieces.setdefault(piece.session_id, [])
            waiting.append(piece)
            is_first = len(waiting) == 1
        if is_first:
            self._put(partial(self._listen, piece.session_id))

    def end(self, then: Callable[[], None]) -> None:
        """Calls `then` when all lines that were added have been heard."""
        self._put(then)

    def stop(self) -> None:
        self._waiting.put(None)

    def _put(self, work: Work) -> None:
        self._waiting.put(work)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="hearing", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while (work := self._waiting.get()) is not None:
            work()

    def _hear_in_time(self, line: SungLine, added_at_s: float) -> None:
        """Who waited for longer than the line lasted is looking at another line by now."""
        if time.monotonic() - added_at_s > len(line.samples) / SAMPLE_RATE_HZ:
            self._leave_out(line)
        else:
            self._hear(line)

    def _listen(self, session_id: str) -> None:
        """A recogniser that fails leaves pieces without words, nothing more."""
        with self._lock:
            pieces = self._pieces.pop(session_id)
        if self._piece_listener is None:
            return
        try:
            words = self._piece_listener.listen(pieces)
        except Exception:
            logger.exception("session %s: words were not heard as they were sung", session_id)
            return
        for told in words:
            self._tell(session_id, told)

    def _leave_out(self, line: SungLine) -> None:
        self.left_out += 1
        WORDS.labels("live", "left-out").inc()
        logger.warning("session %s: the words of line %d are not heard live", line.session_id, line.phrase)

    def _hear(self, line: SungLine) -> None:
        """A recogniser that fails leaves a line without words, nothing more."""
        if self._listener is None:
            return
        try:
            words = self._listener.hear(line)
        except Exception:
            logger.exception("session %s: the words of line %d were not heard", line.session_id, line.phrase)
            return
        for told in words:
            self._tell(line.session_id, told)
