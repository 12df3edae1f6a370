"""One preparation per content, however many ask for it; it ends early when nobody is left who waits."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor

from voicejury.v1 import reference_pb2

from inference.errors import InferenceError, OverloadedError, PrepareError

logger = logging.getLogger(__name__)

MAX_WAITING = 64  # preparations, waiting or running; the next is refused
LINGER_S = 30.0  # a caller that was restarted comes back within it
Event = reference_pb2.PrepareEvent
Tell = Callable[[Event], None]  # raises AbandonedError when nobody waits any longer
Work = Callable[[Tell], reference_pb2.PreparedSong]


# What the machine lacks for a moment. Torch's error of a full GPU is known by its name: torch is not imported here.
PASSING = (MemoryError, OSError)
PASSING_NAMES = ("OutOfMemoryError", "AcceleratorError")


def fault_of(error: Exception) -> PrepareError:
    """Whose fault an unforeseen error is: the machine's, which passes, or the recording's, which comes again."""
    if isinstance(error, PASSING) or type(error).__name__ in PASSING_NAMES:
        return PrepareError("service-failed", "this machine cannot prepare a song at the moment")
    return PrepareError("broken", "this recording breaks what prepares songs")


class AbandonedError(InferenceError):
    """Nobody waits for the preparation any longer."""


class Preparation:
    """The latest event for whoever follows; the last one is the prepared song, or an error."""

    def __init__(self) -> None:
        self.followers = 0
        self.abandoned = threading.Event()
        self._latest: Event | None = None
        self._error: InferenceError | None = None
        self._over = False
        self._changed = asyncio.Event()

    def tell(self, event: Event) -> None:
        self._latest = event
        self._wake()

    def end(self, error: InferenceError | None) -> None:
        self._over, self._error = True, error
        self._wake()

    async def follow(self) -> AsyncIterator[Event]:
        """Each event that differs from the last one told; a slow follower misses some. Raises the work's error."""
        told: Event | None = None
        while True:
            changed = self._changed
            if self._latest is not None and self._latest is not told:
                told = self._latest
                yield told
                continue
            if self._over:
                break
            await changed.wait()
        if self._error is not None:
            raise self._error

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class Preparations:
    """Belongs to one event loop; `workers` runs the work."""

    def __init__(self, workers: ThreadPoolExecutor, linger_s: float = LINGER_S) -> None:
        self._workers = workers
        self._linger_s = linger_s
        self._running: dict[str, Preparation] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def follow(self, name: str, work: Work) -> AsyncIterator[Event]:
        """The events of the preparation of that name, begun by whoever asks first. Raises InferenceError."""
        preparation = self._running.get(name)
        if preparation is None or preparation.abandoned.is_set():
            preparation = self._begin(name, work)
        preparation.followers += 1
        try:
            async for event in preparation.follow():
                yield event
        finally:
            preparation.followers -= 1
            if not preparation.followers:
                asyncio.get_running_loop().call_later(self._linger_s, self._abandon, preparation)

    def stop(self) -> None:
        """Ends all of them at their next step."""
        for preparation in self._running.values():
            preparation.abandoned.set()

    def _abandon(self, preparation: Preparation) -> None:
        if not preparation.followers:
            preparation.abandoned.set()

    def _begin(self, name: str, work: Work) -> Preparation:
        if len(self._running) >= MAX_WAITING:
            raise OverloadedError("too many songs wait to be prepared")
        preparation = self._running[name] = Preparation()
        task = asyncio.create_task(self._run(name, preparation, work), name="prepare")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return preparation

    async def _run(self, name: str, preparation: Preparation, work: Work) -> None:
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            if preparation.abandoned.is_set():
                raise AbandonedError("nobody waits for this song any longer")
            loop.call_soon_threadsafe(preparation.tell, event)

        preparation.tell(Event(progress=reference_pb2.PrepareProgress(stage=reference_pb2.PREPARE_STAGE_QUEUED)))
        error: InferenceError | None = None
        try:
            prepared = await loop.run_in_executor(self._workers, work, tell)
            preparation.tell(Event(prepared=prepared))
        except InferenceError as known:
            error = known
        except Exception as unknown:
            logger.exception("preparing %s broke", name[:16])
            error = fault_of(unknown)
        finally:
            if self._running.get(name) is preparation:
                del self._running[name]
            preparation.end(error)
