"""Where a take lies on its reference: key, latency, clock, path and onsets, without points."""

from voicejury.v1 import song_pb2, tester_pb2

from inference.analysis.judging import Sung, sung_pitch
from inference.analysis.references import read_reference
from inference.domain.aligned_take import align_take
from inference.domain.rules import RULES_VERSION, ScoringRules
from inference.models.estimator import PitchEstimator


def align(sung: Sung, song: song_pb2.Song, estimator: PitchEstimator, rules: ScoringRules) -> tester_pb2.Alignment:
    """Raises SongError where there is nothing to sing against."""
    written = read_reference(song, rules)
    track, song_s = sung_pitch(sung, estimator, rules)
    found = align_take(written, track, song_s, rules)
    return tester_pb2.Alignment(
        key_shift_semitones=found.key_semitones,
        latency_s=found.latency_s,
        clock_drift_ppm=found.clock_drift_ppm,
        hop_s=found.hop_s,
        first_s=found.first_s,
        path_frames=found.path_frames.tolist(),
        cost_semitones=found.cost_semitones,
        onsets=[
            tester_pb2.OnsetMatch(
                phrase=onset.phrase,
                note=onset.note,
                written_s=onset.written_s,
                sung_s=onset.sung_s,
                credit=onset.credit,
            )
            for onset in found.onsets
        ],
        estimator=track.estimator,
        rules_version=RULES_VERSION,
    )
