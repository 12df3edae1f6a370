"""Points of pitch and rhythm by one level's tolerances.

Luck is worth less where less is forgiven, so that a take with good and missing notes could gain by being judged
strictly. The level *normal* is the measure: kind never gives less, strict never more.
"""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.cents import without_chance
from inference.domain.contour import grid_frames, written_contour
from inference.domain.evidence import TakeEvidence
from inference.domain.luck import chance_credits
from inference.domain.onset_evidence import onset_reach_s
from inference.domain.pitch_score import AlignedPitch, raw_credit, regraded, steady_share, without_speech
from inference.domain.reference import Written, end_s, note_slots, with_notes, written_onsets
from inference.domain.rhythm_score import MatchedOnsets, as_late, chance_onsets
from inference.domain.rules import Level, ScoringRules, at_level


@dataclass(frozen=True, slots=True)
class Chance:
    """Raw credit that luck earns, 0..1, by the level's own tolerances."""

    pitch: float
    rhythm: float


@dataclass(frozen=True, slots=True)
class Grade:
    """Points 0..100; None where a part could not be measured, with its reason."""

    pitch: float | None
    rhythm: float | None  # before the pitch bounds it
    chance: Chance
    reasons: dict[str, str]


def graded(evidence: TakeEvidence, late_s: float, rules: ScoringRules) -> Grade:
    """What the level gives for this alignment, which was made by the same rules."""
    levels = _levels(rules)
    bound = min if rules.level is Level.STRICT else max
    pitch_luck = chance_credits(evidence.written, levels)
    reach_s = evidence.heard.reach_s
    rhythm_luck = tuple(chance_onsets(evidence.written_onsets, level, reach_s) for level in levels)
    reasons = _unmeasured(evidence, rules)
    pitch = bound(
        _pitch(
            evidence, evidence.sung if level is rules else regraded(evidence.written, evidence.sung, level), luck, level
        )
        for luck, level in zip(pitch_luck, levels, strict=True)
    )
    rhythm = bound(
        _rhythm(evidence.onsets if level is rules else evidence.heard.matched(level), luck, late_s, level)
        for luck, level in zip(rhythm_luck, levels, strict=True)
    )
    return Grade(
        pitch=None if "pitch" in reasons else pitch,
        rhythm=None if "rhythm" in reasons else rhythm,
        chance=Chance(pitch_luck[0], rhythm_luck[0]),
        reasons=reasons,
    )


def learn_luck(song: Written, rules: ScoringRules) -> None:
    """Works out what luck earns on a song before a take is over: it is the song's, and kept."""
    song = with_notes(song, rules)
    written = written_contour(song.melody, song.contour, grid_frames(end_s(song), rules), rules)
    due, reach_s = written_onsets(note_slots(song.melody), rules), onset_reach_s(written, rules)
    for asked in {rules, replace(rules, key_free=True)}:
        levels = _levels(asked)
        chance_credits(written, levels)
        for level in levels:
            chance_onsets(due, level, reach_s)


def at_most(grade: Grade, bound: Grade) -> Grade:
    """The grade, but no more points than the bound has."""
    return replace(grade, pitch=_lesser(grade.pitch, bound.pitch), rhythm=_lesser(grade.rhythm, bound.rhythm))


def _levels(rules: ScoringRules) -> tuple[ScoringRules, ...]:
    return (rules,) if rules.level is Level.NORMAL else (rules, at_level(rules, Level.NORMAL))


def with_pitch(rhythm: float | None, pitch: float | None, rules: ScoringRules) -> float | None:
    """Rhythm counts only as far as it is sung: a speaker in time is no singer."""
    if rhythm is None or pitch is None:
        return rhythm
    return rhythm * min(1.0, pitch / rules.sung_for_rhythm)


def _lesser(points: float | None, bound: float | None) -> float | None:
    return points if points is None or bound is None else min(points, bound)


def _pitch(evidence: TakeEvidence, sung: AlignedPitch, luck: float, rules: ScoringRules) -> float:
    points = without_chance(raw_credit(sung, rules), luck)
    steady, asked = steady_share(sung.sung.midi, rules), steady_share(evidence.written.midi, rules)
    return without_speech(points, steady, asked, rules)


def _rhythm(onsets: MatchedOnsets, luck: float, late_s: float, rules: ScoringRules) -> float:
    return without_chance(as_late(onsets, late_s, rules).raw, luck)


def _unmeasured(evidence: TakeEvidence, rules: ScoringRules) -> dict[str, str]:
    """Why a part has no points."""
    reasons: dict[str, str] = {}
    written_s = float(np.count_nonzero(evidence.written.weight > 0)) * rules.hop_s
    received_s = float(np.count_nonzero(evidence.sung.due > 0)) * rules.hop_s
    if written_s == 0.0:
        reasons["pitch"] = "the song has no notes with a pitch"
    elif received_s < min(rules.min_measured_s, 0.5 * written_s):
        reasons["pitch"] = "too little sound arrived to measure the pitch"
    if not evidence.slots:
        reasons["rhythm"] = "the song has no notes"
    elif not _enough_onsets(evidence, rules):
        reasons["rhythm"] = "too little sound arrived to measure the rhythm"
    return reasons


def _enough_onsets(evidence: TakeEvidence, rules: ScoringRules) -> bool:
    """A few onsets out of many say little of the rhythm, and none nothing."""
    written, received = len(evidence.slots), int(np.count_nonzero(evidence.heard.due.weight))
    least = max(min(rules.least_onsets, written), rules.least_onsets_share * written)
    return received >= least and bool(evidence.onsets.due.any())
