"""Watches over the takes whose singing is over: asks the jury until it answers, tells its steps, keeps the verdict.

A session stays in `judging` until its end is in the store, so a process that dies loses nothing: the next one
takes it up again. The judging itself is a job of the analysis: asking twice is safe, whoever asks only watches it, and
a take that has a verdict gets it again.
"""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from redis.exceptions import RedisError
from voicejury import tracing
from voicejury.jsonform import message_dict, verdict_dict
from voicejury.v1 import analysis_pb2, verdict_pb2

from signaling.errors import JudgeFailedError
from signaling.levels import LEVELS
from signaling.lyrics.judged import as_judged
from signaling.metrics import Metrics
from signaling.observing import Watch, trace_end
from signaling.recordings import Recordings
from signaling.rtc.analysis import AnalysisClient
from signaling.rtc.media import MediaClient
from signaling.rtc.service_calls import passes_by_itself
from signaling.store.database import told
from signaling.store.events import Events
from signaling.store.results import Results
from signaling.store.sessions import JUDGE_FAILED, Failure, Sessions
from signaling.store.states import State

ROUND_S = 60.0  # between two looks for work that was left
AGAIN_S = 2.0  # after the first time that something broke
FIRST_WAIT_S, LONGEST_WAIT_S = 0.25, 5.0
MAX_BROKEN_STREAMS = 12  # a take that kills its judge is given up by its job long before
MAX_ATTEMPTS = 9  # nor one that breaks us: five minutes in all, so that a store may be away for a while
MAX_AT_ONCE = 64
VERDICT_FILE = "verdict.pb"  # beside the take, written by the analysis
UNJUDGEABLE = Failure(JUDGE_FAILED, "This take cannot be judged.")
NO_TAKE = Failure("no-take", "Nothing was sung, so there is nothing to judge.")
DAMAGED = Failure("take-damaged", "The recording of this take is damaged and cannot be judged.")
DELETED = Failure(
    "take-deleted", "The recording of this take was deleted meanwhile; recordings are kept for a while only."
)
STAGE_PREFIX = "JUDGE_STAGE_"

Reply = TypeVar("Reply", bound=Message)

log = logging.getLogger(__name__)


class Judging:
    """Owns the task of every take that is being judged."""

    def __init__(
        self,
        sessions: Sessions,
        results: Results,
        events: Events,
        media: MediaClient,
        analysis: AnalysisClient,
        metrics: Metrics,
        patience_s: float,
        take_life: timedelta,
        takes_dir: Path,
    ) -> None:
        self._sessions = sessions
        self._results = results
        self._events = events
        self._media = media
        self._analysis = analysis
        self._metrics = metrics
        self._patience_s = patience_s
        self._take_life = take_life
        self._takes_dir = takes_dir
        self.recordings = Recordings(events, media)
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[str] = set()
        self._attempts: Counter[str] = Counter()  # that broke, by session
        self._room = asyncio.Semaphore(MAX_AT_ONCE)

    async def run(self) -> None:
        """Until it is cancelled: takes up what was left, throws away what was never used."""
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                while True:
                    try:
                        await self._round()
                    except Exception as error:  # a store that is away must not end the judging
                        log.error("looking for takes: %s", told(error))
                    await asyncio.sleep(ROUND_S)
        finally:
            self._tasks = None  # whoever comes meanwhile is found by the first round of the next run

    def begin(self, session_id: str) -> None:
        """Judges the session in the background, once."""
        if self._tasks is None or session_id in self._running:
            return  # not running yet: the first round finds the session
        self._running.add(session_id)
        self._tasks.create_task(self._guarded(session_id), name=f"judge {session_id}")

    async def end_with(self, session_id: str, state: State, failure: Failure) -> None:
        """Ends a session without a verdict."""
        if await self._sessions.move(session_id, state, failure=failure):
            self._metrics.takes_judged.labels(state.value).inc()
            log.info("session %s is %s: %s", session_id, state.value, failure.code)
            if tracing.is_on() and (session := await self._sessions.find(session_id)) is not None:
                trace_end(session, state, failure.code)
        await self._tell_end(session_id)

    async def tell(self, session_id: str, name: str, data: dict[str, Any]) -> None:
        """Publishes an event; without Redis the listeners still find the end in the store."""
        try:
            await self._events.publish(session_id, name, data)
        except (RedisError, OSError) as error:
            log.warning("event %s of session %s was not published: %s", name, session_id, error)

    async def _tell_end(self, session_id: str) -> None:
        try:
            await self._events.end(session_id)
        except (RedisError, OSError) as error:
            log.warning("the end of session %s was not published: %s", session_id, error)

    async def judge_again(self, session_id: str) -> bool:
        """A new attempt for a take whose judging failed; False where it did not."""
        if not await self._sessions.judge_anew(session_id, is_new_attempt=True):
            return False
        await self._begin_anew(session_id)
        return True

    async def _begin_anew(self, session_id: str) -> None:
        try:
            await self._events.forget(session_id)
        except (RedisError, OSError) as error:
            log.warning("what was told of session %s was not forgotten: %s", session_id, error)
        await self.recordings.settle(session_id)  # nobody waits for it a second time
        await self.tell(session_id, "state", {"state": State.JUDGING.value})
        if session_id in self._running and self._tasks is not None:  # the attempt that failed still tells its end
            self._tasks.create_task(self._begin_later(session_id, AGAIN_S), name=f"judge {session_id} later")
        else:
            self.begin(session_id)

    async def _take_up_missed(self) -> None:
        """Sessions that were given up while the jury did not answer, and have got their verdict since."""
        for session_id in await self._sessions.failed_judging():
            has_verdict = await asyncio.to_thread((self._takes_dir / session_id / VERDICT_FILE).is_file)
            if has_verdict and await self._sessions.judge_anew(session_id, is_new_attempt=False):
                log.info("session %s has got its verdict after all", session_id)
                await self._begin_anew(session_id)

    async def _round(self) -> None:
        now = datetime.now(UTC)
        await self._take_up_missed()
        for session in await self._sessions.to_judge(now):
            self.begin(session.id)
        if purged := await self._sessions.purge(now, self._take_life):
            log.info("%d sessions without a verdict purged", purged)
        await self._events.sweep()

    async def _guarded(self, session_id: str) -> None:
        try:
            async with self._room:
                await self._judge_or_fail(session_id)
            del self._attempts[session_id]
        except Exception as error:  # stays in `judging`
            self._attempts[session_id] += 1
            log.error("judging session %s: %s", session_id, told(error))
            if self._tasks is not None:
                wait_s = min(AGAIN_S * 2 ** (self._attempts[session_id] - 1), ROUND_S)
                self._tasks.create_task(self._begin_later(session_id, wait_s), name=f"judge {session_id} later")
        finally:
            self._running.discard(session_id)

    async def _begin_later(self, session_id: str, wait_s: float) -> None:
        """A store that was killed is back long before the next round."""
        await asyncio.sleep(wait_s)
        self.begin(session_id)

    async def _judge_or_fail(self, session_id: str) -> None:
        if self._attempts[session_id] >= MAX_ATTEMPTS:
            log.error("session %s is given up after %d attempts", session_id, self._attempts[session_id])
            await self.end_with(session_id, State.FAILED, UNJUDGEABLE)
            return
        try:
            await self._judge(session_id)
        except _NoTakeError:
            session = await self._sessions.find(session_id)
            if session is not None and session.attempt:  # a jury had it before
                await self.end_with(session_id, State.FAILED, DELETED)
            else:
                await self.end_with(session_id, State.ABANDONED, NO_TAKE)
        except _DamagedTakeError:
            await self.end_with(session_id, State.FAILED, DAMAGED)
        except JudgeFailedError as error:
            await self.end_with(session_id, State.FAILED, Failure(JUDGE_FAILED, str(error)))

    async def _judge(self, session_id: str) -> None:
        session = await self._sessions.find(session_id)
        if session is not None and session.state is State.CONNECTED:
            await self._sessions.move(session_id, State.JUDGING, ended_at=datetime.now(UTC))
            session = await self._sessions.find(session_id)
        if session is None or session.state is not State.JUDGING:
            return
        if await self.recordings.is_expected(session_id):
            await self._until_answered(lambda: self._media.close(session_id), "the media server")
            song = await self._sessions.song_of(session_id)
            await self.recordings.wait(session_id, song.duration_s)  # sealed, and not read by any judge yet
        request = analysis_pb2.JudgeRequest(
            session_id=session_id,  # without a take_key: the job seals the take
            song=as_judged(await self._sessions.song_of(session_id)),
            level=LEVELS[session.level],
            language=session.language,
            attempt=session.attempt,
            for_children=session.for_children,
        )
        watch = Watch(session, self._metrics)
        verdict = await self._until_answered(lambda: self._ask_jury(request, watch), "the jury")
        with tracing.span("keep verdict", session_id, parent=watch.place):
            is_new = await self._results.keep(session, request.song, verdict_dict(verdict))
        if is_new:
            watch.kept()
        await self._tell_end(session_id)

    async def _ask_jury(self, request: analysis_pb2.JudgeRequest, watch: Watch) -> verdict_pb2.Verdict:
        """One call. An end without a verdict is a broken stream."""
        heard = 0
        try:
            async for event in self._analysis.judge(request):
                heard += 1
                if event.HasField("verdict"):
                    return event.verdict
                watch.hear(event)
                await self._tell_step(request.session_id, event)
        except grpc.aio.AioRpcError as error:
            raise (_BrokenStreamError(error.details() or "") if heard and passes_by_itself(error) else error) from error
        raise _BrokenStreamError("the jury ended without a verdict")

    async def _tell_step(self, session_id: str, event: analysis_pb2.JudgeEvent) -> None:
        if event.HasField("juror"):
            await self.tell(session_id, "juror", message_dict(event.juror))
        elif event.HasField("scores"):
            await self.tell(session_id, "scores", verdict_dict(event.scores))
        elif event.HasField("progress"):
            await self.tell(session_id, "progress", _progress(event.progress))

    async def _until_answered(self, call: Callable[[], Awaitable[Reply]], who: str) -> Reply:
        """Asks again while the other side is away; raises JudgeFailedError when it refuses or never comes back."""
        patience = _Patience(who, self._patience_s)
        while True:
            try:
                return await call()
            except _BrokenStreamError as error:
                wait_s = patience.after_break(error)
            except grpc.aio.AioRpcError as error:
                wait_s = patience.after_error(error)
            self._metrics.judge_retries.inc()
            log.warning("%s does not answer, asking again in %.1f s", who, wait_s)
            await asyncio.sleep(wait_s)


class _Patience:
    """How long to wait before asking again, and when to stop asking."""

    def __init__(self, who: str, patience_s: float) -> None:
        self._who = who
        self._patience_s = patience_s
        self._give_up = time.monotonic() + patience_s
        self._wait_s = FIRST_WAIT_S
        self._breaks = 0

    def after_break(self, error: "_BrokenStreamError") -> float:
        self._breaks += 1
        self._give_up = time.monotonic() + self._patience_s  # it is there, or was a moment ago
        if self._breaks >= MAX_BROKEN_STREAMS:
            raise JudgeFailedError(f"{self._who} broke off {self._breaks} times on this take ({error}).") from error
        return self._next_wait_s()

    def after_error(self, error: grpc.aio.AioRpcError) -> float:
        if error.code() == grpc.StatusCode.NOT_FOUND:
            raise _NoTakeError from error
        if error.code() == grpc.StatusCode.DATA_LOSS:
            raise _DamagedTakeError from error
        if not passes_by_itself(error):
            reason = error.details() or error.code().name
            raise JudgeFailedError(f"{self._who} refused this take: {reason}") from error
        if time.monotonic() >= self._give_up:
            if error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED:  # it answers, and says of what
                told = f"took no take in: {error.details() or error.code().name}"
            else:
                told = f"did not answer for {self._patience_s:.0f} s"
            raise JudgeFailedError(f"{self._who} {told}.") from error
        return self._next_wait_s()

    def _next_wait_s(self) -> float:
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_WAIT_S)
        return wait_s


def _progress(progress: analysis_pb2.JudgeProgress) -> dict[str, Any]:
    stage = analysis_pb2.JudgeStage.Name(progress.stage).removeprefix(STAGE_PREFIX).lower()
    left_s = round(progress.left_s, 1) if progress.HasField("left_s") else None
    return {"stage": stage, "fraction": round(progress.fraction, 3), "left_s": left_s}


class _NoTakeError(Exception):
    """Nothing was sung, or its take is deleted."""


class _DamagedTakeError(Exception):
    """The take is there, and cannot be read."""


class _BrokenStreamError(Exception):
    """The jury began and broke off."""
