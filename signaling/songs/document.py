"""A song as the JSON that the page reads, made once for each: a prepared one holds tens of thousands of numbers."""

import hashlib
import json
from collections import OrderedDict
from typing import Any

from voicejury.jsonform import message_dict
from voicejury.v1 import song_pb2

from signaling.songs.sounds import light_key

KEPT = 64  # songs in memory, half a megabyte each at most
DECIMALS = 3  # of hertz and periodicity: far below what anybody hears


class SongDocuments:
    """The last ones that were asked for. Of one event loop."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()  # by digest of the song

    def of(self, song: song_pb2.Song) -> bytes:
        """UTF-8, with the addresses of `urls_of`."""
        key = hashlib.blake2b(song.SerializeToString(deterministic=True), digest_size=16).digest()
        known = self._kept.pop(key, None)
        if known is None:
            text = json.dumps(song_dict(song) | urls_of(song), ensure_ascii=False, separators=(",", ":"))
            known = text.encode()
        self._kept[key] = known
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return known


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
