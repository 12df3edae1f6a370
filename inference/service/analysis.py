"""AnalysisService: one job per take, however many ask for it; done once, told to all."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import grpc
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, tester_pb2_grpc, verdict_pb2

from inference.analysis.judging import JudgeTools, WordRecogniser, judge, rules_of, sung_take
from inference.analysis.jury.panel import jurors
from inference.analysis.warm import warm_up
from inference.analysis.words import MISSING, WhisperWords
from inference.errors import (
    AudioFormatError,
    InferenceError,
    ModelMissingError,
    OverloadedError,
    RequestError,
    SongError,
    TakeError,
    TakeMissingError,
)
from inference.jobs.takes import TakeStore, check_own_take, check_session_id
from inference.models.estimators import build_estimator
from inference.service.config import Settings
from inference.service.tester import TesterServicer
from inference.service.tester_requests import check_route_latency

logger = logging.getLogger(__name__)

PITCH_THREADS = min(2, os.cpu_count() or 1)  # a 40 s take in 1.5 s instead of 2.6 s; live singers go first all the same
WORKERS = 1  # takes judged at a time: pitch tracking fills the cores by itself
MAX_JOBS = 64  # waiting or running; the next is refused
STATUS_BY_ERROR: dict[type[InferenceError], grpc.StatusCode] = {
    AudioFormatError: grpc.StatusCode.INVALID_ARGUMENT,
    SongError: grpc.StatusCode.INVALID_ARGUMENT,
    RequestError: grpc.StatusCode.INVALID_ARGUMENT,
    TakeMissingError: grpc.StatusCode.NOT_FOUND,
    TakeError: grpc.StatusCode.FAILED_PRECONDITION,
    ModelMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
}


async def refuse(context: "grpc.aio.ServicerContext[Any, Any]", error: InferenceError) -> NoReturn:
    """Ends the call with the status of the error."""
    await context.abort(STATUS_BY_ERROR.get(type(error), grpc.StatusCode.INTERNAL), str(error))
    raise AssertionError("abort returns never")


class Job:
    """One take being judged: a growing list of events that any number of calls follow."""

    def __init__(self) -> None:
        self._events: list[analysis_pb2.JudgeEvent] = []
        self._grown = asyncio.Event()
        self._over = False
        self._error: InferenceError | None = None

    def tell(self, event: analysis_pb2.JudgeEvent) -> None:
        self._events.append(event)
        self._wake()

    def end(self, error: InferenceError | None = None) -> None:
        self._over, self._error = True, error
        self._wake()

    async def follow(self) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        """Every event from the first. Raises the job's error at its end."""
        told = 0
        while True:
            grown = self._grown
            while told < len(self._events):
                told += 1
                yield self._events[told - 1]
            if self._over:
                break
            await grown.wait()
        if self._error is not None:
            raise self._error

    def _wake(self) -> None:
        self._grown.set()
        self._grown = asyncio.Event()


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """`tools` are the judge's models, `takes` the store; `workers` runs what takes long."""

    def __init__(self, tools: JudgeTools, takes: TakeStore, workers: ThreadPoolExecutor) -> None:
        self._tools = tools
        self._takes = takes
        self._workers = workers
        self._jobs: dict[str, Job] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def Judge(
        self, request: analysis_pb2.JudgeRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        try:
            check_session_id(request.session_id)
            check_own_take(request.take_key, request.session_id)
            if request.HasField("route_latency_s"):
                check_route_latency(request.route_latency_s)
            async for event in self._job(request).follow():
                yield event
        except InferenceError as error:
            logger.info("judging session %s failed: %s", request.session_id[:128], error)
            await refuse(context, error)

    async def Follow(
        self, request: analysis_pb2.FollowRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[analysis_pb2.FollowEvent]:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "takes are not followed yet")
        yield analysis_pb2.FollowEvent()

    def _job(self, request: analysis_pb2.JudgeRequest) -> Job:
        """The running job of this session, or a new one."""
        job = self._jobs.get(request.session_id)
        if job is not None:
            return job
        if len(self._jobs) >= MAX_JOBS:
            raise OverloadedError("too many takes wait for the jury")
        job = self._jobs[request.session_id] = Job()
        task = asyncio.create_task(self._run(job, request), name="judge")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    async def _run(self, job: Job, request: analysis_pb2.JudgeRequest) -> None:
        loop = asyncio.get_running_loop()

        def on_progress(stage: int, fraction: float) -> None:
            loop.call_soon_threadsafe(job.tell, _progress(stage, fraction))

        job.tell(_progress(analysis_pb2.JUDGE_STAGE_QUEUED, 0.0))
        error: InferenceError | None = None
        try:
            verdict = await loop.run_in_executor(self._workers, self._judge, request, on_progress)
            for juror in verdict.jury:
                job.tell(analysis_pb2.JudgeEvent(juror=juror))
            job.tell(analysis_pb2.JudgeEvent(verdict=verdict))
        except InferenceError as known:
            error = known
        except Exception:
            logger.exception("judging session %s broke", request.session_id)
            error = InferenceError("the judge failed")
        finally:
            del self._jobs[request.session_id]
            job.end(error)

    def _judge(self, request: analysis_pb2.JudgeRequest, on_progress: Any) -> verdict_pb2.Verdict:
        known = self._takes.verdict(request.session_id)
        if known is not None:
            return known
        on_progress(analysis_pb2.JUDGE_STAGE_LOAD, 0.01)
        take = self._takes.take(request.take_key)
        sung = sung_take(take)
        route_latency_s = request.route_latency_s if request.HasField("route_latency_s") else None
        verdict = judge(
            sung, request.song, self._tools, rules_of(request.level), on_progress, route_latency_s=route_latency_s
        )
        verdict.session_id = request.session_id
        on_progress(analysis_pb2.JUDGE_STAGE_JURY, 0.95)
        verdict.jury.extend(jurors(verdict, request.language, sung.digest))
        if take.sealed:  # otherwise more may be sung
            self._takes.keep_verdict(request.session_id, verdict)
        return verdict


def _progress(stage: int, fraction: float) -> analysis_pb2.JudgeEvent:
    progress = analysis_pb2.JudgeProgress(fraction=fraction)
    progress.stage = stage  # type: ignore[assignment]  # an int that is one of the enum's
    return analysis_pb2.JudgeEvent(progress=progress)


def judge_tools(settings: Settings) -> JudgeTools:
    """The models that the settings name, warm: a second of work. Raises ModelMissingError without a pitch network."""
    folder = settings.whisper_folder
    recogniser: WordRecogniser | None = WhisperWords(folder) if folder is not None else None
    tools = JudgeTools(build_estimator(settings.final_pitch, PITCH_THREADS), recogniser, MISSING)
    warm_up(tools)
    return tools


def add_analysis(server: grpc.aio.Server, settings: Settings, tools: JudgeTools) -> None:
    """Adds AnalysisService and TesterService to a server that runs on this event loop."""
    workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="judge")
    servicer = AnalysisServicer(tools, TakeStore(settings.takes_url), workers)
    analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(servicer, server)
    tester_pb2_grpc.add_TesterServiceServicer_to_server(TesterServicer(tools, workers, refuse), server)
