"""The first stage of the judging: the voice without the backing that a loudspeaker put into the microphone."""

import logging
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import soxr
from voicejury.v1 import analysis_pb2, song_pb2, verdict_pb2

from inference.analysis.cancelling import Cleaned, FollowedCanceller, FollowedCancellers, cleaned
from inference.analysis.sung import SAMPLE_RATE_HZ, OnProgress, Samples, Sung, no_progress
from inference.audio.bleed.backings import Backings, is_moved
from inference.audio.bleed.canceller import LEAST_BLEED_DB, Canceller
from inference.errors import InferenceError
from inference.models.separator import SEPARATION_RATE_HZ, Separator

Mode = Literal["auto", "always", "never"]
ALWAYS_DB = -60.0  # under the voice: with "always" no backing is too soft
LEFT_MUCH_DB = -12.0  # of the backing against the voice: more than that is heard as singing in the rests
TRUSTED_LEFT_DB, UNTRUSTED_LEFT_DB = -12.0, 3.0
LEAST_TRUST = 0.5
SPAN = (0.02, 0.05)  # of the whole

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Separated:
    """What the stages behind it hear as the voice, and what was done to get it."""

    voice: Sung
    bleed: verdict_pb2.Bleed | None  # None: nobody looked


class Separation:
    """What a process needs to take backings out of takes: while they are sung, where they are followed, and afterwards.

    As Filters it joins in where a take is followed.
    """

    def __init__(self, mode: Mode, backings: Backings, network: Separator | None = None) -> None:
        """`network` splits what cancelling leaves too loud, where it is installed."""
        self.mode = mode
        self.network = network
        self._backings = backings
        self._followed = FollowedCancellers()

    def filter_for(self, session_id: str, song: song_pb2.Song) -> FollowedCanceller | None:
        """None where there is nothing to take out."""
        if self.mode == "never" or is_moved(song) or not song.audio_key:
            return None
        return self._followed.add(session_id, lambda: self._canceller(song))

    def clean(self, sung: Sung, song: song_pb2.Song) -> Cleaned | None:
        """None where the song's sound is not here. What was done while it was sung is not done again."""
        assert sung.clock is not None
        followed = self._followed.take(sung.session_id)
        known = followed.finish(sung.samples, sung.measured, sung.clock) if followed is not None else None
        if known is not None:
            return known
        canceller = self._canceller(song)
        return cleaned(canceller, sung.samples, sung.measured, sung.clock) if canceller is not None else None

    def _canceller(self, song: song_pb2.Song) -> Canceller | None:
        backing = self._backings.of(song)
        return (
            Canceller(backing, ALWAYS_DB if self.mode == "always" else LEAST_BLEED_DB) if backing is not None else None
        )


def separate(
    sung: Sung, song: song_pb2.Song, on_progress: OnProgress = no_progress, separation: Separation | None = None
) -> Separated:
    """The voice is the take itself, sample for sample, where nothing is taken out of it."""
    if separation is None:
        return Separated(sung, None)
    reason = _why_not(sung, song, separation)
    if reason:
        return Separated(sung, verdict_pb2.Bleed(method="none", reason=reason))
    on_progress(analysis_pb2.JUDGE_STAGE_SEPARATE, SPAN[0])
    clean = separation.clean(sung, song)
    if clean is None:
        return Separated(sung, verdict_pb2.Bleed(method="none", reason="no-backing"))
    found = clean.found
    if not found.cancelled_segments:
        return Separated(sung, verdict_pb2.Bleed(method="none", bleed_db=found.bleed_db, reason="headphones"))
    is_left = found.left_db is not None and found.left_db > LEFT_MUCH_DB
    bleed = verdict_pb2.Bleed(method="cancelled", bleed_db=found.bleed_db, left_db=found.left_db, reason="heard")
    voice = replace(sung, samples=clean.samples)
    if not (is_left or separation.mode == "always"):
        return Separated(voice, bleed)
    bleed.reason = "left" if is_left else "heard"
    if separation.network is None or separation.network.missing():
        return Separated(voice, bleed)
    try:
        split = _voice_of(clean.samples, separation.network, on_progress)
    except (InferenceError, RuntimeError, OSError) as error:  # damaged weights, a card without room
        logger.error("a take cannot be split, so it is judged as it was cancelled: %s", type(error).__name__)
        return Separated(voice, bleed)
    bleed.method = "separated"
    bleed.ClearField("left_db")  # nothing measures what a network leaves
    return Separated(replace(sung, samples=split), bleed)


def trust_in(bleed: verdict_pb2.Bleed | None) -> float:
    """0..1, a factor of the verdict's confidence: less where much of the backing is left beside the voice."""
    if bleed is None or not bleed.HasField("left_db"):
        return 1.0
    share = (bleed.left_db - TRUSTED_LEFT_DB) / (UNTRUSTED_LEFT_DB - TRUSTED_LEFT_DB)
    return float(1.0 - (1.0 - LEAST_TRUST) * min(max(share, 0.0), 1.0))


def _why_not(sung: Sung, song: song_pb2.Song, separation: Separation) -> str:
    if separation.mode == "never":
        return "setting"
    if is_moved(song):
        return "moved-song"
    if sung.clock is None or not any(anchor.playing for anchor in sung.clock.anchors):
        return "no-clock"
    return ""


def _voice_of(samples: Samples, network: Separator, on_progress: OnProgress) -> Samples:
    """What a network that splits songs takes for the voice."""
    wide = soxr.resample(samples, SAMPLE_RATE_HZ, SEPARATION_RATE_HZ)
    start, end = SPAN
    split = network.split(
        np.stack([wide, wide]),
        lambda done: on_progress(analysis_pb2.JUDGE_STAGE_SEPARATE, start + (end - start) * done),
    )
    narrow = soxr.resample(split.vocals.mean(axis=0, dtype=np.float32), SEPARATION_RATE_HZ, SAMPLE_RATE_HZ)
    voice = np.zeros(len(samples), np.float32)
    voice[: len(narrow)] = narrow[: len(voice)]
    return np.clip(voice, -1.0, 1.0)
