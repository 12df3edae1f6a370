"""Every source under one roof: what there is for a track, an address that a user gave, the recording itself."""

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path

from signaling.errors import SourceError
from signaling.sources.model import Candidate, Fetched, Kind, OnProgress, Origin, Source, Wanted
from signaling.store.sources import SourceTable

FRESH_S = 600.0
MAX_REMEMBERED = 5000
AcceptUrl = Callable[[str], Awaitable[Source]]  # raises SourceError("source-refused")


class Sources:
    """What search, start and preparing need of sources; every call raises SourceError."""

    def __init__(
        self,
        table: SourceTable,
        origins: Mapping[Kind, Origin],
        accept_url: AcceptUrl,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.table = table
        self._origins = origins
        self._accept_url = accept_url
        self._clock = clock
        self._asked: OrderedDict[str, tuple[float, int]] = OrderedDict()  # by track: when, and how many there were

    async def candidates(self, wanted: Wanted) -> list[Candidate]:
        """Asks every place at once and keeps what it has, best first; soon after, what was kept is the answer.

        Raises SourceError only where a place failed and nothing is known.
        """
        known = await self.table.of_track(wanted.id)
        if self._is_fresh(wanted.id, len(known)):
            return known
        named = await self._named(wanted)
        answers = await asyncio.gather(*(_ask(origin, wanted) for origin in self._places()))
        found = [source for answer in answers if isinstance(answer, list) for source in answer]
        await self.table.keep([source for source in found if named is None or source.id != named.id])
        known = await self.table.of_track(wanted.id)
        failures = [answer for answer in answers if isinstance(answer, SourceError)]
        if failures and not known:
            raise failures[0]
        if not failures:
            self._remember(wanted.id, len(known))
        return known

    async def best(self, wanted: Wanted) -> Source:
        """The source to begin with: the track itself where it is one; SourceError("no-source") when there is none."""
        if (named := await self._named(wanted)) is not None:
            return named
        found = await self.candidates(wanted)
        if not found:
            raise SourceError("no-source", "No recording of this song was found; upload the file.")
        return found[0].source

    async def add_url(self, url: str) -> Source:
        """The source behind an address that a user gave, once the address is allowed."""
        source = await self._accept_url(url)
        await self.table.keep([source])
        return source

    async def add(self, source: Source) -> Source:
        await self.table.keep([source])
        return source

    async def find(self, source_id: str) -> Source | None:
        return await self.table.find(source_id)

    async def fetch(self, source_id: str, folder: Path, on_progress: OnProgress) -> Fetched:
        """The recording, checked and hashed, as files in `folder`; nothing is left there after an error."""
        source = await self.table.find(source_id)
        if source is None or source.kind not in self._origins:
            raise SourceError("no-source", "There is no such source here.")
        fetched = await self._origins[source.kind].fetch(source, folder, on_progress)
        await self.table.note_hash(source_id, fetched.content_hash, fetched.duration_s)
        if not source.title:  # an address alone does not tell it
            details = {"uploader": fetched.uploader, "cover_url": fetched.cover_url}
            await self.table.keep([replace(source, title=fetched.title, artist=fetched.artist, details=details)])
        return fetched

    def _places(self) -> list[Origin]:
        return list(dict.fromkeys(self._origins.values()))

    async def _named(self, wanted: Wanted) -> Source | None:
        """The source that the track itself is, kept."""
        for origin in self._places():
            if (named := await origin.named(wanted)) is not None:
                await self.table.keep([named])
                return named
        return None

    def _is_fresh(self, track_id: str, count: int) -> bool:
        """A source belongs to the track that it was found for last, so another track may have taken some."""
        asked_s, kept = self._asked.get(track_id, (-math.inf, 0))
        return self._clock() - asked_s <= FRESH_S and count >= kept

    def _remember(self, track_id: str, count: int) -> None:
        self._asked.pop(track_id, None)
        self._asked[track_id] = (self._clock(), count)
        if len(self._asked) > MAX_REMEMBERED:
            self._asked.popitem(last=False)


async def _ask(origin: Origin, wanted: Wanted) -> list[Source] | SourceError:
    try:
        return await origin.candidates(wanted)
    except SourceError as error:
        return error
