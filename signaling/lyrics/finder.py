"""The words of a track, from the first that has them: the user, LRCLIB, Genius, the song's own file."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from signaling.errors import ServiceError
from signaling.lyrics.genius import Genius
from signaling.lyrics.language import guess_language
from signaling.lyrics.lines import SOURCES, FoundLyrics, Lyrics, lines_as_json, lines_from_json
from signaling.lyrics.lrclib import Lrclib
from signaling.lyrics.naming import askings
from signaling.lyrics.wanted import WantedLyrics
from signaling.net.moment import Moment
from signaling.net.once import Once
from signaling.store.lyrics import KeptLyrics, LyricsStore

AGAIN_S = 2.0  # a song that is sung together is asked for by many
MAX_AGAIN = 200
MISS_LIFE = timedelta(hours=6)  # somebody may add the words soon

Ask = Callable[[WantedLyrics], Awaitable[Lyrics | None]]


class LyricsFinder:
    def __init__(self, store: LyricsStore, lrclib: Lrclib, genius: Genius, life_days: int) -> None:
        self._store = store
        self._lrclib = lrclib
        self._genius = genius
        self._life = timedelta(days=life_days)
        self._asking: Once[FoundLyrics | None] = Once()
        self._again: Moment[FoundLyrics] = Moment(AGAIN_S, MAX_AGAIN)

    async def aclose(self) -> None:
        await self._asking.aclose()

    async def lyrics_for(self, wanted: WantedLyrics) -> FoundLyrics | None:
        """None when nobody has them; raises ServiceError when somebody who may have them could not be asked."""
        again = self._again.get(wanted.key)
        return again if again is not None else await self._asking.run(wanted.key, lambda: self._find(wanted))

    async def keep_own(self, wanted: WantedLyrics, lyrics: Lyrics) -> FoundLyrics:
        """What the user gave for this track goes before everything else."""
        kept = await self._keep(wanted, "user", lyrics)
        self._again.clear()
        return await self._found(wanted, kept)

    async def offset_s(self, found: FoundLyrics) -> float:
        return await self._store.offset_s(found.track_id, found.source)

    async def known_offset_s(self, wanted: WantedLyrics) -> float:
        """Of the words that this track has at present; nobody outside is asked."""
        known = await self._store.kept(wanted.key, wanted.track_id, datetime.now(UTC))
        first = next((known[source] for source in SOURCES if source in known and known[source].lines), None)
        return (first.offset_s or 0.0) if first is not None else 0.0

    async def set_offset(self, found: FoundLyrics, offset_s: float) -> None:
        """For whoever sings this recording from now on."""
        await self._store.set_offset(found.track_id, found.source, offset_s)
        self._again.clear()

    async def settle(self, found: FoundLyrics) -> None:
        """Their offset is inside a prepared song from now on, so it counts from there."""
        if found.offset_s:
            await self.set_offset(found, 0.0)

    async def _find(self, wanted: WantedLyrics) -> FoundLyrics | None:
        known = await self._store.kept(wanted.key, wanted.track_id, datetime.now(UTC))
        if "user" in known:
            return await self._found(wanted, known["user"])
        kept, failure = await self._ask_in_order(wanted, known)
        if kept is not None:
            found = await self._found(wanted, kept)
            if failure is None:  # else a better one may answer soon
                self._again.put(wanted.key, found)
            return found
        if wanted.carried is not None:
            return await self._carried(wanted, wanted.carried, known.get("file"))
        if failure is not None:
            raise failure
        return None

    async def _ask_in_order(
        self, wanted: WantedLyrics, known: dict[str, KeptLyrics]
    ) -> tuple[KeptLyrics | None, ServiceError | None]:
        """The first that has words, and who could not be asked before."""
        failure: ServiceError | None = None
        for source, ask in self._services(wanted).items():
            try:
                kept = known.get(source) or await self._keep(wanted, source, await self._ask(ask, wanted))
            except ServiceError as error:
                failure = failure or error
                continue
            if kept.is_instrumental:
                return None, None
            if kept.lines:
                return kept, failure
        return None, failure

    async def _carried(self, wanted: WantedLyrics, carried: Lyrics, known: KeptLyrics | None) -> FoundLyrics:
        if known is None or known.lines != lines_as_json(carried.lines):
            known = await self._keep(wanted, "file", carried)
        return await self._found(wanted, known)

    def _services(self, wanted: WantedLyrics) -> dict[str, Ask]:
        """In the order in which they are asked."""
        if not wanted.title.strip():
            return {}
        services: dict[str, Ask] = {"lrclib": self._lrclib.find}
        return services | ({"genius": self._genius.find} if self._genius.is_set else {})

    @staticmethod
    async def _ask(ask: Ask, wanted: WantedLyrics) -> Lyrics | None:
        """By its names as they are, then as a video's page may have changed them."""
        for title, artist in askings(wanted.title, wanted.artist):
            lyrics = await ask(replace(wanted, title=title, artist=artist)) if artist else None
            if lyrics is not None:
                return lyrics
        return None

    async def _keep(self, wanted: WantedLyrics, source: str, lyrics: Lyrics | None) -> KeptLyrics:
        if lyrics is None:
            return await self._store.keep(wanted.key, source, MISS_LIFE)
        language = lyrics.language or guess_language(line.text for line in lyrics.lines) or wanted.language
        lines = lines_as_json(lyrics.lines)
        return await self._store.keep(wanted.key, source, self._life, lines, language, lyrics.is_synced)

    async def _found(self, wanted: WantedLyrics, kept: KeptLyrics) -> FoundLyrics:
        offset_s = kept.offset_s
        if offset_s is None:
            offset_s = await self._store.offset_s(wanted.track_id, kept.source)
        return FoundLyrics(
            track_id=wanted.track_id,
            source=kept.source,
            language=kept.language,
            is_synced=kept.is_synced,
            lines=lines_from_json(kept.lines),
            fetched_at=kept.fetched_at,
            expires_at=kept.expires_at,
            offset_s=offset_s,
        )
