"""A take laid on its reference, for those who want the alignment and no points."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.domain.contour import GRID_FIRST_S
from inference.domain.evidence import TakeEvidence, take_evidence
from inference.domain.pitch_score import path_cost_semitones
from inference.domain.reference import Written
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats, PitchTrack


@dataclass(frozen=True, slots=True)
class OnsetMatch:
    """A written onset and the sung one that was matched with it."""

    phrase: int
    note: int  # index inside the phrase
    written_s: float
    sung_s: float | None  # on the reference's time, after latency and clock; None: not sung
    credit: float  # 0..1


@dataclass(frozen=True, slots=True)
class AlignedTake:
    """Key, latency and clock of one take, its path and its onsets."""

    key_semitones: float  # positive: sung higher than written
    latency_s: float  # positive: sung later than written
    clock_drift_ppm: float  # positive: the take runs slow
    hop_s: float
    first_s: float  # song second of path_frames[0]
    path_frames: NDArray[np.int64]  # per written frame: hops from it to the sung frame matched with it
    cost_semitones: float  # mean cost of a step of the path
    onsets: tuple[OnsetMatch, ...]


def align_take(song: Written, track: PitchTrack, song_s: Floats, rules: ScoringRules) -> AlignedTake:
    """song_s: the song second of each frame of the track, NaN where the song did not play."""
    evidence = take_evidence(song, track, song_s, rules)
    return AlignedTake(
        key_semitones=evidence.sung.placement.key_semitones,
        latency_s=evidence.latency_s,
        clock_drift_ppm=evidence.clock_drift_ppm,
        hop_s=rules.hop_s,
        first_s=GRID_FIRST_S,
        path_frames=_offsets(evidence),
        cost_semitones=path_cost_semitones(evidence.written, evidence.sung, rules),
        onsets=tuple(_matches(evidence)),
    )


def _offsets(evidence: TakeEvidence) -> NDArray[np.int64]:
    """For each written frame the mean of what lies on it, rounded to a hop."""
    on, at = evidence.sung.path[:, 0], evidence.sung.path[:, 1]
    frames = len(evidence.written.midi)
    steps = np.maximum(np.bincount(on, minlength=frames), 1)
    return np.round(np.bincount(on, at - on, frames) / steps).astype(np.int64)


def _matches(evidence: TakeEvidence) -> list[OnsetMatch]:
    onsets = evidence.onsets
    return [
        OnsetMatch(slot.phrase, slot.index, slot.note.onset_s, None if math.isnan(at_s) else at_s, credit)
        for slot, at_s, credit in zip(evidence.slots, onsets.at_s.tolist(), onsets.credit.tolist(), strict=True)
    ]
