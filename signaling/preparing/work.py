"""The steps from a source to a song of the catalogue."""

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path

from voicejury.v1 import reference_pb2, song_pb2

from signaling.errors import LyricsFormatError, ProblemError, ServiceError, SourceError
from signaling.lyrics.finder import LyricsFinder
from signaling.lyrics.lines import FoundLyrics, Lyrics
from signaling.lyrics.lrc import parse_lyrics
from signaling.lyrics.wanted import WantedLyrics
from signaling.preparing.calls import ReferenceCalls
from signaling.preparing.progress import PAIR, SPLIT, Whole
from signaling.preparing.songs import known_song, names_of, sung_words, words_request, written_voices
from signaling.preparing.stems import Stems
from signaling.preparing.taking import Cover, Taking, disk_error
from signaling.search.covers import Covers
from signaling.sources.model import Fetched, Kind, Source
from signaling.sources.sources import Sources

MIXED = (Kind.YOUTUBE, Kind.LINK)  # never a pair
LYRICS_DEADLINE_S = 20.0  # all services together; a song without words can be sung too
COVER_DEADLINE_S = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Recording:
    """What was fetched, and where it lies in the folder that is shared with the reference service."""

    fetched: Fetched
    original_key: str
    instrumental_key: str
    vocals_key: str


class Work:
    """What one preparation does. Every call may raise SourceError."""

    def __init__(
        self,
        sources: Sources,
        lyrics: LyricsFinder,
        covers: Covers,
        calls: ReferenceCalls,
        stems: Stems,
        taking: Taking,
    ) -> None:
        self._sources = sources
        self._lyrics = lyrics
        self._covers = covers
        self._calls = calls
        self._stems = stems
        self._taking = taking

    async def prepare(self, source_id: str, whole: Whole) -> str:
        """The song's id. Nothing half-made stays where anybody looks for songs."""
        source = await self._sources.find(source_id)
        if source is None:
            raise SourceError("no-source", "There is no such source here.")
        whole.song_s = source.duration_s
        if (known := await self._taking.known(source.content_hash)) is not None:
            return known.id
        if source.kind in MIXED:
            whole.way = SPLIT
            await self._calls.check_can_split()
        recording = await self._fetch(source, whole)
        if (known := await self._taking.known(recording.fetched.content_hash)) is not None:
            return known.id
        lyrics = await self._lyrics_for(source, recording.fetched)
        song = await self._song(source, recording, lyrics, whole)
        whole.begin("store", "store")
        song_id = await self._taking.take(song, await self._cover_of(source, recording.fetched))
        whole.end()
        return song_id

    async def _fetch(self, source: Source, whole: Whole) -> _Recording:
        whole.begin("download", "download")
        try:
            async with self._stems.place() as folder:
                fetched = await self._sources.fetch(
                    source.id, folder, lambda done, left_s: whole.tell("download", done, left_s)
                )
                recording = await asyncio.to_thread(self._keep, fetched)
        except OSError as error:
            raise disk_error(error) from error
        whole.song_s, whole.way = fetched.duration_s, PAIR if recording.instrumental_key else SPLIT
        whole.end()
        return recording

    def _keep(self, fetched: Fetched) -> _Recording:
        def key(path: Path | None, part: str) -> str:
            return self._stems.keep_original(path, fetched.content_hash, part) if path is not None else ""

        parts = (key(fetched.original, ""), key(fetched.instrumental, "instrumental"), key(fetched.vocals, "vocals"))
        return _Recording(fetched, *parts)

    async def _lyrics_for(self, source: Source, fetched: Fetched) -> FoundLyrics | None:
        """None where none are found, and where the words stand under written notes."""
        if fetched.song_text:
            return None
        title, artist = names_of(source, fetched)
        wanted = WantedLyrics(
            track_id=source.id,  # lyrics lie on a recording, not on a title
            title=title,
            artist=artist,
            duration_s=fetched.duration_s,
            language=fetched.language,
            carried=_carried(fetched),
            is_known=True,
        )
        try:
            async with asyncio.timeout(LYRICS_DEADLINE_S):
                if wanted.carried is not None and source.details.get("lyrics_by") == "user":
                    return await self._lyrics.keep_own(wanted, wanted.carried)
                return await self._lyrics.lyrics_for(wanted)
        except (ServiceError, TimeoutError) as error:
            log.info("source %s goes without lyrics: %s", source.kind.value, error)
            return None

    async def _cover_of(self, source: Source, fetched: Fetched) -> Cover | None:
        """The picture of the track that it was found for, else of the recording's page; None where there is none."""
        addresses = (source.details.get("track_cover_url"), source.details.get("cover_url"), fetched.cover_url)
        for url in filter(None, addresses):
            try:
                async with asyncio.timeout(COVER_DEADLINE_S):
                    return Cover(*await self._covers.at(str(url)))
            except (ProblemError, ServiceError, TimeoutError) as error:
                log.info("a cover of source %s is left out: %s", source.kind.value, type(error).__name__)
        return None

    async def _song(
        self, source: Source, recording: _Recording, lyrics: FoundLyrics | None, whole: Whole
    ) -> song_pb2.Song:
        written = await asyncio.to_thread(written_voices, recording.fetched)
        request = reference_pb2.PrepareRequest(
            content_hash=recording.fetched.content_hash,
            original_key=recording.original_key,
            instrumental_key=recording.instrumental_key,
            vocals_key=recording.vocals_key,
            song=known_song(source, recording.fetched, lyrics, written),
        )
        whole.begin("reference", "queued")
        prepared = await self._calls.prepare(request, whole)
        whole.end(counts=not prepared.was_cached)
        song = prepared.song
        song.id, song.content_hash, song.source_id = request.song.id, request.content_hash, source.id
        return song if lyrics is None or not song.voices else await self._sung_words(song, lyrics, whole)

    async def _sung_words(self, song: song_pb2.Song, lyrics: FoundLyrics, whole: Whole) -> song_pb2.Song:
        """The song with timed words; as it is where they cannot be timed."""
        whole.begin("words", "words")
        try:
            reply = await self._calls.align_words(words_request(song, lyrics), whole)
        except SourceError as error:
            log.warning("the words of a song were not timed: %s", error)
            return song
        whole.end()
        await self._lyrics.settle(lyrics)
        return sung_words(song, reply, lyrics.source)


def _carried(fetched: Fetched) -> Lyrics | None:
    try:
        return parse_lyrics(fetched.lyrics) if fetched.lyrics.strip() else None
    except LyricsFormatError as error:
        log.info("the lyrics beside a recording are left out: %s", error)
        return None
