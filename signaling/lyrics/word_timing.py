"""Makes word times: the lyrics of a track on the voice of its song, one task for whoever asks for the same."""

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import grpc
from voicejury.v1 import reference_pb2, song_pb2

from signaling.errors import ProblemError, ServiceError
from signaling.lyrics.finder import LyricsFinder
from signaling.lyrics.lines import FoundLyrics, LyricLine, lines_as_json
from signaling.lyrics.songs import own_lyrics, track_id_of, wanted_for_song
from signaling.net.latest import Latest
from signaling.net.moment import Moment
from signaling.preparing.songs import sung_words
from signaling.rtc.reference import ReferenceClient
from signaling.songs.catalogue import Catalogue
from signaling.songs.marks import song_mark
from signaling.store.database import told
from signaling.store.word_times import VOICE_CHARACTERS, KeptWordTimes, WordTask, WordTimesStore

VERSION = "2"  # of the methods and of what a row holds (2: no offset inside): a new one is not answered with old times
MAX_WAITING = 32
AGAIN_S = 3600.0  # somebody may have added the words of a song
MAX_LOOKED = 5000
KEPT_SONGS = 64
BEAT_S = 5.0
RETRY_AFTER_S = 10
BY_HAND = ("", "notes", "file")  # of words whose times were written with them
NOT_SET_UP = "The words cannot be timed here: no reference service is set up."

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class KnownTimes:
    """Word times without the offset of the lyrics, and that offset."""

    kept: KeptWordTimes
    offset_s: float

    def at_offset(self) -> KeptWordTimes:
        return _moved(self.kept, self.offset_s)


@dataclass(frozen=True, slots=True)
class _Own:
    """What a song itself says. `song` lives as long as this: its identity stays its own."""

    song: song_pb2.Song
    lyrics: FoundLyrics | None
    times: KeptWordTimes | None


class WordTiming:
    """Owns the tasks of this process; `aclose` ends them."""

    def __init__(
        self, catalogue: Catalogue, lyrics: LyricsFinder, reference: ReferenceClient, store: WordTimesStore
    ) -> None:
        self.store = store
        self._catalogue = catalogue
        self._lyrics = lyrics
        self._reference = reference
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._looking: set[asyncio.Task[None]] = set()
        self._looked: Moment[bool] = Moment(AGAIN_S, MAX_LOOKED)
        self._own: Latest[int, _Own] = Latest(KEPT_SONGS)  # by identity of the catalogue's message
        self._room = asyncio.Semaphore(1)  # the reference service listens to one voice at a time

    async def aclose(self) -> None:
        tasks = [*self._tasks.values(), *self._looking]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def known(self, track_id: str) -> KnownTimes | None:
        """What was made on the song's present voice, or what the song itself says; None where there is neither."""
        song = await asyncio.to_thread(self._song, track_id)
        if song is None:
            return None
        own = self._own.of(id(song), lambda: _Own(song, own_lyrics(song), _own_times(song)))
        kept = await self.store.of_track(track_id_of(song), voice_mark(song)) or own.times
        return KnownTimes(kept, await self._offset_s(song, own.lyrics)) if kept is not None else None

    def look_again(self, song: song_pb2.Song) -> None:
        """Finds and times the words of a song that has none, in the background; once an hour at most."""
        has_words = not song.voices or bool(song.voices[0].reference.lyrics.words)
        if has_words or not self._reference.is_set_up or self._looked.get(song.id) is not None:
            return
        self._looked.put(song.id, True)
        task = asyncio.create_task(self._look(song), name="words of a song that has none")
        self._looking.add(task)
        task.add_done_callback(self._looking.discard)

    async def _look(self, song: song_pb2.Song) -> None:
        try:
            await self.ask(track_id_of(song), "auto")
        except (ProblemError, ServiceError) as error:
            log.info("song %s stays without words: %s", song_mark(song.id), error)
        except Exception as error:  # a store that is away: the song is sung without
            log.error("words of song %s: %s", song_mark(song.id), told(error))

    async def _offset_s(self, song: song_pb2.Song, own: FoundLyrics | None) -> float:
        return await (self._lyrics.offset_s(own) if own else self._lyrics.known_offset_s(wanted_for_song(song)))

    async def ask(self, track_id: str, method: str) -> str:
        """The task that makes them, running or done. Raises ProblemError and ServiceError."""
        song = await asyncio.to_thread(self._song, track_id)
        if song is None:
            raise ProblemError(404, "no-track", "This track is not in the catalogue; prepare its song first.")
        found = await self._words(song)
        lines = found.lines_at_offset()
        task_id = fingerprint(song, found.language, lines, method)
        if task_id in self._tasks or await self.store.of_fingerprint(task_id) is not None:
            return task_id
        if not self._reference.is_set_up:
            raise ProblemError(503, "service-failed", NOT_SET_UP)
        if len(self._tasks) >= MAX_WAITING:
            headers = {"Retry-After": str(RETRY_AFTER_S)}
            raise ProblemError(503, "busy", "Too many songs wait for their words.", headers)
        if task_id not in self._tasks and await self.store.claim(task_id):
            request = align_request(song, found.language, lines, method)
            await self.store.tell(WordTask(task_id, "queued"))
            self._tasks[task_id] = asyncio.create_task(self._run(task_id, song, found, request), name="word times")
        return task_id

    async def _words(self, song: song_pb2.Song) -> FoundLyrics:
        own = own_lyrics(song)
        if own is not None:
            own = replace(own, offset_s=await self._lyrics.offset_s(own))
        found = own or await self._lyrics.lyrics_for(wanted_for_song(song))
        if found is None or not any(line.text.strip() for line in found.lines):
            raise ProblemError(404, "no-lyrics", "Nobody has the words of this song.")
        if is_timed_by_hand(song) or not song.voices[0].reference.lyrics.words:
            return found
        lines = tuple(LyricLine(line.text, line.onset_s, line.offset_s) for line in found.lines)
        return replace(found, lines=lines)

    async def _run(
        self, task_id: str, song: song_pb2.Song, found: FoundLyrics, request: reference_pb2.AlignWordsRequest
    ) -> None:
        said = WordTask(task_id, "queued")
        beat = asyncio.create_task(self._beat(lambda: said), name="word times: alive")
        try:
            async with self._room:
                async for event in self._events(request):
                    said = WordTask(task_id, "running", round(event.fraction, 3))
                    await self.store.tell(said)
                    if event.HasField("reply"):
                        await self._keep(_made(track_id_of(song), task_id, event.reply), song, found, event.reply)
                        said = WordTask(task_id, "done", 1.0)
            if said.state != "done":
                said = _failed(task_id, "service-failed", "The words were not timed to their end; ask again.")
        except grpc.aio.AioRpcError as error:
            said = _failed(task_id, *_reason(error))
        except Exception as error:  # a store that is away: the task has failed, the service goes on
            log.error("word times: %s", told(error))
            said = _failed(task_id, "unavailable", "The words could not be kept; ask again.")
        finally:
            beat.cancel()
            del self._tasks[task_id]
            await self.store.tell(said)
            await self.store.release(task_id)

    async def _keep(
        self, made: KeptWordTimes, song: song_pb2.Song, found: FoundLyrics, reply: reference_pb2.AlignWordsReply
    ) -> None:
        """Without the lyrics' offset, which is added when answering; a song without words sings them from now on."""
        if not await self._give(song, found, reply):
            await self.store.keep(_moved(made, -found.offset_s))
            return
        await self._lyrics.settle(found)
        await self.store.keep(made)

    async def _give(self, song: song_pb2.Song, found: FoundLyrics, reply: reference_pb2.AlignWordsReply) -> bool:
        """Writes the words into the catalogue's song where it has none; their offset is inside then."""
        present = await asyncio.to_thread(self._catalogue.find, song.id)
        if present is None or present.voices[0].reference.lyrics.words or not reply.lyrics.words:
            return False
        if not present.voices[0].reference.melody.phrases or voice_mark(present) != voice_mark(song):
            return False
        sung = sung_words(present, reply, found.source)
        return await asyncio.to_thread(self._catalogue.rewrite, sung)

    async def _events(self, request: reference_pb2.AlignWordsRequest) -> AsyncIterator[reference_pb2.AlignWordsEvent]:
        """On the song's contour alone where its stems are deleted by now."""
        try:
            async for event in self._reference.align_words(request):
                yield event
        except grpc.aio.AioRpcError as error:
            if not request.content_hash or _reason(error)[0] != "no-source":
                raise
            request.content_hash = ""
            async for event in self._reference.align_words(request):
                yield event

    async def _beat(self, said: Callable[[], WordTask]) -> None:
        """Tells every few seconds that the task is still at work."""
        while True:
            await asyncio.sleep(BEAT_S)
            await self.store.tell(said())

    def _song(self, track_id: str) -> song_pb2.Song | None:
        if track_id.startswith("song:"):
            return self._catalogue.find(track_id.removeprefix("song:"))
        return next((song for song in self._catalogue.songs() if track_id_of(song) == track_id), None)


def voice_mark(song: song_pb2.Song) -> str:
    """The part of a fingerprint that names the voice, and what the times on it mean."""
    voice = song.content_hash or f"{song.id} {song.duration_s:.2f}"
    return hashlib.sha256(f"{VERSION} {voice}".encode()).hexdigest()[:VOICE_CHARACTERS]


def fingerprint(song: song_pb2.Song, language: str, lines: Sequence[LyricLine], method: str) -> str:
    """64 characters: the voice, then everything else."""
    document = json.dumps([track_id_of(song), language, method, lines_as_json(lines)], sort_keys=True)
    return voice_mark(song) + hashlib.sha256(document.encode()).hexdigest()[: 64 - VOICE_CHARACTERS]


def is_timed_by_hand(song: song_pb2.Song) -> bool:
    words = song.voices[0].reference.lyrics.words if song.voices else []
    return bool(words) and all(word.timed_by in BY_HAND for word in words)


def align_request(
    song: song_pb2.Song, language: str, lines: Sequence[LyricLine], method: str
) -> reference_pb2.AlignWordsRequest:
    request = reference_pb2.AlignWordsRequest(
        content_hash=song.content_hash, song=song, language=language, method=method
    )
    for line in lines:
        words = [
            song_pb2.Word(text=word.text, onset_s=word.onset_s, offset_s=word.offset_s or word.onset_s)
            for word in line.words
        ]
        request.lines.add(text=line.text, onset_s=line.onset_s, offset_s=line.offset_s, words=words)
    return request


def _made(track_id: str, task_id: str, reply: reference_pb2.AlignWordsReply) -> KeptWordTimes:
    words = [_word(word) for word in reply.lyrics.words]
    return KeptWordTimes(track_id, task_id, reply.lyrics.language, reply.method, words, datetime.now(UTC))


def _moved(made: KeptWordTimes, by_s: float) -> KeptWordTimes:
    """Later by `by_s`; a time before the song stays one, so that moving back finds it again."""
    if by_s == 0.0:
        return made

    def at(word: dict[str, Any], name: str) -> float:
        moved_s: float = word[name] + by_s
        return round(moved_s, 3)

    words = [word | {"onset_s": at(word, "onset_s"), "offset_s": at(word, "offset_s")} for word in made.words]
    return replace(made, words=words)


def _word(word: song_pb2.Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "onset_s": round(word.onset_s, 3),
        "offset_s": round(word.offset_s, 3),
        "line": word.phrase,
        "timed_by": word.timed_by or "notes",
        "certainty": round(word.certainty, 3),
    }


def _own_times(song: song_pb2.Song) -> KeptWordTimes | None:
    """The song's own words where they have times; written ones are certain."""
    lyrics = song.voices[0].reference.lyrics if song.voices else song_pb2.Lyrics()
    if not lyrics.words:
        return None
    words = [_word(word) | ({"certainty": 1.0} if not word.timed_by else {}) for word in lyrics.words]
    names = [str(word["timed_by"]) for word in words]
    method = max(sorted(set(names)), key=names.count)
    return KeptWordTimes(
        track_id_of(song), voice_mark(song), lyrics.language or song.language, method, words, datetime.now(UTC)
    )


def _failed(task_id: str, code: str, detail: str) -> WordTask:
    return WordTask(task_id, "failed", 0.0, {"code": code, "detail": detail})


def _reason(error: grpc.aio.AioRpcError) -> tuple[str, str]:
    """The service's own code where it told one before its text."""
    code, colon, text = (error.details() or "").partition(": ")
    if colon and code.replace("-", "").isalpha() and code.islower():
        return code, text
    return "service-failed", "The service that times words does not answer."
