"""One singer inside the engine: what waits to be judged, and the state of the judgement."""

from collections import deque
from collections.abc import Callable
from threading import Lock

from inference.audio.clock import Anchor, SongClock
from inference.errors import SingError
from inference.live.bleed import FindSong, LiveCanceller
from inference.live.judge import Frame, SingerJudge
from inference.live.messages import End, Input, Output, Silence, Sound
from inference.live.window_ring import WindowRing
from inference.models.estimator import SAMPLE_RATE_HZ

MAX_CHUNK_SAMPLES = SAMPLE_RATE_HZ  # 1 s
MAX_JUMP_SAMPLES = 120 * SAMPLE_RATE_HZ  # a session lives 60 s without a connection
MAX_TAKE_SAMPLES = 1800 * SAMPLE_RATE_HZ
MAX_ANCHORS = 10_000  # one every 2 s is usual
MAX_BACKLOG_S = 5.0
LIVE_PACE = 1.5  # a backlog that came faster than this is a take fed again, and is never dropped
QUIET_PER_TURN = 500  # windows of rests and gaps cost no network, but not nothing

Sink = Callable[[list[Output]], None]
Wake = Callable[[], None]


class Singer:
    """`feed` is called on the event loop, everything else by the engine's thread."""

    def __init__(
        self, judge: SingerJudge, sink: Sink, wake: Wake, past_samples: int = 0, find_song: FindSong | None = None
    ) -> None:
        self.sink = sink
        self.judge = judge
        self._wake = wake
        self._dropped_samples = 0
        self._lock = Lock()
        self._inbox = deque[Input]()
        self._backlog_samples = 0
        self._fed_sample = 0
        self._fed_anchors = 0
        self._ended = False
        self._clock = SongClock()
        canceller = LiveCanceller(find_song, self._clock) if find_song is not None else None
        self._ring = WindowRing(self._clock, past_samples, canceller.take_out if canceller is not None else None)
        self._end_seen = False

    @property
    def is_ending(self) -> bool:
        """Whether the end was fed."""
        return self._ended

    @property
    def backlog_s(self) -> float:
        return self._backlog_samples / SAMPLE_RATE_HZ

    def feed(self, message: Input) -> None:
        """Raises SingError where the message cannot belong to this take."""
        if self._ended:
            raise SingError("session-over", "the session has ended")
        self._check(message)
        with self._lock:
            self._inbox.append(message)
            if isinstance(message, Sound):
                self._backlog_samples += len(message.pcm_s16)
        self._ended = isinstance(message, End)
        self._wake()

    def frames(self, limit: int) -> list[Frame]:
        """The next frames, at most `limit` of which need the network."""
        self._drop_stale()
        found: list[Frame] = []
        needed = 0
        while needed < limit and len(found) < QUIET_PER_TURN:
            window = self._ring.next_window()
            if window is not None:
                found.append(self.judge.frame(window))
                needed += found[-1].is_loud
            elif not self._take_in():
                break
        self._ring.trim()
        return found

    @property
    def is_over(self) -> bool:
        """Whether the end was told and every window was taken."""
        return self._end_seen and not self._ring.has_window

    @property
    def sample_count(self) -> int:
        """Of the take; to be asked when it is over."""
        return self._ring.end()

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to do until more is fed."""
        return not self._inbox and not self._ring.has_window

    def take_dropped(self) -> int:
        """Samples dropped since the last call."""
        dropped, self._dropped_samples = self._dropped_samples, 0
        return dropped

    def _take_in(self) -> bool:
        """Moves one message into the ring; False when there is none."""
        with self._lock:
            if not self._inbox:
                return False
            message = self._inbox.popleft()
            if isinstance(message, Sound):
                self._backlog_samples -= len(message.pcm_s16)
        match message:
            case Sound():
                self._ring.add_sound(message.first_sample, message.pcm_s16, message.concealed)
            case Silence():
                self._ring.add_missing(message.end_sample)
            case Anchor():
                self._clock.add(message)
            case End():
                self._ring.end()
                self._end_seen = True
        return True

    def _drop_stale(self) -> None:
        """Live sound that is too late is dropped, oldest first: its place becomes a gap."""
        with self._lock:
            kept = deque[Input]()
            while self._is_late():
                message = self._inbox.popleft()
                if isinstance(message, Sound):
                    self._backlog_samples -= len(message.pcm_s16)
                    self._dropped_samples += len(message.pcm_s16)
                else:
                    kept.append(message)
            self._inbox.extendleft(reversed(kept))

    def _is_late(self) -> bool:
        if self.backlog_s <= MAX_BACKLOG_S:
            return False
        oldest = next(message for message in self._inbox if isinstance(message, Sound))
        newest = next(message for message in reversed(self._inbox) if isinstance(message, Sound))
        return self.backlog_s <= LIVE_PACE * (newest.arrived_s - oldest.arrived_s)

    def _check(self, message: Input) -> None:
        match message:
            case Sound():
                if not 0 < len(message.pcm_s16) <= MAX_CHUNK_SAMPLES:
                    raise SingError("bad-audio", f"a chunk holds 1 to {MAX_CHUNK_SAMPLES} samples")
                self._check_position(message.end_sample)
                self._fed_sample = max(self._fed_sample, message.end_sample)
            case Silence():
                self._check_position(message.end_sample)
                self._fed_sample = max(self._fed_sample, message.end_sample)
            case Anchor():
                if message.sample > MAX_TAKE_SAMPLES:
                    raise SingError("bad-anchor", "the anchor lies beyond every take")
                if self._fed_anchors >= MAX_ANCHORS:
                    raise SingError("bad-anchor", f"a take has {MAX_ANCHORS} anchors at most")
                self._fed_anchors += 1
            case End():
                return

    def _check_position(self, end_sample: int) -> None:
        if end_sample > min(self._fed_sample + MAX_JUMP_SAMPLES, MAX_TAKE_SAMPLES):
            raise SingError("bad-audio", f"sample {end_sample} is too far from sample {self._fed_sample}")
