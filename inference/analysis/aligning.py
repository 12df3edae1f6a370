"""Where a take lies on its reference: key, latency, path and onsets, without points."""

import numpy as np
from voicejury.v1 import song_pb2, tester_pb2

from inference.analysis.judging import Sung, read_reference, sung_pitch
from inference.domain.alignment import Indices, banded_path
from inference.domain.cents import fold
from inference.domain.contour import GRID_FIRST_S
from inference.domain.rules import RULES_VERSION, ScoringRules
from inference.domain.take_score import Heard, TakeScore, score_take
from inference.models.estimator import PitchEstimator

NO_WORDS = Heard("", "words are not aligned")


def align(sung: Sung, song: song_pb2.Song, estimator: PitchEstimator, rules: ScoringRules) -> tester_pb2.Alignment:
    """Raises SongError where there is nothing to sing against."""
    written = read_reference(song, rules)
    track, song_s = sung_pitch(sung, estimator, rules)
    score = score_take(written, track, song_s, NO_WORDS, rules)
    path = _path(score, rules)
    return tester_pb2.Alignment(
        key_shift_semitones=score.sung.placement.key_semitones,
        latency_s=score.latency_s,
        hop_s=rules.hop_s,
        first_s=GRID_FIRST_S,
        path_frames=_offsets(path, len(score.written.midi)),
        cost_semitones=_mean_cost(path, score, rules),
        onsets=_onsets(score),
        estimator=track.estimator,
        rules_version=RULES_VERSION,
    )


def _path(score: TakeScore, rules: ScoringRules) -> Indices:
    """The cheapest one, after key and latency."""
    sung = score.sung.sung
    return banded_path(
        score.written.midi,
        sung.midi,
        sung.measured,
        score.written.free,
        round(rules.dtw_band_s / rules.hop_s),
        rules.dtw_step_cost,
        rules.distance_cap_semitones,
        rules.voicing_cost_semitones,
    )


def _offsets(path: Indices, frames: int) -> list[int]:
    """For each written frame the mean of what lies on it, in hops."""
    on, at = path[:, 0], path[:, 1]
    steps = np.maximum(np.bincount(on, minlength=frames), 1)
    offsets: list[int] = np.round(np.bincount(on, at - on, frames) / steps).astype(int).tolist()
    return offsets


def _mean_cost(path: Indices, score: TakeScore, rules: ScoringRules) -> float:
    """Of the distances along the path, in semitones; where nothing was received or nothing is written it is 0."""
    on, at = path[:, 0], path[:, 1]
    written, sung = score.written.midi[on], score.sung.sung.midi[at]
    apart = np.abs(fold(np.nan_to_num(sung) - np.nan_to_num(written)))
    cost = np.minimum(apart, rules.distance_cap_semitones)
    silent = np.isnan(written) & np.isnan(sung)
    cost = np.where(np.isnan(written) ^ np.isnan(sung), rules.voicing_cost_semitones, np.where(silent, 0.0, cost))
    counted = score.sung.sung.measured[at] & ~score.written.free[on]
    return float(np.where(counted, cost, 0.0).mean()) if len(path) else 0.0


def _onsets(score: TakeScore) -> list[tester_pb2.OnsetMatch]:
    matched = []
    for number, slot in enumerate(score.slots):
        place = int(score.onsets.match[number])
        matched.append(
            tester_pb2.OnsetMatch(
                phrase=slot.phrase,
                note=slot.index,
                written_s=slot.note.onset_s,
                sung_s=float(score.onsets.sung_s[place]) if place >= 0 else None,
                credit=float(score.onsets.credit[number]),
            )
        )
    return matched
