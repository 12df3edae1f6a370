"""Lyrics from LRCLIB, which needs no key (https://lrclib.net/docs)."""

import logging

from pydantic import BaseModel, TypeAdapter

from signaling.errors import LyricsFormatError
from signaling.lyrics.lines import INSTRUMENTAL, Lyrics
from signaling.lyrics.lrc import parse_lyrics
from signaling.lyrics.wanted import WantedLyrics
from signaling.net.services import Ask, ServiceClient
from signaling.search.likeness import likeness

NAME = "lrclib"
MIN_LIKENESS = 0.8
SAME_LENGTH_S = 3.0  # lines of a longer or shorter version lie elsewhere
MAX_LENGTH_S = 3600.0  # what /api/get takes

log = logging.getLogger(__name__)


class _Record(BaseModel):
    trackName: str | None = None  # noqa: N815 - as the service writes it
    artistName: str | None = None  # noqa: N815
    duration: float | None = None
    instrumental: bool = False
    plainLyrics: str | None = None  # noqa: N815
    syncedLyrics: str | None = None  # noqa: N815


RECORD = TypeAdapter(_Record)
RECORDS = TypeAdapter(list[_Record])


class Lrclib:
    """Every call raises ServiceError."""

    def __init__(self, client: ServiceClient, url: str) -> None:
        self._client = client
        self._url = url.rstrip("/")

    async def find(self, wanted: WantedLyrics) -> Lyrics | None:
        """Synced lyrics where there are any, otherwise plain ones; no lines where it is an instrumental."""
        exact = await self._get(wanted)
        if exact is not None and (exact.instrumental or exact.syncedLyrics):
            return _lyrics(exact)
        known = _lyrics(exact) if exact is not None else None  # a track may be known without its words
        similar = _best(await self._search(wanted), wanted)
        if similar is not None and (similar.syncedLyrics or known is None):
            return _lyrics(similar) or known
        return known

    async def _get(self, wanted: WantedLyrics) -> _Record | None:
        params: dict[str, str | int] = {"track_name": wanted.title, "artist_name": wanted.artist}
        if wanted.album:
            params["album_name"] = wanted.album
        if wanted.duration_s is not None and 1 <= wanted.duration_s <= MAX_LENGTH_S:
            params["duration"] = round(wanted.duration_s)
        ask = Ask(NAME, f"{self._url}/api/get", params=params, accept=frozenset({200, 404}))
        reply = await self._client.ask(ask)
        return reply.read(RECORD) if reply.status == 200 else None

    async def _search(self, wanted: WantedLyrics) -> list[_Record]:
        params: dict[str, str | int] = {"track_name": wanted.title, "artist_name": wanted.artist}
        ask = Ask(NAME, f"{self._url}/api/search", params=params, accept=frozenset({200, 404}))
        reply = await self._client.ask(ask)
        return reply.read(RECORDS) if reply.status == 200 else []


def _best(records: list[_Record], wanted: WantedLyrics) -> _Record | None:
    """The one that is most alike and of the same length; synced before plain."""
    scored = [(bool(record.syncedLyrics), _score(record, wanted), record) for record in records]
    fitting = [entry for entry in scored if entry[1] >= MIN_LIKENESS and (entry[0] or entry[2].plainLyrics)]
    return max(fitting, key=lambda entry: entry[:2])[2] if fitting else None


def _score(record: _Record, wanted: WantedLyrics) -> float:
    """0..1: the names' likeness, a little less for each second of difference; 0 for another length."""
    alike = likeness(wanted.title, wanted.artist, record.trackName or "", record.artistName or "")
    if wanted.duration_s is None or record.duration is None:
        return alike
    apart_s = abs(record.duration - wanted.duration_s)
    return alike * (1 - 0.01 * apart_s) if apart_s <= SAME_LENGTH_S else 0.0


def _lyrics(record: _Record) -> Lyrics | None:
    """A text that cannot be read counts for nothing: the plain one may stand in for the synced one."""
    if record.instrumental:
        return INSTRUMENTAL
    for text in (record.syncedLyrics, record.plainLyrics):
        if not text or not text.strip():
            continue
        try:
            return parse_lyrics(text)
        except LyricsFormatError as error:
            log.warning("%s: lyrics that cannot be read, in %s", NAME, error)
    return None
