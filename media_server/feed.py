"""What the live judge must still hear of one singer."""

import logging
from collections import deque
from collections.abc import Iterable
from enum import Enum
from pathlib import Path

from voicejury.spool import SAMPLE_BYTES, read_records
from voicejury.v1 import audio_pb2, live_pb2, song_pb2

from media_server import metrics

MAX_WAITING_CHUNKS = 250  # 5 s of 20 ms packets; older ones are worth nothing to a live judge
PIECE_BYTES = 128 * 1024  # of the spool in one message: 4 s of sound, so that other singers wait for little


logger = logging.getLogger(__name__)


class FeedState(Enum):
    """NEW -> REPLAY -> LIVE -> ENDED; a lost stream leads from REPLAY and LIVE back to NEW."""

    NEW = "new"  # the judge does not know this singer
    REPLAY = "replay"  # it is told what the spool holds
    LIVE = "live"  # it hears each packet as it comes
    ENDED = "ended"


class Feed:
    """One singer's bounded queue to the judge. Everything in it is in the spool already."""

    def __init__(self, session_id: str, song: song_pb2.Song, level: "live_pb2.Level.ValueType", spool: Path) -> None:
        self.session_id = session_id
        self.state = FeedState.NEW
        self.ending = False
        self._start = live_pb2.SingStart(session_id=session_id, song=song, level=level)
        self._spool = spool
        self._offset = 0
        self._waiting: deque[live_pb2.SingerInput] = deque()
        self._chunks = 0
        self._dropped: audio_pb2.Gap | None = None

    def lost(self) -> None:
        """The stream is gone: the next one begins with the start again."""
        self.state = FeedState.NEW
        self._waiting.clear()
        self._chunks = 0
        self._dropped = None

    def start(self) -> live_pb2.SingerInput:
        self.state = FeedState.REPLAY
        self._offset = 0
        return live_pb2.SingerInput(start=self._start)

    def push(self, item: live_pb2.SingerInput) -> None:
        """Queues what happens now; before LIVE the spool tells it."""
        if self.state is not FeedState.LIVE:
            return
        self._waiting.append(item)
        self._chunks += item.HasField("audio")
        if self._chunks > MAX_WAITING_CHUNKS:
            self._drop_oldest()

    def _drop_oldest(self) -> None:
        kept = []
        while not self._waiting[0].HasField("audio"):
            kept.append(self._waiting.popleft())
        chunk = self._waiting.popleft().audio
        self._waiting.extendleft(reversed(kept))
        self._chunks -= 1
        samples = len(chunk.pcm_s16le) // SAMPLE_BYTES
        if self._dropped is None:
            self._dropped = audio_pb2.Gap(
                session_id=self.session_id,
                first_sample=chunk.first_sample,
                reason=audio_pb2.GAP_REASON_OVERLOAD,
            )
        self._dropped.sample_count = chunk.first_sample + samples - self._dropped.first_sample
        metrics.UPLINK_DROPPED.inc(samples)

    def take(self) -> list[live_pb2.SingerInput]:
        """Everything that waits, what was dropped first."""
        items = list(self._waiting)
        self._waiting.clear()
        self._chunks = 0
        if self._dropped is not None:
            items.insert(0, live_pb2.SingerInput(gap=self._dropped))
            self._dropped = None
        return items

    def caught_up(self, end_offset: int) -> bool:
        """Goes live when the judge was told all of the spool; no await may stand between this and the next push."""
        if self._offset < end_offset:
            return False
        self.state = FeedState.LIVE
        return True

    def read_piece(self, end_offset: int) -> list[live_pb2.SingerInput]:
        """The next records of the spool. Blocking: call it off the event loop."""
        begin = self._offset
        items: list[live_pb2.SingerInput] = []
        try:
            with self._spool.open("rb") as file:
                file.seek(begin)
                for self._offset, record in read_records(file):
                    items.extend(_inputs_of(record))
                    if self._offset - begin >= PIECE_BYTES:
                        break
        except OSError as error:
            logger.error("the spool of %s cannot be read back: %s", self.session_id, error)
        if self._offset == begin:  # damaged: the judge goes on with what comes now
            self._offset = end_offset
        return items


def _inputs_of(record: audio_pb2.TakeRecord) -> Iterable[live_pb2.SingerInput]:
    if record.HasField("audio"):
        yield live_pb2.SingerInput(audio=record.audio)
    elif record.HasField("gap"):
        yield live_pb2.SingerInput(gap=record.gap)
    elif record.HasField("anchor"):
        yield live_pb2.SingerInput(anchor=record.anchor)
