"""TesterService: files in; pitch, an alignment or a verdict out. The commands of `voicejury` run the same functions."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import grpc
import numpy as np
from voicejury.v1 import song_pb2, tester_pb2, tester_pb2_grpc, verdict_pb2

from inference.analysis.aligning import align
from inference.analysis.judging import JudgeTools, judge, sung_file
from inference.analysis.jury.panel import jurors
from inference.analysis.references import contour_message
from inference.errors import InferenceError, OverloadedError, SongError
from inference.live.file_track import live_track
from inference.models.tracking import track_pitch
from inference.service.tester_requests import (
    Against,
    check_score_request,
    estimator_of,
    live_estimator,
    reference_of,
    rules_for_request,
    samples_of,
)

MAX_WAITING = 8

Answer = TypeVar("Answer")
Context = grpc.aio.ServicerContext[Any, Any]


class TesterServicer(tester_pb2_grpc.TesterServiceServicer):
    """`workers` runs what takes long; `refuse` ends a call with the status of an error."""

    def __init__(
        self,
        tools: JudgeTools,
        workers: ThreadPoolExecutor,
        refuse: Callable[[Context, InferenceError], Awaitable[None]],
    ) -> None:
        self._tools = tools
        self._workers = workers
        self._refuse = refuse
        self._waiting = 0

    async def TrackPitch(self, request: tester_pb2.TrackPitchRequest, context: Context) -> song_pb2.PitchTrack:
        return await self._answer(context, lambda: _track(request))

    async def ScoreTake(self, request: tester_pb2.ScoreTakeRequest, context: Context) -> verdict_pb2.Verdict:
        return await self._answer(context, lambda: _score(request, self._tools))

    async def Align(self, request: tester_pb2.AlignRequest, context: Context) -> tester_pb2.Alignment:
        return await self._answer(context, lambda: _align(request, self._tools))

    async def _answer(self, context: Context, work: Callable[[], Answer]) -> Answer:
        if self._waiting >= MAX_WAITING:
            await self._refuse(context, OverloadedError("too many files wait"))
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._workers, work)
        except InferenceError as error:
            await self._refuse(context, error)
            raise
        finally:
            self._waiting -= 1


def _track(request: tester_pb2.TrackPitchRequest) -> song_pb2.PitchTrack:
    estimator = estimator_of(request.model, live_estimator() if request.live else None)
    samples = samples_of("audio_file", request.audio_file)
    if request.live:
        return contour_message(live_track(samples, estimator))
    return contour_message(track_pitch(samples, np.ones(len(samples), dtype=np.bool_), estimator))


def _score(request: tester_pb2.ScoreTakeRequest, tools: JudgeTools) -> verdict_pb2.Verdict:
    check_score_request(request)
    rules = rules_for_request(request)
    tools = JudgeTools(estimator_of(request.model, tools.estimator), tools.words, tools.no_words)
    sung = sung_file(samples_of("audio_file", request.audio_file))
    song = reference_of(request, tools.estimator)
    heard = request.heard if request.HasField("heard") else None
    route_latency_s = request.route_latency_s if request.HasField("route_latency_s") else None
    with _field_named(request):
        verdict = judge(sung, song, tools, rules, heard=heard, route_latency_s=route_latency_s)
    verdict.jury.extend(jurors(verdict, request.language, sung.digest))
    return verdict


def _align(request: tester_pb2.AlignRequest, tools: JudgeTools) -> tester_pb2.Alignment:
    rules = rules_for_request(request)
    estimator = estimator_of(request.model, tools.estimator)
    sung = sung_file(samples_of("audio_file", request.audio_file))
    song = reference_of(request, estimator)
    with _field_named(request):
        return align(sung, song, estimator, rules)


@contextmanager
def _field_named(request: Against) -> Iterator[None]:
    """Nothing can be sung against this field. Raises SongError."""
    try:
        yield
    except SongError as error:
        raise SongError(f"{request.WhichOneof('against')}: {error}") from error
