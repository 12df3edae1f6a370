"""The same singing by each way of tracking it: ours live and afterwards, each estimator alone, torchcrepe.predict."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np

from inference.audio.framing import centred_windows
from inference.domain.track import Floats, PitchTrack
from inference.live.file_track import live_track
from inference.live.window_ring import HOP_S as LIVE_HOP_S
from inference.models.estimator import SAMPLE_RATE_HZ, WINDOW_SAMPLES, FramePitches, PitchEstimator, Windows
from inference.models.estimators import build_estimator
from inference.models.live_choice import build_live_estimator
from inference.models.tracking import TakeFrames, estimate_frames, followed, voiced_track
from inference.models.voicing import is_voiced
from tests.bench.accuracy_set import Sung
from tests.bench.scores import MelodyScore, mean_score, melody_score, with_guesses
from tests.bench.stock_crepe import stock_track

HOP_S = 0.010
LIVE, FINAL, STOCK, STOCK_ONE_HOP = "live", "final", "predict", "predict, hop by hop"
ALONE: dict[Literal["tiny", "swift-f0"], str] = {"tiny": "CREPE tiny alone", "swift-f0": "SwiftF0 alone"}


live_estimator = cache(build_live_estimator)  # it probes the machine


class Remembering:
    """A PitchEstimator that keeps what it said: the live judge drops the pitch of unvoiced frames."""

    def __init__(self, estimator: PitchEstimator) -> None:
        self.name = estimator.name
        self.f0_hz: list[float] = []
        self._estimator = estimator

    def estimate(self, windows: Windows) -> FramePitches:
        pitches = self._estimator.estimate(windows)
        self.f0_hz += pitches.f0_hz.tolist()
        return pitches


@dataclass(frozen=True, slots=True)
class Heard:
    """One recording by every way."""

    sung: Sung
    scores: dict[str, MelodyScore]  # by way
    live: PitchTrack
    final: PitchTrack


def heard(sung: Sung) -> Heard:
    """Live through the engine, afterwards as the final pass does, by each estimator alone, and by the baseline."""
    live, guessed_hz = _live(sung)
    final_frames, final = _take(sung, build_estimator("auto"))
    scores = {
        LIVE: melody_score(*_truth_at(sung, live.times_s), live.times_s, with_guesses(guessed_hz, live.f0_hz > 0)),
        FINAL: _take_score(sung, final_frames, build_estimator("auto")),
    }
    for name, way in ALONE.items():
        alone = build_estimator(name)
        scores[way] = _take_score(sung, _take(sung, alone)[0], alone)
    return Heard(sung, scores | _stock_scores(sung), live, final)


def _live(sung: Sung) -> tuple[PitchTrack, Floats]:
    """The track, and the pitch of its unvoiced frames too."""
    estimator = Remembering(live_estimator())
    track = live_track(sung.samples, estimator)
    looked = track.periodicity > 0
    guessed_hz = np.zeros(len(track.f0_hz))
    guessed_hz[looked] = estimator.f0_hz
    windows = centred_windows(sung.samples, WINDOW_SAMPLES, round(track.hop_s * SAMPLE_RATE_HZ))[: len(looked)]
    guessed_hz[~looked] = live_estimator().estimate(windows[~looked]).f0_hz
    return track, np.where(track.f0_hz > 0, track.f0_hz, guessed_hz)


def _truth_at(sung: Sung, times_s: Floats) -> tuple[Floats, Floats]:
    """Live frames are 20 ms apart; where the truth is known at those very times, only these count."""
    every = round(LIVE_HOP_S / (sung.times_s[1] - sung.times_s[0]), 6)
    if every != int(every):
        return sung.times_s, sung.f0_hz
    return sung.times_s[:: int(every)], sung.f0_hz[:: int(every)]


def _take(sung: Sung, estimator: PitchEstimator) -> tuple[TakeFrames, PitchTrack]:
    everything = np.ones(len(sung.samples), np.bool_)
    frames = estimate_frames(sung.samples, everything, estimator, HOP_S)
    return frames, voiced_track(frames, estimator.name, HOP_S)


def _take_score(sung: Sung, frames: TakeFrames, estimator: PitchEstimator) -> MelodyScore:
    """Where the level gate was closed, the guess is what the estimator says of all frames."""
    closed = frames.f0_hz == 0
    hop_samples = round(HOP_S * SAMPLE_RATE_HZ)
    everywhere = followed(estimator, sung.samples, hop_samples, np.ones(len(closed), np.bool_))
    guessed_hz = np.where(closed, everywhere.f0_hz, frames.f0_hz)
    times_s = HOP_S * np.arange(len(closed), dtype=np.float64)
    return melody_score(sung.times_s, sung.f0_hz, times_s, with_guesses(guessed_hz, is_voiced(frames.periodicity)))


def _stock_scores(sung: Sung) -> dict[str, MelodyScore]:
    """Hop by hop, it has the hop of our live pitch."""
    stock = stock_track(sung.samples)
    found = with_guesses(stock.viterbi_hz, stock.voiced)
    every = round(LIVE_HOP_S / HOP_S)
    live_s = stock.times_s[::every]
    one_hops = [with_guesses(f0_hz, stock.one_hop_voiced)[::every] for f0_hz in stock.one_hop_hz]
    return {
        STOCK: melody_score(sung.times_s, sung.f0_hz, stock.times_s, found),
        STOCK_ONE_HOP: mean_score([melody_score(*_truth_at(sung, live_s), live_s, one_hop) for one_hop in one_hops]),
    }
