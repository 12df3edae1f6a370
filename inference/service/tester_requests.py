"""What a tester may ask: every field is checked here, and what is wrong is named."""

import math
from functools import cache

from voicejury.v1 import live_pb2, song_pb2, tester_pb2

from inference.analysis.judging import rules_of
from inference.analysis.jury.panel import LANGUAGES
from inference.analysis.references import solo_song
from inference.audio.files import load_mono_16k
from inference.audio.framing import Samples
from inference.domain.rules import ScoringRules
from inference.errors import AudioFormatError, RequestError
from inference.models.estimator import PitchEstimator
from inference.models.estimators import EstimatorName, build_estimator
from inference.models.live_choice import build_live_estimator

MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_SECONDS = 600.0  # of one file: a song, not a concert
MAX_HEARD_BYTES = 64 * 1024
MAX_ROUTE_LATENCY_S = 2.0  # the slowest Bluetooth route stays below half a second
MODELS: dict[str, EstimatorName] = {"tiny": "tiny", "full": "full", "swift-f0": "swift-f0"}
KEYS_FREE = {
    tester_pb2.KEY_MODE_LEVEL: None,
    tester_pb2.KEY_MODE_FREE: True,
    tester_pb2.KEY_MODE_FIXED: False,
}

Against = tester_pb2.ScoreTakeRequest | tester_pb2.AlignRequest


@cache
def live_estimator() -> PitchEstimator:
    """The one that the live judge of this machine would choose: a second of measuring, once."""
    return build_live_estimator()


def estimator_of(model: str, default: PitchEstimator | None = None) -> PitchEstimator:
    """Raises RequestError, and ModelMissingError for a model that is not installed here."""
    if not model and default is not None:
        return default
    if model and model not in MODELS:
        raise RequestError(f"model: {model[:40]!r} is none of {', '.join(MODELS)}")
    return build_estimator(MODELS[model or "tiny"])


def rules_for_request(request: Against) -> ScoringRules:
    """Raises RequestError."""
    if request.level not in live_pb2.Level.values():
        raise RequestError(f"level: {request.level} is none of {', '.join(live_pb2.Level.keys())}")
    if request.key not in KEYS_FREE:
        raise RequestError(f"key: {request.key} is none of {', '.join(tester_pb2.KeyMode.keys())}")
    return rules_of(request.level, KEYS_FREE[request.key])


def check_score_request(request: tester_pb2.ScoreTakeRequest) -> None:
    """What only ScoreTake has. Raises RequestError."""
    if request.language and request.language not in LANGUAGES:
        raise RequestError(f"language: {request.language[:40]!r} is none of {', '.join(LANGUAGES)}")
    if len(request.heard.encode()) > MAX_HEARD_BYTES:
        raise RequestError(f"heard: longer than {MAX_HEARD_BYTES >> 10} KiB")
    if request.HasField("route_latency_s"):
        check_route_latency(request.route_latency_s)


def check_route_latency(route_latency_s: float) -> None:
    """Raises RequestError."""
    if not (math.isfinite(route_latency_s) and 0.0 <= route_latency_s <= MAX_ROUTE_LATENCY_S):
        raise RequestError(f"route_latency_s: {route_latency_s} is not from 0 to {MAX_ROUTE_LATENCY_S:g} s")


def samples_of(field: str, file: bytes) -> Samples:
    """The sound in the named field. Raises RequestError, AudioFormatError."""
    if not 0 < len(file) <= MAX_FILE_BYTES:
        raise RequestError(f"{field}: a sound file of 1 byte to {MAX_FILE_BYTES >> 20} MiB is needed")
    try:
        return load_mono_16k(file, MAX_SECONDS)
    except AudioFormatError as error:
        raise AudioFormatError(f"{field}: {error}") from error


def reference_of(request: Against, estimator: PitchEstimator) -> song_pb2.Song:
    """The song, or the solo voice as one. Raises RequestError, AudioFormatError."""
    if request.WhichOneof("against") is None:
        raise RequestError("against: a song or a reference_audio_file is needed")
    if request.HasField("reference_audio_file"):
        return solo_song(samples_of("reference_audio_file", request.reference_audio_file), estimator, "reference")
    return request.song
