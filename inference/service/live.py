"""LiveService: a stream of singers' sound in, a stream of judgements out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

import grpc
from voicejury.v1 import live_pb2, live_pb2_grpc

from inference.contract import song_melody
from inference.domain.rules import rules_for
from inference.errors import SingError, SongError
from inference.live.engine import LiveEngine
from inference.live.messages import End, Ended, Failed, Output
from inference.live.singer import Singer
from inference.live.songs import SongReader
from inference.service import live_messages

logger = logging.getLogger(__name__)

MAX_SESSION_ID = 128
MAX_SESSIONS_PER_STREAM = 200
MAX_REPLY_JUDGEMENTS = 500  # of one message, so that it stays far below gRPC's 4 MiB
MAX_UNREAD_JUDGEMENTS = 100_000  # a client that does not read is cut off
MAX_BACKLOG_S = 3600.0  # of all singers together: 115 MB; then reading waits
BACKLOG_POLL_S = 0.02
LAST_WORDS_S = 30.0  # for judging what waits after the client has closed its side


class LiveServicer(live_pb2_grpc.LiveServiceServicer):
    def __init__(self, engine: LiveEngine, songs: SongReader | None = None) -> None:
        """`songs`: the sounds that may be heard beside the voices; None: nothing is taken out of them."""
        self._engine = engine
        self._songs = songs

    async def Sing(  # type: ignore[override]  # the generated type knows generators only, grpc.aio takes coroutines too
        self, request_iterator: AsyncIterator[live_pb2.SingRequest], context: grpc.aio.ServicerContext[Any, Any]
    ) -> None:
        stream = SingStream(self._engine, self._songs)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(stream.write(context), name="judgements out")
                tasks.create_task(stream.read(request_iterator), name="sound in")
        except* StalledError:
            await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, "the judgements are not read")
        except* grpc.aio.UsageError:
            logger.info("a client left before its judgements")
        finally:
            stream.close()


class StalledError(Exception):
    """The client does not read what it is sent."""


class SingStream:
    """The sessions of one stream. Lives on the event loop; only `_collect` is called from the engine's thread."""

    def __init__(self, engine: LiveEngine, songs: SongReader | None = None) -> None:
        self._engine = engine
        self._songs = songs
        self._loop = asyncio.get_running_loop()
        self._singers: dict[str, Singer] = {}
        self._ending = 0
        self._all_ended = asyncio.Event()
        self._all_ended.set()
        self._outgoing: list[live_pb2.Judgement] = []
        self._news = asyncio.Event()
        self._closed = False

    async def read(self, requests: AsyncIterator[live_pb2.SingRequest]) -> None:
        """Until the client closes its side, cancels or is lost: they all look like the end of the stream."""
        async for request in requests:
            for message in request.inputs:
                self._follow(message)
            if len(self._outgoing) > MAX_UNREAD_JUDGEMENTS:
                raise StalledError
            while self._engine.backlog_s > MAX_BACKLOG_S:  # noqa: ASYNC110 (the engine's thread tells nobody)
                await asyncio.sleep(BACKLOG_POLL_S)
        await self._last_words()
        self._closed = True
        self._news.set()

    async def write(self, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        """Everything that waits goes into one message."""
        while not (self._closed and not self._outgoing):
            await self._news.wait()
            self._news.clear()
            while self._outgoing:
                batch = self._outgoing[:MAX_REPLY_JUDGEMENTS]
                del self._outgoing[:MAX_REPLY_JUDGEMENTS]
                await context.write(live_pb2.SingReply(judgements=batch))

    def close(self) -> None:
        """A session without SingEnd is broken: its state is dropped."""
        if self._singers:
            logger.warning("a stream broke off with %d sessions in it", len(self._singers))
        for singer in self._singers.values():
            self._engine.close(singer)
        self._singers.clear()

    async def _last_words(self) -> None:
        """Sessions that were ended properly are still judged to their end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                await self._all_ended.wait()

    def _follow(self, message: live_pb2.SingerInput) -> None:
        kind = message.WhichOneof("input")
        session_id = getattr(message, kind).session_id if kind else ""
        try:
            if message.HasField("start"):
                self._start(message.start)
            else:
                self._feed(self._known(session_id), message)
        except SingError as error:
            self._say([live_messages.error(session_id[:MAX_SESSION_ID], error.code, str(error))])

    def _start(self, start: live_pb2.SingStart) -> None:
        """A session that is started again is fed again from its first sample."""
        session_id = start.session_id
        if not 0 < len(session_id) <= MAX_SESSION_ID:
            raise SingError("bad-session", "a session id has 1 to 128 characters")
        self._forget(session_id)
        if len(self._singers) >= MAX_SESSIONS_PER_STREAM:
            raise SingError("busy", f"a stream carries {MAX_SESSIONS_PER_STREAM} sessions at most")
        try:
            melody = song_melody(start.song)
        except SongError as error:
            raise SingError("bad-song", str(error)) from error
        rules = rules_for(live_messages.LEVELS.get(start.level, live_messages.LEVELS[live_pb2.LEVEL_NORMAL]))
        singer: Singer

        def sink(outputs: list[Output]) -> None:
            self._loop.call_soon_threadsafe(self._collect, session_id, singer, outputs)

        find_song = self._songs.find(start.song) if self._songs is not None else None
        singer = self._engine.open(melody, rules, sink, find_song)
        self._singers[session_id] = singer

    def _known(self, session_id: str) -> Singer:
        if session_id not in self._singers:
            raise SingError("unknown-session", "the session was not started on this stream")
        return self._singers[session_id]

    def _feed(self, singer: Singer, message: live_pb2.SingerInput) -> None:
        match message.WhichOneof("input"):
            case "audio":
                singer.feed(live_messages.sound(message.audio))
            case "gap":
                singer.feed(live_messages.silence(message.gap))
            case "anchor":
                singer.feed(live_messages.anchor(message.anchor))
            case "end":
                singer.feed(End())
                self._ending += 1
                self._all_ended.clear()

    def _collect(self, session_id: str, singer: Singer, outputs: list[Output]) -> None:
        if self._singers.get(session_id) is not singer:
            return
        self._say(live_messages.judgements(session_id, outputs))
        if isinstance(outputs[-1], Ended | Failed):
            self._forget(session_id)

    def _forget(self, session_id: str) -> None:
        singer = self._singers.pop(session_id, None)
        if singer is not None:
            self._engine.close(singer)
            self._ending -= singer.is_ending
        if not self._ending:
            self._all_ended.set()

    def _say(self, messages: list[live_pb2.Judgement]) -> None:
        self._outgoing += messages
        self._news.set()
