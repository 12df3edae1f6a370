"""What the phone is told, over the two data channels that its page made."""

import logging
import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiortc import RTCDataChannel
from google.protobuf.message import DecodeError
from voicejury.v1 import live_pb2, media_pb2

from media_server import metrics

PITCH = "pitch"
CONTROL = "control"
REPEATED_POINTS = 5  # a lost message costs nothing: the next four tell it again
MAX_POINTS = 50  # in one message, when the judge was silent or the phone's link full for a while
MAX_PITCH_BACKLOG_BYTES = 4_000
MAX_CONTROL_BACKLOG_BYTES = 256 * 1024
MAX_MESSAGE_BYTES = 16 * 1024
MAX_MESSAGES_PER_S = 50
LOG_PERIOD_S = 10.0
MAX_SONG_S = 36_000.0

logger = logging.getLogger(__name__)


class BadMessageError(Exception):
    """A message of the phone that is none of the contract's."""


def parse_phone(data: object) -> media_pb2.FromPhone:
    """Raises BadMessageError for text, for what is too large, and for what does not parse."""
    if not isinstance(data, bytes):
        raise BadMessageError("a message must be binary")
    if len(data) > MAX_MESSAGE_BYTES:
        raise BadMessageError(f"a message must not exceed {MAX_MESSAGE_BYTES} bytes")
    try:
        message = media_pb2.FromPhone.FromString(data)
    except DecodeError as error:
        raise BadMessageError("the message does not parse") from error
    kind = message.WhichOneof("message")
    if kind is None:
        raise BadMessageError("the message is empty")
    if kind == "clock" and not _is_sane(message.clock):
        raise BadMessageError("the clock is out of range")
    if kind == "ping" and not math.isfinite(message.ping.epoch_ms):
        raise BadMessageError("the ping is out of range")
    return message


def _is_sane(clock: media_pb2.PlaybackClock) -> bool:
    finite = all(math.isfinite(value) for value in (clock.song_s, clock.epoch_ms, clock.output_latency_s))
    return finite and abs(clock.song_s) <= MAX_SONG_S and clock.epoch_ms > 0


@dataclass(slots=True)
class RateLimit:
    """At most `count` in each `period_s`."""

    count: int
    period_s: float
    _begin_s: float = 0.0
    _used: int = 0

    def allows(self, now_s: float) -> bool:
        if now_s - self._begin_s >= self.period_s:
            self._begin_s, self._used = now_s, 0
        self._used += 1
        return self._used <= self.count


class Downlink:
    """The channels of one connection."""

    def __init__(self, session_id: str, on_message: Callable[[media_pb2.FromPhone, float], None]) -> None:
        self._session_id = session_id
        self._on_message = on_message
        self._channels: dict[str, RTCDataChannel] = {}
        self._points: deque[live_pb2.PitchPoint] = deque(maxlen=MAX_POINTS)
        self._untold = 0  # of the points, since the last message that could be sent
        self._last_sample = -1
        self._messages = RateLimit(MAX_MESSAGES_PER_S, 1.0)
        self._problems = RateLimit(5, 1.0)
        self._log = RateLimit(1, LOG_PERIOD_S)

    def add(self, channel: RTCDataChannel) -> None:
        """Takes a channel that the page made; other names than the two are closed."""
        if channel.label not in (PITCH, CONTROL) or channel.label in self._channels:
            channel.close()
            return
        self._channels[channel.label] = channel
        channel.on("message", self._receive)

    def points(self, points: list[live_pb2.PitchPoint]) -> None:
        """New points with the last ones again; while the link is full they wait, the newest MAX_POINTS of them.

        Points that were told before a judge's restart are left out.
        """
        new = [point for point in points if point.sample > self._last_sample]
        if not new:
            return
        self._last_sample = new[-1].sample
        self._points.extend(new)
        self._untold += len(new)
        told = list(self._points)[-max(self._untold, REPEATED_POINTS) :]
        message = media_pb2.ToPhone(pitch=live_pb2.PitchPoints(points=told))
        if self._send(PITCH, message, MAX_PITCH_BACKLOG_BYTES):
            self._untold = 0

    def tell(self, message: media_pb2.ToPhone) -> None:
        self._send(CONTROL, message, MAX_CONTROL_BACKLOG_BYTES)

    def problem(self, code: str, text: str) -> None:
        if self._problems.allows(time.monotonic()):
            self.tell(media_pb2.ToPhone(problem=media_pb2.Problem(code=code, message=text)))

    def _send(self, label: str, message: media_pb2.ToPhone, max_backlog_bytes: int) -> bool:
        """False where the channel is not there or full: dropping beats being late."""
        channel = self._channels.get(label)
        if channel is None or channel.readyState != "open" or channel.bufferedAmount > max_backlog_bytes:
            metrics.DOWNLINK_DROPPED.labels(label).inc()
            return False
        channel.send(message.SerializeToString())
        return True

    def _receive(self, data: object) -> None:
        now_s = time.monotonic()
        if not self._messages.allows(now_s):
            metrics.BAD_MESSAGES.inc()
            return
        try:
            message = parse_phone(data)
        except BadMessageError as error:
            self._refuse(str(error), now_s)
            return
        self._on_message(message, now_s)

    def _refuse(self, text: str, now_s: float) -> None:
        metrics.BAD_MESSAGES.inc()
        if self._log.allows(now_s):
            logger.warning("session %s: bad message from the phone: %s", self._session_id, text)
        self.problem("bad-message", text)
