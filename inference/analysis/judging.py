"""From a take and a song to a verdict."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from voicejury.v1 import analysis_pb2, song_pb2, verdict_pb2

from inference.analysis.live_difference import why_live_differs
from inference.analysis.references import read_reference
from inference.analysis.technique_message import add_technique
from inference.analysis.verdict import verdict_message
from inference.audio.take import Take
from inference.domain.melody import Melody
from inference.domain.rules import Level, ScoringRules, rules_for
from inference.domain.take_score import Heard, Written, score_take
from inference.domain.technique import take_technique
from inference.domain.track import Flags, Floats, PitchTrack
from inference.errors import ModelMissingError
from inference.models.estimator import PitchEstimator
from inference.models.tracking import track_pitch

SAMPLE_RATE_HZ = 16_000
# Where each stage begins and ends in the whole; pitch is nearly all of the work.
PITCH_SPAN = (0.05, 0.75)
WORDS_SPAN = (0.75, 0.92)
SCORE_AT = 0.92
LEAST_VOICED_S = 0.3  # of a line: on less a recogniser invents words
OnProgress = Callable[[int, float], None]
Samples = NDArray[np.float32]


def no_progress(_stage: int, _fraction: float) -> None:
    """For who does not ask."""


class WordRecogniser(Protocol):
    """Hears words in singing; never told what to hear."""

    def hear(self, samples: Samples, language: str, spans_s: list[tuple[float, float]]) -> str:
        """The words in the given spans of the take, in order; `spans_s` are seconds of the samples."""
        ...


@dataclass(frozen=True, slots=True)
class Sung:
    """The sound of one take and where in the song it stands."""

    samples: Samples  # 16 kHz, -1..1
    measured: Flags  # per sample
    song_seconds: Callable[[NDArray[np.int64]], Floats]
    session_id: str = ""
    live_pitch: float | None = None  # 0..100

    @property
    def digest(self) -> bytes:
        """Tells two takes apart, however alike they are."""
        return hashlib.sha256(np.ascontiguousarray(self.samples).data).digest()


@dataclass(frozen=True, slots=True)
class JudgeTools:
    """The models of one judge."""

    estimator: PitchEstimator
    recogniser: WordRecogniser | None
    no_recogniser: str  # why there is none


def sung_take(take: Take) -> Sung:
    return Sung(take.samples, take.measured, take.song_seconds, take.session_id, take.live_pitch)


def sung_file(samples: Samples) -> Sung:
    """A file that begins with the song."""
    return Sung(samples, np.ones(len(samples), dtype=np.bool_), lambda positions: positions / SAMPLE_RATE_HZ)


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
    track, song_s = sung_pitch(sung, tools.estimator, rules, on_progress)
    words = _words(sung, written, track, tools, on_progress, heard)
    on_progress(analysis_pb2.JUDGE_STAGE_SCORE, SCORE_AT)
    score = score_take(written, track, song_s, words, rules, route_latency_s)
    verdict = verdict_message(score, rules)
    add_technique(verdict, score.slots, take_technique(score, track, song_s, rules))
    verdict.estimator = track.estimator
    verdict.session_id = sung.session_id
    verdict.song_id = song.id
    if sung.live_pitch is not None:
        verdict.live_pitch = sung.live_pitch
        _explain_live(verdict, score.melody, song_s, rules)
    verdict.duration_s = len(sung.samples) / SAMPLE_RATE_HZ
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
    sung: Sung, estimator: PitchEstimator, rules: ScoringRules, on_progress: OnProgress = no_progress
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
    )
    positions = np.round(track.times_s * SAMPLE_RATE_HZ).astype(np.int64)
    return track, sung.song_seconds(positions)


def _words(
    sung: Sung,
    written: Written,
    track: PitchTrack,
    tools: JudgeTools,
    on_progress: OnProgress,
    transcript: str | None,
) -> Heard:
    if transcript is None and tools.recogniser is None:
        return Heard("", tools.no_recogniser)
    if not written.lyrics.words:
        return Heard("", "the song has no lyrics")
    on_progress(analysis_pb2.JUDGE_STAGE_WORDS, WORDS_SPAN[0])
    spans = [span for span in _line_spans(sung, written) if _voiced_s(track, span) >= LEAST_VOICED_S]
    if transcript is not None or tools.recogniser is None:
        return Heard(transcript or "" if spans else "", "")  # without a voice no words are sung, whoever wrote them
    try:
        return Heard(tools.recogniser.hear(sung.samples, written.lyrics.language, spans), "")
    except ModelMissingError as error:
        return Heard("", str(error))


def _voiced_s(track: PitchTrack, span_s: tuple[float, float]) -> float:
    start, end = (round((edge_s - track.first_s) / track.hop_s) for edge_s in span_s)
    return float((track.f0_hz[max(0, start) : max(0, end)] > 0).sum()) * track.hop_s


def _line_spans(sung: Sung, written: Written) -> list[tuple[float, float]]:
    """Where in the take each line is expected, in seconds of its samples; lines that never played are left out."""
    hop = SAMPLE_RATE_HZ // 50
    positions = np.arange(0, len(sung.samples), hop, dtype=np.int64)
    song_s = sung.song_seconds(positions)
    spans = []
    for phrase in written.melody.phrases:
        inside = positions[(song_s >= phrase.onset_s) & (song_s < phrase.offset_s)]
        if len(inside):
            spans.append((float(inside[0]) / SAMPLE_RATE_HZ, float(inside[-1]) / SAMPLE_RATE_HZ))
    return sorted(spans)
