"""A song as the JSON that the page reads, made once for each: a prepared one holds tens of thousands of numbers."""

import json
from typing import Any

from voicejury.jsonform import message_dict
from voicejury.v1 import song_pb2

from signaling.net.latest import Latest
from signaling.songs.sounds import light_key

KEPT = 64  # songs in memory, a megabyte each at most with their bytes
DECIMALS = 3  # of hertz and periodicity: far below what anybody hears


class SongDocuments:
    """The last ones that were asked for, by the songs' bytes. Of one event loop."""

    def __init__(self) -> None:
        self._kept: Latest[bytes, bytes] = Latest(KEPT)

    def of(self, song: song_pb2.Song) -> bytes:
        return self.of_bytes(song.SerializeToString(deterministic=True))

    def of_bytes(self, song_pb: bytes) -> bytes:
        """UTF-8, with the addresses of `urls_of`."""
        return self._kept.of(song_pb, lambda: _document(song_pb2.Song.FromString(song_pb)))


def _document(song: song_pb2.Song) -> bytes:
    return json.dumps(song_dict(song) | urls_of(song), ensure_ascii=False, separators=(",", ":")).encode()


def song_dict(song: song_pb2.Song) -> dict[str, Any]:
    """Like message_dict, with the long contours taken out of its slow way."""
    light = song_pb2.Song()
    light.CopyFrom(song)
    contours = [voice.reference.contour for voice in light.voices if voice.reference.HasField("contour")]
    numbers = [(_rounded(contour.f0_hz), _rounded(contour.periodicity)) for contour in contours]
    for contour in contours:
        del contour.f0_hz[:], contour.periodicity[:]
    document = message_dict(light)
    filled = (voice["reference"] for voice in document["voices"] if "contour" in voice.get("reference", {}))
    for reference, (f0_hz, periodicity) in zip(filled, numbers, strict=True):
        reference["contour"] |= {"f0_hz": f0_hz, "periodicity": periodicity}
    return document


def _rounded(values: Any) -> list[float]:
    return [round(value, DECIMALS) for value in values]


def urls_of(song: song_pb2.Song) -> dict[str, str | None]:
    base = f"/api/songs/{song.id}"
    return {
        "audio_url": f"{base}/audio",
        "audio_light_url": f"{base}/audio/light" if light_key(song.audio_key) else None,
        "guide_url": f"{base}/guide" if song.guide_key else None,
        "guide_light_url": f"{base}/guide/light" if light_key(song.guide_key) else None,
        "cover_url": f"{base}/cover" if song.cover_key else None,
    }
