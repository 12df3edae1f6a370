"""ReferenceService: songs out of recordings, one at a time; times for known words; what is installed."""

import asyncio
import functools
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

import grpc
from voicejury.v1 import reference_pb2, reference_pb2_grpc, song_pb2

from inference.analysis.preparing.pace import Pace, Progress
from inference.contract import MAX_SONG_S
from inference.errors import InferenceError, ModelMissingError, OverloadedError, PrepareError, RequestError, SongError
from inference.models.card import FinalAfter
from inference.models.estimator import PitchEstimator
from inference.models.estimators import build_estimator
from inference.service.config import Settings
from inference.service.preparations import AbandonedError, Preparations, Tell
from inference.service.separator import build_separator
from inference.service.stems import StemStore, check_hash, check_key
from inference.service.word_times import WordTimes

logger = logging.getLogger(__name__)

WORKERS = 1  # songs at a time: one separation fills the cores and takes gigabytes
PITCH_THREADS = 2
PACE_FILE = "pace.json"  # in the data folder: how long each stage takes on this machine
NICENESS = 15  # of the workers; the calls themselves are answered at once
# What signaling reads: a stable code before the text. See docs/architecture.md, "Further codes".
CODES: dict[type[InferenceError], str] = {
    RequestError: "bad-request",
    SongError: "bad-request",
    OverloadedError: "busy",
    ModelMissingError: "separation-missing",
    AbandonedError: "unavailable",
}
STATUS_BY_CODE = {
    "no-source": grpc.StatusCode.NOT_FOUND,
    "busy": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "disk-full": grpc.StatusCode.RESOURCE_EXHAUSTED,
    "separation-missing": grpc.StatusCode.FAILED_PRECONDITION,
    "broken": grpc.StatusCode.FAILED_PRECONDITION,  # not asked again: it would break in the same way
    "unavailable": grpc.StatusCode.UNAVAILABLE,
    "service-failed": grpc.StatusCode.UNAVAILABLE,
    "internal": grpc.StatusCode.INTERNAL,
}


async def refuse(context: "grpc.aio.ServicerContext[Any, Any]", error: InferenceError) -> NoReturn:
    """Ends the call with "code: text" in its details."""
    code = error.code if isinstance(error, PrepareError) else CODES.get(type(error), "internal")
    await context.abort(STATUS_BY_CODE.get(code, grpc.StatusCode.INVALID_ARGUMENT), f"{code}: {error}")
    raise AssertionError("abort returns never")


class ReferenceServicer(reference_pb2_grpc.ReferenceServiceServicer):
    """`workers` runs what takes long, one song at a time."""

    def __init__(self, settings: Settings, store: StemStore, preparations: Preparations, words: WordTimes) -> None:
        self._settings = settings
        self._separator = build_separator(settings)
        self._pace = Pace(settings.data_dir / PACE_FILE)
        self._store = store
        self._preparations = preparations
        self._words = words

    async def Prepare(
        self, request: reference_pb2.PrepareRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[reference_pb2.PrepareEvent]:
        try:
            check_request(request)
            known = await asyncio.to_thread(self._known, request)
            if known is not None:
                yield reference_pb2.PrepareEvent(prepared=as_asked(known, request.song))
                return
            work = functools.partial(self._prepared, request)
            async for event in self._preparations.follow(name_of(request), work):
                if event.HasField("prepared"):
                    event = reference_pb2.PrepareEvent(prepared=with_facts(event.prepared, request.song))
                yield event
        except InferenceError as error:
            logger.info("preparing %s failed: %s", request.content_hash[:16], error)
            await refuse(context, error)

    async def AlignWords(
        self, request: reference_pb2.AlignWordsRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[reference_pb2.AlignWordsEvent]:
        try:
            async for event in self._words.follow(request):
                yield event
        except InferenceError as error:
            logger.info("timing the words of %s failed: %s", request.content_hash[:16], error)
            await refuse(context, error)

    async def Abilities(
        self, request: reference_pb2.AbilitiesRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> reference_pb2.AbilitiesReply:
        missing = await asyncio.to_thread(self._separator.missing)
        separation = reference_pb2.Ability(
            name="separation", is_there=not missing, detail=missing or self._separator.name
        )
        return reference_pb2.AbilitiesReply(abilities=[separation, *self._words.abilities()])

    def _prepared(self, request: reference_pb2.PrepareRequest, tell: Tell) -> reference_pb2.PreparedSong:
        """In a worker's thread, which loads the judge's code for the first song: the service is up before."""
        from inference.analysis.preparing.stages import PrepareTools, prepare
        from inference.analysis.preparing.stems import Given

        known = self._known(request)
        if known is not None:  # prepared while this one waited
            return as_asked(known, request.song)
        before = self._store.prepared(request.content_hash)
        parts = (
            before if before is not None and before.song.vocals_key else None
        )  # other words or notes: not split anew
        longest_s = min(self._settings.max_source_s, MAX_SONG_S)
        tools = PrepareTools(self._separator, self._estimator, self._pace, longest_s)
        with self._store.workplace() as workplace:
            given = Given(
                *(self._fetched(key, workplace) for key in (_keys(request) if parts is None else _part_keys(parts)))
            )
            made = workplace / "made"
            made.mkdir()
            prepared = prepare(given, request.song, made, tools, lambda progress: tell(_event(progress)))
            prepared.song.content_hash = request.content_hash
            if parts is not None:
                prepared.separator, prepared.song.original_key = parts.separator, parts.song.original_key
            self._store.keep(request.content_hash, made, prepared)
        return prepared

    def _known(self, request: reference_pb2.PrepareRequest) -> reference_pb2.PreparedSong | None:
        """What was prepared before, unless the request knows more than it."""
        known = self._store.prepared(request.content_hash)
        if known is None or not fits(known.song, request.song):
            return None
        could_be_split = known.separator == "none" and request.original_key and not self._separator.missing()
        return None if could_be_split else known

    def _estimator(self) -> PitchEstimator:
        threads = min(PITCH_THREADS, os.cpu_count() or 1)
        return build_estimator(self._settings.final_pitch, threads, FinalAfter(self._settings.card_lock))

    def _fetched(self, key: str, workplace: Path) -> Path | None:
        return self._store.fetched(key, workplace) if key else None


def check_request(request: reference_pb2.PrepareRequest) -> None:
    """Raises RequestError."""
    check_hash(request.content_hash)
    for key in filter(None, _keys(request)):
        check_key(key)
    if request.original_key and request.instrumental_key:
        raise RequestError("either the original or an instrumental is prepared")
    if not request.original_key and not request.instrumental_key:
        raise RequestError("neither a recording nor a backing was given")


def fits(known: song_pb2.Song, asked: song_pb2.Song) -> bool:
    """Whether a prepared song has the notes, or the lines of words, that are asked for; it may have more."""
    wanted = _melody(asked)
    if any(phrase.notes for phrase in wanted.phrases):
        return _melody(known) == wanted
    texts = [phrase.text for phrase in wanted.phrases if phrase.text]
    return not texts or [phrase.text for phrase in _melody(known).phrases if phrase.text] == texts


def _melody(song: song_pb2.Song) -> song_pb2.Melody:
    return song.voices[0].reference.melody if song.voices else song_pb2.Melody()


def name_of(request: reference_pb2.PrepareRequest) -> str:
    """Preparations of this name are one."""
    return (
        request.content_hash + hashlib.sha256(_melody(request.song).SerializeToString(deterministic=True)).hexdigest()
    )


def as_asked(known: reference_pb2.PreparedSong, song: song_pb2.Song) -> reference_pb2.PreparedSong:
    """What was prepared before, under the names that it has for who asks now."""
    prepared = with_facts(known, song)
    prepared.was_cached = True
    return prepared


def with_facts(known: reference_pb2.PreparedSong, song: song_pb2.Song) -> reference_pb2.PreparedSong:
    """A copy with the title and the like of `song`, where it says any."""
    prepared = reference_pb2.PreparedSong()
    prepared.CopyFrom(known)
    for name in ("id", "title", "artist", "language", "source", "source_id", "licence", "cover_key"):
        if getattr(song, name):
            setattr(prepared.song, name, getattr(song, name))
    return prepared


def _keys(request: reference_pb2.PrepareRequest) -> tuple[str, str, str]:
    return request.original_key, request.instrumental_key, request.vocals_key


def _part_keys(parts: reference_pb2.PreparedSong) -> tuple[str, str, str]:
    folder = parts.song.content_hash
    return "", f"{folder}/{parts.song.audio_key}", f"{folder}/{parts.song.vocals_key}"


def _event(progress: Progress) -> reference_pb2.PrepareEvent:
    message = reference_pb2.PrepareProgress(fraction=progress.fraction, left_s=progress.left_s)
    message.stage = progress.stage  # type: ignore[assignment]  # an int that is one of the enum's
    return reference_pb2.PrepareEvent(progress=message)


def set_back() -> None:
    """Live singers go first, then who waits for a verdict. On Linux it holds for this thread and those it starts."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)


def add_reference(server: grpc.aio.Server, settings: Settings) -> Callable[[], None]:
    """Adds ReferenceService to a server that runs on this event loop; what it returns ends the work under way."""
    store = StemStore(settings.stems)
    store.clear()
    workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="prepare", initializer=set_back)
    preparations = Preparations(workers)
    words = WordTimes(store, settings.whisper_folder)
    servicer = ReferenceServicer(settings, store, preparations, words)
    reference_pb2_grpc.add_ReferenceServiceServicer_to_server(servicer, server)

    def stop() -> None:
        preparations.stop()
        words.stop()

    return stop
