"""What a headless singer tells, as JSON objects with `type` and, where it has one, `song_s`."""

from bisect import insort
from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from voicejury.jsonform import message_dict
from voicejury.v1 import live_pb2

from deploy.singer.sound import SendTimes

TAKE_RATE_HZ = 16_000  # of `PitchPoint.sample`
Event = dict[str, Any]


WIDE = (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64)


def plain(kind: str, message: Message) -> Event:
    """Counters as numbers: protobuf's JSON writes those of 64 bits as text."""
    document = message_dict(message)
    for field in message.DESCRIPTOR.fields:
        if field.cpp_type in WIDE and isinstance(document.get(field.name), str):
            document[field.name] = int(document[field.name])
    return {"type": kind, **document}


class PitchEvents:
    """Each point of the take once, however often it is repeated, with its latency; none from before or after it.

    The file's place in the take is what the points say, the lower quartile of it. A singer's process that is not let on
    sends its sound late and its clock reports with it: for a while the song's seconds are too high, the samples never.
    """

    def __init__(self, times: SendTimes) -> None:
        self._times = times
        self._seen: set[int] = set()
        self._offsets_s: list[float] = []  # song second minus take second, sorted

    def of(self, points: live_pb2.PitchPoints, arrival_s: float) -> Iterator[Event]:
        for point in points.points:
            if point.seq in self._seen:
                continue
            self._seen.add(point.seq)
            if not point.HasField("song_s"):
                continue
            insort(self._offsets_s, point.song_s - point.sample / TAKE_RATE_HZ)
            file_s = point.sample / TAKE_RATE_HZ + self._offsets_s[len(self._offsets_s) // 4]
            latency_ms = self._times.latency_ms(file_s, arrival_s)
            if latency_ms is not None:
                yield self._event(point, latency_ms)

    def _event(self, point: live_pb2.PitchPoint, latency_ms: float) -> Event:
        return {
            "type": "pitch",
            "seq": point.seq,
            "song_s": point.song_s,
            "f0_hz": round(point.f0_hz, 3),
            "latency_ms": latency_ms,
            "periodicity": round(point.periodicity, 3),
            "level_db": round(point.level_db, 2),
            "concealed": point.concealed,
            "hit": live_pb2.PointHit.Name(point.hit).removeprefix("POINT_HIT_").lower(),
            "cents_off": round(point.cents_off, 2),
        }
