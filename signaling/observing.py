"""What metrics and traces are told of a take from its end to its verdict."""

import time
from datetime import UTC, datetime

from opentelemetry.trace import SpanContext
from voicejury import tracing
from voicejury.v1 import analysis_pb2

from signaling.metrics import Metrics
from signaling.store.sessions import Session
from signaling.store.states import State


class Watch:
    """One take that is judged; `session` as it is in `judging`."""

    def __init__(self, session: Session, metrics: Metrics) -> None:
        self._session = session
        self._metrics = metrics
        self._has_scores = False
        self._juror_s: float | None = None  # since the last note

    @property
    def place(self) -> SpanContext:
        """Of the span under which the job and what is told of it lie."""
        return judging_place(self._session)

    def hear(self, event: analysis_pb2.JudgeEvent) -> None:
        if event.HasField("scores") and not self._has_scores:
            self._has_scores = True
            self._metrics.verdict_seconds.labels("scores").observe(self._since_end_s())
        elif event.HasField("juror"):
            self._juror_s = self._since_end_s()

    def kept(self) -> None:
        """The verdict is in the store, for the first time."""
        self._metrics.takes_judged.labels(State.DONE.value).inc()
        self._metrics.judge_seconds.observe(self._since_end_s())
        if self._juror_s is not None:
            self._metrics.verdict_seconds.labels("jury").observe(self._juror_s)
        trace_end(self._session, State.DONE)

    def _since_end_s(self) -> float:
        ended_at = self._session.ended_at
        return (datetime.now(UTC) - ended_at).total_seconds() if ended_at is not None else 0.0


def judging_place(session: Session) -> SpanContext:
    return tracing.place(session.id, tracing.JUDGING, session.attempt)


def trace_end(session: Session, end: State, failure: str = "") -> None:
    """The spans under which all others of the take lie; told last, by whoever ends the session."""
    attributes = {"voicejury.attempt": session.attempt, "voicejury.end": end.value}
    if session.ended_at is not None:
        began_s, own = session.ended_at.timestamp(), judging_place(session)
        tracing.tell(tracing.JUDGING, session.id, began_s, attributes, own=own, failure=failure)
    if session.attempt > 0:
        return  # the take's own span was told when its first attempt had failed
    tracing.tell(
        tracing.TAKE,
        session.id,
        session.created_at.timestamp(),
        {**attributes, "voicejury.level": session.level, "voicejury.language": session.language},
        own=tracing.place(session.id),
        failure=failure,
    )


def trace_told(session: Session, name: str) -> None:
    """When a listener was told what everybody waits for."""
    if tracing.is_on() and name in ("scores", "juror", "verdict", "error"):
        tracing.tell(f"tell {name}", session.id, time.time(), parent=judging_place(session))
