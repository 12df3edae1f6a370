"""What a listener is told of a session: what happened so far, then what happens, up to its end."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from redis.exceptions import RedisError

from signaling.store.events import Event, Events
from signaling.store.results import Results
from signaling.store.sessions import Session, Sessions, WithTake
from signaling.store.states import OVER, State

HEARTBEAT_S = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """One server-sent event; `name` is empty for a heartbeat. `data` is JSON in one line, in UTF-8."""

    name: str
    data: bytes


HEARTBEAT = Told("", b"")


class Story:
    """One listener. The end always comes from the store, never from the stream."""

    def __init__(self, begun: WithTake, sessions: Sessions, results: Results, events: Events) -> None:
        self._id = begun.session.id
        self._begun = begun
        self._sessions = sessions
        self._results = results
        self._events = events
        self._position = ""
        self._state: State | None = None
        self._personas: set[str] = set()
        self._has_scores = False
        self.has_ended = False  # with the news that `tell` gave last

    async def tell(self, wake: asyncio.Event) -> AsyncIterator[list[Told]]:
        """All that is new at a moment, together; `wake` is set whenever there may be news."""
        past = await self._fresh()
        begun = self._begun.session.state
        state = self._in(begun) if begun in OVER else await self._look()
        news = [*state, *self._of(_without_old_progress(past))]
        while self._state not in OVER:
            if news:
                yield news
            news = await self._next(wake)
        news += await self._ending()
        self.has_ended = True
        yield news

    async def _next(self, wake: asyncio.Event) -> list[Told]:
        """What came since, or a heartbeat when nothing did."""
        wake.clear()
        if not (fresh := await self._fresh()):
            return [] if await _woken(wake) else [HEARTBEAT, *await self._look()]
        news = self._of(fresh)
        if any(event.name in ("state", "over") for event in fresh):
            news += await self._look()
        return news

    async def _look(self) -> list[Told]:
        """The state as the store has it, if it is news."""
        session = await self._sessions.find(self._id)
        return self._in(session.state if session is not None else State.ABANDONED)

    def _in(self, state: State) -> list[Told]:
        if state is self._state:
            return []
        self._state = state
        return [_told("state", {"state": state.value})]

    def _of(self, events: list[Event]) -> list[Told]:
        told: list[Told] = []
        for event in events:
            if event.name == "progress":
                told.append(_told("progress", event.data))
            elif event.name == "scores" and not self._has_scores:
                self._has_scores = True
                told.append(_told("scores", event.data))
            elif event.name == "juror" and event.data.get("persona") not in self._personas:
                self._personas.add(str(event.data.get("persona")))
                told.append(_told("juror", event.data))
        return told

    async def _ending(self) -> list[Told]:
        known = self._begun.take_id
        spoken = await (self._results.spoken_of(known) if known else self._results.spoken(self._id))
        if spoken is None:
            return [_told("error", error_document(await self._sessions.find(self._id)))]
        jury = [juror for juror in spoken.jury if juror.get("persona") not in self._personas]
        return [*(_told("juror", juror) for juror in jury), Told("verdict", spoken.verdict_json)]

    async def _fresh(self) -> list[Event]:
        try:
            events = await self._events.after(self._id, self._position)
        except (RedisError, OSError) as error:
            log.warning("events of session %s: %s", self._id, error)
            return []
        if events:
            self._position = events[-1].position
        return events


def _told(name: str, data: dict[str, Any]) -> Told:
    return Told(name, json.dumps(data, ensure_ascii=False).encode())


def error_document(session: Session | None) -> dict[str, Any]:
    if session is None or session.failure is None:
        return {"code": "unknown-session", "detail": "This session is gone."}
    return {"code": session.failure.code, "detail": session.failure.detail}


def _without_old_progress(events: list[Event]) -> list[Event]:
    progress = [event for event in events if event.name == "progress"]
    return [event for event in events if event.name != "progress" or event is progress[-1]]


async def _woken(wake: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(HEARTBEAT_S):
            await wake.wait()
    except TimeoutError:
        return False
    return True
