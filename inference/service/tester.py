"""TesterService: files in, pitch or verdict out."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

import grpc
import numpy as np
from voicejury.v1 import song_pb2, tester_pb2, tester_pb2_grpc, verdict_pb2

from inference.analysis.aligning import align
from inference.analysis.judging import JudgeTools, contour_song, judge, rules_of, sung_file
from inference.analysis.jury.panel import jurors
from inference.audio.files import load_mono_16k
from inference.domain.track import PitchTrack
from inference.errors import InferenceError, OverloadedError, RequestError
from inference.models.estimator import PitchEstimator
from inference.models.estimators import EstimatorName, build_estimator
from inference.models.tracking import track_pitch

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_SECONDS = 600.0  # of one file: a song, not a concert
MAX_WAITING = 8
SAMPLE_RATE_HZ = 16_000
MODELS = ("tiny", "full")

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
    if request.model not in ("", *MODELS):
        raise RequestError(f"model must be one of {', '.join(MODELS)}")
    estimator = build_estimator(cast("EstimatorName", request.model or "tiny"))
    return contour_song(_file_track(request.audio_file, estimator), "").voices[0].reference.contour


def _score(request: tester_pb2.ScoreTakeRequest, tools: JudgeTools) -> verdict_pb2.Verdict:
    sung = sung_file(_samples(request.audio_file))
    song = _reference(request, tools.estimator)
    verdict = judge(sung, song, tools, rules_of(request.level), lambda _stage, _fraction: None)
    verdict.jury.extend(jurors(verdict, request.language, sung.digest))
    return verdict


def _align(request: tester_pb2.AlignRequest, tools: JudgeTools) -> tester_pb2.Alignment:
    sung = sung_file(_samples(request.audio_file))
    return align(sung, _reference(request, tools.estimator), tools.estimator, rules_of(request.level))


def _reference(
    request: tester_pb2.ScoreTakeRequest | tester_pb2.AlignRequest, estimator: PitchEstimator
) -> song_pb2.Song:
    if request.WhichOneof("against") is None:
        raise RequestError("a song or a reference_audio_file is needed")
    if request.HasField("reference_audio_file"):
        return contour_song(_file_track(request.reference_audio_file, estimator), "reference")
    return request.song


def _file_track(file: bytes, estimator: PitchEstimator) -> PitchTrack:
    samples = _samples(file)
    return track_pitch(samples, np.ones(len(samples), dtype=np.bool_), estimator)


def _samples(file: bytes) -> np.ndarray[Any, np.dtype[np.float32]]:
    if not 0 < len(file) <= MAX_FILE_BYTES:
        raise RequestError(f"an audio file of 1 byte to {MAX_FILE_BYTES >> 20} MiB is needed")
    samples = load_mono_16k(file)
    if len(samples) > MAX_SECONDS * SAMPLE_RATE_HZ:
        raise RequestError(f"the audio is longer than {MAX_SECONDS:.0f} s")
    return samples
