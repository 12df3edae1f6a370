"""From a take and a song to a verdict, stage by stage; each stage's result is a value that can be kept.

The stages: `separate` (separating.py), `pitch`, `hear_words` (words_heard.py), `score`, and the jury (jury/panel.py).
`judge` runs them in one go; the durable job runs one step for each.
"""

from dataclasses import dataclass, replace

import numpy as np
from voicejury.v1 import analysis_pb2, song_pb2, verdict_pb2

from inference.analysis.live_difference import why_live_differs
from inference.analysis.references import read_reference
from inference.analysis.separating import Separated, Separation, separate, trust_in
from inference.analysis.sung import (
    SAMPLE_RATE_HZ,
    OnProgress,
    Samples,
    Sung,
    no_progress,
    sung_file,
    sung_take,
)
from inference.analysis.technique_message import add_technique
from inference.analysis.verdict import verdict_message
from inference.analysis.words_heard import WordTools, hear_words
from inference.domain.melody import Melody
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.take_score import Heard, Written, score_take
from inference.domain.technique import take_technique
from inference.domain.track import Floats, PitchTrack
from inference.models.estimator import PitchEstimator
from inference.models.growing import Known
from inference.models.tracking import track_pitch

__all__ = [
    "SAMPLE_RATE_HZ",
    "JudgeTools",
    "OnProgress",
    "Pitched",
    "Samples",
    "Separated",
    "Sung",
    "WordTools",
    "judge",
    "no_progress",
    "pitch",
    "rules_of",
    "score",
    "sung_file",
    "sung_pitch",
    "sung_take",
]

# Where pitch begins and ends in the whole, of which it is nearly all of the work.
PITCH_SPAN = (0.05, 0.75)
SCORE_AT = 0.92


@dataclass(frozen=True, slots=True)
class JudgeTools:
    """The models of one judge."""

    estimator: PitchEstimator
    words: WordTools | None
    no_words: str  # why there are none
    separation: Separation | None = None  # None: nobody looks for a backing in the take


@dataclass(frozen=True, slots=True)
class Pitched:
    """The second stage's result."""

    track: PitchTrack
    song_s: Floats  # song second of each frame, NaN where the song did not play


def judge(
    sung: Sung,
    song: song_pb2.Song,
    tools: JudgeTools,
    rules: ScoringRules,
    on_progress: OnProgress = no_progress,
    heard: str | None = None,
    route_latency_s: float | None = None,
) -> verdict_pb2.Verdict:
    """The verdict without its jury.

    `heard` is a transcript in place of the recogniser; with a calibrated `route_latency_s` lateness can cost rhythm.

    Raises SongError where there is nothing to sing against.
    """
    written = read_reference(song, rules)
    separated = separate(sung, song, on_progress, tools.separation)
    pitched = pitch(separated.voice, tools.estimator, rules, on_progress)
    words = hear_words(separated.voice, song, written, pitched.track, tools.words, tools.no_words, on_progress, heard)
    on_progress(analysis_pb2.JUDGE_STAGE_SCORE, SCORE_AT)
    return score(separated, pitched, words, song, written, rules, route_latency_s)


def pitch(
    voice: Sung,
    estimator: PitchEstimator,
    rules: ScoringRules,
    on_progress: OnProgress = no_progress,
    known: Known | None = None,
) -> Pitched:
    """What is `known` of the same sound is not done again."""
    return Pitched(*sung_pitch(voice, estimator, rules, on_progress, known))


def score(
    separated: Separated,
    pitched: Pitched,
    words: Heard,
    song: song_pb2.Song,
    written: Written,
    rules: ScoringRules,
    route_latency_s: float | None = None,
) -> verdict_pb2.Verdict:
    """The verdict without its jury, from what the stages before found."""
    sung, track, song_s = separated.voice, pitched.track, pitched.song_s
    scored = score_take(written, track, song_s, words, rules, route_latency_s)
    verdict = verdict_message(scored, rules)
    add_technique(verdict, scored.slots, take_technique(scored, track, song_s, rules))
    verdict.estimator = track.estimator
    verdict.session_id = sung.session_id
    verdict.song_id = song.id
    if separated.bleed is not None:
        verdict.bleed.CopyFrom(separated.bleed)
        verdict.confidence *= trust_in(separated.bleed)
    if sung.live_pitch is not None:
        verdict.live_pitch = sung.live_pitch
        _explain_live(verdict, scored.melody, song_s, rules)
    verdict.duration_s = len(sung.samples) / SAMPLE_RATE_HZ
    verdict.filled_s = sung.filled_s
    return verdict


def _explain_live(verdict: verdict_pb2.Verdict, melody: Melody, song_s: Floats, rules: ScoringRules) -> None:
    sung_until_s = float(np.nanmax(song_s)) if np.isfinite(song_s).any() else 0.0
    song_end_s = max(phrase.offset_s for phrase in melody.phrases)
    reason = why_live_differs(verdict, sung_until_s, song_end_s, rules)
    if reason is not None:
        verdict.reasons["live"] = reason


def rules_of(level: int, key_free: bool | None = None) -> ScoringRules:
    """The rules of the contract's level; whether another key is free is the level's to say unless it is given."""
    rules = rules_for({1: Level.KIND, 2: Level.STRICT}.get(level, Level.NORMAL))
    return rules if key_free is None else replace(rules, key_free=key_free)


def sung_pitch(
    sung: Sung,
    estimator: PitchEstimator,
    rules: ScoringRules,
    on_progress: OnProgress = no_progress,
    known: Known | None = None,
) -> tuple[PitchTrack, Floats]:
    """The take's track, and the song second of each of its frames (NaN where the song did not play)."""
    start, end = PITCH_SPAN
    on_progress(analysis_pb2.JUDGE_STAGE_PITCH, start)
    track = track_pitch(
        sung.samples,
        sung.measured,
        estimator,
        rules.hop_s,
        lambda done: on_progress(analysis_pb2.JUDGE_STAGE_PITCH, start + (end - start) * done),
        known,
    )
    return track, track_seconds(sung, track)


def track_seconds(sung: Sung, track: PitchTrack) -> Floats:
    """The song second of each frame; NaN where the song did not play."""
    return sung.song_seconds(np.round(track.times_s * SAMPLE_RATE_HZ).astype(np.int64))
