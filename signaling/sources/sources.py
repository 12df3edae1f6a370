"""Every source under one roof: what there is for a track, an address that a user gave, the recording itself."""

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from signaling.errors import SourceError
from signaling.sources.model import Candidate, Fetched, Kind, OnProgress, Origin, Source, Wanted
from signaling.store.sources import SourceTable

AcceptUrl = Callable[[str], Awaitable[Source]]  # raises SourceError("source-refused")


class Sources:
    """What search, start and preparing need of sources; every call raises SourceError."""

    def __init__(self, table: SourceTable, origins: Mapping[Kind, Origin], accept_url: AcceptUrl) -> None:
        self.table = table
        self._origins = origins
        self._accept_url = accept_url

    async def candidates(self, wanted: Wanted) -> list[Candidate]:
        """Asks every place and keeps what it has, best first. Raises only when all that failed left nothing."""
        first_error: SourceError | None = None
        for origin in dict.fromkeys(self._origins.values()):
            try:
                await self.table.keep(await origin.candidates(wanted))
            except SourceError as error:
                first_error = first_error or error
        found = await self.table.of_track(wanted.id)
        if not found and first_error is not None:
            raise first_error
        return found

    async def best(self, wanted: Wanted) -> Source:
        """The source to begin with; SourceError("no-source") when there is none."""
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
        return fetched
