"""AnalysisService: a view of the jobs. Whoever asks for a take follows its one job; leaving changes nothing for it."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, NoReturn

import grpc
from voicejury.rpc import client_channel
from voicejury.v1 import analysis_pb2, analysis_pb2_grpc, tester_pb2_grpc

from inference.analysis.following.followers import Followers
from inference.analysis.judging import JudgeTools
from inference.analysis.separating import Separation
from inference.analysis.warm import warm_up
from inference.analysis.words.live import LiveWords
from inference.analysis.words.streaming import StreamedWords
from inference.audio.bleed.backings import Backings
from inference.errors import (
    AudioFormatError,
    InferenceError,
    JobFailedError,
    ModelMissingError,
    OverloadedError,
    RequestError,
    SongError,
    TakeDamagedError,
    TakeError,
    TakeMissingError,
)
from inference.jobs.closing import MediaCloser
from inference.jobs.durable import DurableJobs, JobSettings
from inference.jobs.engine import JobEngine
from inference.jobs.stages import Bench
from inference.jobs.takes import TakeStore, check_own_take, check_session_id
from inference.jobs.telling import Telling
from inference.models.card import FinalAfter
from inference.models.estimators import build_estimator
from inference.service.config import Settings
from inference.service.following import follow_events
from inference.service.jury_tiers import jury_tiers
from inference.service.separator import build_separator
from inference.service.tester import TesterServicer
from inference.service.tester_requests import check_route_latency
from inference.service.words import WordSettings, word_tools

logger = logging.getLogger(__name__)

PITCH_THREADS = min(2, os.cpu_count() or 1)  # a 40 s take in 1.5 s instead of 2.6 s; live singers go first all the same
TESTERS = 1  # files judged at a time beside the jobs
MAX_ATTEMPT = 1000
STATUS_BY_ERROR: dict[type[InferenceError], grpc.StatusCode] = {
    AudioFormatError: grpc.StatusCode.INVALID_ARGUMENT,
    SongError: grpc.StatusCode.INVALID_ARGUMENT,
    RequestError: grpc.StatusCode.INVALID_ARGUMENT,
    TakeMissingError: grpc.StatusCode.NOT_FOUND,
    TakeError: grpc.StatusCode.FAILED_PRECONDITION,
    TakeDamagedError: grpc.StatusCode.DATA_LOSS,
    ModelMissingError: grpc.StatusCode.FAILED_PRECONDITION,
    JobFailedError: grpc.StatusCode.FAILED_PRECONDITION,
    OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    InferenceError: grpc.StatusCode.FAILED_PRECONDITION,  # the job has failed: asking again changes nothing
}


async def refuse(context: "grpc.aio.ServicerContext[Any, Any]", error: InferenceError) -> NoReturn:
    """Ends the call with the status of the error."""
    await context.abort(STATUS_BY_ERROR.get(type(error), grpc.StatusCode.INTERNAL), str(error))
    raise AssertionError("abort returns never")


class AnalysisServicer(analysis_pb2_grpc.AnalysisServiceServicer):
    """`takes` are where the jobs leave what they find; without `followers` nothing is done before a take is over."""

    def __init__(self, jobs: JobEngine, takes: TakeStore, followers: Followers | None = None) -> None:
        self._jobs = jobs
        self._takes = takes
        self._followers = followers

    async def Judge(
        self, request: analysis_pb2.JudgeRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[analysis_pb2.JudgeEvent]:
        try:
            _check(request)
            if known := await asyncio.to_thread(self._verdict, request.session_id):
                for event in known:
                    yield event
                return
            job_id = await self._jobs.submit(request)
            queued = analysis_pb2.JudgeProgress(stage=analysis_pb2.JUDGE_STAGE_QUEUED)
            yield analysis_pb2.JudgeEvent(progress=queued)
            async for event in self._jobs.follow(job_id):
                yield event
        except InferenceError as error:
            logger.info("judging session %s failed: %s", request.session_id[:128], error)
            await refuse(context, error)

    async def Follow(
        self, request: analysis_pb2.FollowRequest, context: "grpc.aio.ServicerContext[Any, Any]"
    ) -> AsyncIterator[analysis_pb2.FollowEvent]:
        if self._followers is None:
            await context.abort(grpc.StatusCode.UNIMPLEMENTED, "takes are not followed here")
        try:
            async for event in follow_events(self._followers, request):
                yield event
        except InferenceError as error:
            await refuse(context, error)

    def _verdict(self, session_id: str) -> list[analysis_pb2.JudgeEvent]:
        """A take is judged once, whatever is asked afterwards."""
        has_verdict = self._takes.verdict(session_id) is not None
        return Telling(self._takes, session_id).end() if has_verdict else []


def _check(request: analysis_pb2.JudgeRequest) -> None:
    """Raises RequestError."""
    check_session_id(request.session_id)
    if request.take_key:
        check_own_take(request.take_key, request.session_id)
    if request.attempt > MAX_ATTEMPT:
        raise RequestError(f"attempt must be at most {MAX_ATTEMPT}")
    if request.HasField("route_latency_s"):
        check_route_latency(request.route_latency_s)


def judge_tools(settings: Settings) -> JudgeTools:
    """The models that the settings name, warm: a second of work. Raises ModelMissingError without a pitch network."""
    words, no_words = word_tools(settings, WordSettings())
    separation = Separation(settings.take_separation, Backings(settings.songs), build_separator(settings))
    tools = JudgeTools(
        build_estimator(settings.final_pitch, PITCH_THREADS, FinalAfter(settings.card_lock)),
        words,
        no_words,
        separation,
    )
    warm_up(tools)
    return tools


@asynccontextmanager
async def analysis(server: grpc.aio.Server, settings: Settings, tools: JudgeTools) -> AsyncIterator[None]:
    """Adds AnalysisService and TesterService to a server that runs on this event loop, and works on the jobs."""
    takes = TakeStore(settings.takes_url)
    async with AsyncExitStack() as stack:
        followers = _followers(settings, tools, stack)
        known = followers.known if followers is not None else None
        bench = Bench(takes, tools, _closer(settings, stack), tiers=jury_tiers(settings), known=known)
        jobs = DurableJobs(JobSettings(settings.jobs_store, settings.queues, settings.job_lease_s), bench)
        await jobs.open()
        stack.push_async_callback(jobs.close)
        analysis_pb2_grpc.add_AnalysisServiceServicer_to_server(AnalysisServicer(jobs, takes, followers), server)
        workers = ThreadPoolExecutor(TESTERS, thread_name_prefix="tester")
        tester_pb2_grpc.add_TesterServiceServicer_to_server(TesterServicer(tools, workers, refuse), server)
        yield


def _followers(settings: Settings, tools: JudgeTools, stack: AsyncExitStack) -> Followers | None:
    if not settings.follow_takes:
        return None
    words = LiveWords(tools.words.recogniser, tools.estimator, tools.words.originals) if tools.words else None
    if words is not None:
        words.warm_up()
    streamed = StreamedWords(tools.words.recogniser, tools.estimator) if tools.words else None
    most, final = settings.follow_takes, FinalAfter(settings.card_lock)
    followers = Followers(settings.takes_url, tools.estimator, most, tools.separation, words, streamed, final)
    stack.push_async_callback(asyncio.to_thread, followers.stop)
    return followers


def _closer(settings: Settings, stack: AsyncExitStack) -> MediaCloser | None:
    if not settings.media_url:
        return None
    channel = client_channel(settings.media_url)
    stack.push_async_callback(channel.close)
    secret = settings.secret.get_secret_value()
    return MediaCloser(channel, secret, settings.close_patience_s, asyncio.get_running_loop())
