"""What the stages of the judging find, as bytes for working files and back, bit for bit."""

import io

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter
from voicejury.v1 import verdict_pb2

from inference.analysis.sung import Samples
from inference.domain.take_score import Heard
from inference.domain.track import PitchTrack

_HEARD = TypeAdapter(Heard)
Arrays = dict[str, NDArray[np.generic]]


def track_bytes(track: PitchTrack) -> bytes:
    arrays: Arrays = {
        "grid": np.array([track.first_s, track.hop_s]),
        "f0_hz": track.f0_hz,
        "periodicity": track.periodicity,
        "measured": track.measured,
        "estimator": np.array(track.estimator),
    }
    if track.level_db is not None:
        arrays["level_db"] = track.level_db
    return _packed(arrays)


def read_track(data: bytes) -> PitchTrack:
    arrays = _unpacked(data)
    first_s, hop_s = arrays["grid"].tolist()
    return PitchTrack(
        first_s=first_s,
        hop_s=hop_s,
        f0_hz=arrays["f0_hz"].astype(np.float64),
        periodicity=arrays["periodicity"].astype(np.float64),
        measured=arrays["measured"].astype(np.bool_),
        estimator=str(arrays["estimator"]),
        level_db=arrays["level_db"].astype(np.float64) if "level_db" in arrays else None,
    )


def voice_bytes(samples: Samples | None, bleed: verdict_pb2.Bleed | None) -> bytes:
    """`samples` where they are not the take's own, `bleed` where somebody looked."""
    arrays: Arrays = {}
    if samples is not None:
        arrays["samples"] = samples
    if bleed is not None:
        arrays["bleed"] = np.frombuffer(bleed.SerializeToString(), np.uint8)
    return _packed(arrays)


def read_voice(data: bytes) -> tuple[Samples | None, verdict_pb2.Bleed | None]:
    arrays = _unpacked(data)
    samples = arrays["samples"].astype(np.float32, copy=False) if "samples" in arrays else None
    bleed = verdict_pb2.Bleed.FromString(arrays["bleed"].tobytes()) if "bleed" in arrays else None
    return samples, bleed


def heard_bytes(heard: Heard) -> bytes:
    return _HEARD.dump_json(heard)


def read_heard(data: bytes) -> Heard:
    return _HEARD.validate_json(data)


def _packed(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _unpacked(data: bytes) -> Arrays:
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return dict(archive)
