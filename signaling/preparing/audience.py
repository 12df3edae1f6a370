"""The sessions that wait for a song: told how far it is, given the song, told why there is none."""

import logging
from typing import Any

from redis.exceptions import RedisError
from voicejury.v1 import song_pb2

from signaling.preparing.progress import Progress
from signaling.songs.moved import moved
from signaling.store.events import Events
from signaling.store.sessions import Failure, Session, Sessions
from signaling.store.states import State

LONGEST_TAKE_S = 30 * 60.0
TOO_SLOW = Failure("too-long", "At this tempo the song lasts longer than a take may; choose a faster tempo.")

log = logging.getLogger(__name__)


class Audience:
    def __init__(self, sessions: Sessions, events: Events) -> None:
        self._sessions = sessions
        self._events = events

    async def sources(self) -> list[str]:
        """What sessions wait for."""
        return await self._sessions.waited_for()

    async def tell(self, source_id: str, progress: Progress) -> None:
        for session in await self._sessions.waiting_for(source_id):
            await self._publish(session.id, "progress", progress_document(progress))

    async def give(self, source_id: str, song: song_pb2.Song) -> None:
        for session in await self._sessions.waiting_for(source_id):
            await self._give(session, song)

    async def fail(self, source_id: str, failure: Failure) -> None:
        for session in await self._sessions.waiting_for(source_id):
            await self._fail(session, failure)

    async def _give(self, session: Session, song: song_pb2.Song) -> None:
        own = as_sung(song, session)
        if own is None:
            await self._fail(session, TOO_SLOW)
        elif await self._sessions.give_song(session, own):
            await self._publish(session.id, "state", {"state": State.CREATED.value})

    async def _fail(self, session: Session, failure: Failure) -> None:
        if await self._sessions.move(session.id, State.FAILED, failure=failure):
            log.info("session %s has no song: %s", session.id, failure.code)
        try:
            await self._events.end(session.id)
        except (RedisError, OSError) as error:
            log.warning("the end of session %s was not published: %s", session.id, error)

    async def _publish(self, session_id: str, name: str, data: dict[str, Any]) -> None:
        """Without Redis the listeners still find the state in the store."""
        try:
            await self._events.publish(session_id, name, data)
        except (RedisError, OSError) as error:
            log.warning("event %s of session %s was not published: %s", name, session_id, error)


def as_sung(song: song_pb2.Song, session: Session) -> song_pb2.Song | None:
    """The song in the session's key and tempo; None where that tempo makes it longer than a take may be."""
    own = moved(song, session.key_shift_semitones, session.tempo)
    return own if session.tempo >= 1 or own.duration_s <= LONGEST_TAKE_S else None


def progress_document(progress: Progress) -> dict[str, Any]:
    left_s = None if progress.left_s is None else round(progress.left_s, 1)
    return {"stage": progress.stage, "fraction": round(progress.fraction, 3), "left_s": left_s}
