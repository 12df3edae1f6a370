"""All takes that are followed by this process: one thread works on them in turn.

It has the priority of its process, which is below that of live singers. A lower one of its own would hold up the whole
process: a thread that is not let on may hold the interpreter's lock.
"""

import importlib.metadata
import logging
import platform
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import fsspec
from voicejury.v1 import live_pb2

from inference.analysis.following.follower import Followed, Follower
from inference.analysis.following.hearing import Hearing
from inference.analysis.following.hooks import Filters, LineListener, PieceListener
from inference.analysis.following.remembered import Remembered
from inference.audio.working import MadeFrom, WorkingFiles
from inference.errors import OverloadedError, TakeError
from inference.models.card import ALONE, FinalAfter
from inference.models.estimator import PitchEstimator

POLL_S = 0.2  # words of a line are told within a second after it
KEEP_EVERY_S = 20.0  # between two writings of a working file
IDLE_S = 90.0  # without news a take gives its place to another one
FORGET_S = 900.0  # without news nobody goes on with it
SPOOL_FILE = "take.spool"
WORKING_FILE = "followed"
TRACKING = "1"  # of the way in which pieces are made: another one is not mixed with this one

OnWords = Callable[[live_pb2.LineWords | None], None]  # None: the take is over
logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Place:
    """One take that is followed."""

    follower: Follower
    files: WorkingFiles
    is_taken: bool = False
    news_at_s: float = field(default_factory=time.monotonic)
    kept_at_s: float = field(default_factory=time.monotonic)
    kept_pieces: int = 0


class Followers:
    """`most` takes at a time, and as many again are remembered. Safe to share between threads."""

    def __init__(
        self,
        takes_url: str,
        estimator: PitchEstimator,
        most: int,
        filters: Filters | None = None,
        listener: LineListener | None = None,
        piece_listener: PieceListener | None = None,
        final: FinalAfter = ALONE,
    ) -> None:
        """`final` lets the live judge go first: what is not followed in time costs the singer time, never points."""
        self._final = final
        self._url = takes_url
        self._files, self._root = fsspec.core.url_to_fs(takes_url)
        self._estimator = estimator
        self._most = most
        self._filters = filters
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}
        self._listeners: dict[str, list[OnWords]] = {}
        self._remembered: OrderedDict[str, Remembered] = OrderedDict()
        self._hearing = Hearing(listener, self._tell, piece_listener) if listener or piece_listener else None
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def followed(self) -> int:
        return len(self._places)

    def follow(self, what: Followed, on_words: OnWords) -> None:
        """Begins with a take, or goes on with it. `on_words` is called in another thread.

        Raises OverloadedError where as many are followed as may be.
        """
        with self._lock:
            if what.session_id not in self._places:
                self._make_room()
                self._places[what.session_id] = self._begin(what)
            self._listeners.setdefault(what.session_id, []).append(on_words)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="followers", daemon=True)
                self._thread.start()
        self._woken.set()

    def leave(self, session_id: str, on_words: OnWords) -> None:
        """Tells it no more. The take is still followed: whoever sang it may come back."""
        with self._lock:
            listeners = self._listeners.get(session_id, [])
            if on_words in listeners:
                listeners.remove(on_words)

    def known(self, session_id: str) -> Remembered:
        """What was found of this take by now: by this process, or by another that left a working file.

        Whoever asks goes on with the take; it is not followed any more.
        """
        with self._lock:
            remembered = self._remembered.get(session_id)
            place = self._places.get(session_id)
        if place is not None:
            place.is_taken = True
            self._woken.set()
        return remembered if remembered is not None else self._read(session_id)

    def stop(self) -> None:
        self._stopping.set()
        self._woken.set()
        if self._hearing is not None:
            self._hearing.stop()
        with self._lock:  # it may be about to be started
            thread = self._thread
        if thread is not None:
            thread.join(timeout=1.0)

    def _begin(self, what: Followed) -> _Place:
        remembered = self._remembered.get(what.session_id) or self._read(what.session_id)
        self._remembered[what.session_id] = remembered
        while len(self._remembered) > 2 * self._most:
            self._remembered.popitem(last=False)
        spool = self._files, f"{self._root}/{what.session_id}/{SPOOL_FILE}"
        take_filter = self._filters.filter_for(what.session_id, what.song) if self._filters else None
        on_line = self._hearing.add if self._hearing is not None else None
        wants_pieces = self._hearing is not None and self._hearing.wants_pieces(what.song)
        on_piece = self._hearing.add_piece if self._hearing is not None and wants_pieces else None
        follower = Follower(what, spool, self._estimator, remembered, take_filter, on_line, on_piece)
        return _Place(follower, self._working(what.session_id), kept_pieces=len(remembered))

    def _make_room(self) -> None:
        """Raises OverloadedError."""
        if len(self._places) < self._most:
            return
        session_id, longest = min(list(self._places.items()), key=lambda named: named[1].news_at_s)
        if time.monotonic() - longest.news_at_s < IDLE_S:
            raise OverloadedError(f"{self._most} takes are followed already")
        self._end(session_id)

    def _working(self, session_id: str) -> WorkingFiles:
        return WorkingFiles(f"{self._url}/{session_id}")

    def _read(self, session_id: str) -> Remembered:
        remembered = Remembered()
        try:
            data = self._working(session_id).read(WORKING_FILE, made_from(self._estimator))
            remembered.add_bytes(data if data is not None else Remembered().to_bytes())
        except (OSError, ValueError) as error:
            logger.warning("session %s: its working file is not used: %s", session_id, error)
        return remembered

    def _run(self) -> None:
        while not self._stopping.is_set():
            with self._lock:
                places = list(self._places.items())
            has_more = [self._work(session_id, place) for session_id, place in places]
            if not any(has_more):
                self._woken.wait(POLL_S if places else None)
                self._woken.clear()

    def _work(self, session_id: str, place: _Place) -> bool:
        """Whether there is more to do now. One take's failure is its own."""
        if place.is_taken:
            self._end(session_id)
            return False
        self._final.stand_back()
        before_s = place.follower.followed_s
        try:
            has_more = place.follower.work()
            self._keep(place)
        except (TakeError, OSError) as error:
            logger.warning("session %s: not followed any more: %s", session_id, error)
            self._end(session_id)
            return False
        except Exception:
            logger.exception("session %s: following it broke", session_id)
            self._end(session_id)
            return False
        now_s = time.monotonic()
        if place.follower.followed_s > before_s:
            place.news_at_s = now_s
        if place.follower.is_over or now_s - place.news_at_s > FORGET_S:
            self._end(session_id)
        return has_more

    def _keep(self, place: _Place) -> None:
        """A working file that cannot be written costs time some day, nothing now."""
        pieces, now_s = len(place.follower.remembered), time.monotonic()
        is_due = place.follower.is_over or now_s - place.kept_at_s >= KEEP_EVERY_S
        if not is_due or pieces == place.kept_pieces:
            return
        place.kept_at_s, place.kept_pieces = now_s, pieces
        try:
            place.files.write(WORKING_FILE, made_from(self._estimator), place.follower.remembered.to_bytes())
        except OSError as error:
            logger.warning("session %s: its working file cannot be kept: %s", place.follower.session_id, error)

    def _end(self, session_id: str) -> None:
        """The listeners are told when the words of all lines have been heard."""
        self._places.pop(session_id, None)
        if self._hearing is not None:
            self._hearing.end(lambda: self._tell_end(session_id))
        else:
            self._tell_end(session_id)

    def _tell_end(self, session_id: str) -> None:
        _tell_all(self._listeners.pop(session_id, []), None)

    def _tell(self, session_id: str, words: live_pb2.LineWords) -> None:
        _tell_all(self._listeners.get(session_id, []), words)


def _tell_all(listeners: list[OnWords], words: live_pb2.LineWords | None) -> None:
    for listener in list(listeners):
        listener(words)


def made_from(estimator: PitchEstimator) -> MadeFrom:
    """What the pieces depend on beside the sound: other versions may give other last bits."""
    packages = ("numpy", "numba", "onnxruntime", "swift-f0")
    versions = " ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return {"estimator": estimator.name, "tracking": TRACKING, "by": f"{versions} {platform.machine()}"}
