"""One take against one song: three parts, a total, and the evidence of every note."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from inference.domain.contour import GRID_FIRST_S, WrittenContour, grid_index
from inference.domain.evidence import take_evidence
from inference.domain.grades import Chance, at_most, graded, with_pitch
from inference.domain.line_words import Place
from inference.domain.lyrics_score import LyricsScore, score_lyrics, why_unscored
from inference.domain.melody import Lyrics, Melody, Word
from inference.domain.notes import FoundNote
from inference.domain.pitch_score import AlignedPitch
from inference.domain.reference import NoteSlot, Written, with_notes
from inference.domain.rhythm_score import MatchedOnsets, as_late
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats, PitchTrack

__all__ = ["Chance", "Heard", "NoteSlot", "TakeScore", "Written", "frame_seconds", "score_take", "with_notes"]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a recogniser heard, or why there was none."""

    text: str
    missing: str  # empty when words were looked for
    reference: str | None = None  # what the same recogniser heard in the original voice, where there is one
    late: frozenset[Place] = frozenset()  # words that were heard only while the next line was due
    certainties: Mapping[int, float] = field(default_factory=dict)  # 0..1 by line, of what was heard there


@dataclass(frozen=True, slots=True)
class TakeScore:
    melody: Melody
    slots: tuple[NoteSlot, ...]  # every note but freestyle, in time order
    written: WrittenContour
    sung: AlignedPitch
    notes: tuple[FoundNote, ...]  # that are found in what was sung
    onsets: MatchedOnsets
    pitch: float | None
    rhythm: float | None
    lyrics: LyricsScore | None
    heard: Heard
    reasons: dict[str, str]
    weights: dict[str, float]
    total: float | None
    chance: Chance
    coverage: float
    measured: float
    confidence: float
    latency_s: float  # positive: sung later than written
    clock_drift_ppm: float  # found and corrected; positive: the take runs slow
    route_latency_s: float | None  # as it was calibrated
    late_s: float  # constant lateness of the singer; 0 where the route's latency is not known

    @property
    def parts(self) -> dict[str, float]:
        """The measured parts."""
        found = {"pitch": self.pitch, "rhythm": self.rhythm, "lyrics": self.lyrics.points if self.lyrics else None}
        return {part: points for part, points in found.items() if points is not None}


def score_take(
    song: Written,
    track: PitchTrack,
    song_s: Floats,
    heard: Heard,
    rules: ScoringRules,
    route_latency_s: float | None = None,
) -> TakeScore:
    """song_s: the song second of each frame of the track, NaN where the song did not play.

    route_latency_s: from the loudspeaker to the take, where it was calibrated; without it no constant delay costs.
    """
    put_s = song_s - (route_latency_s or 0.0)
    evidence = take_evidence(song, track, put_s, rules)
    written, sung = evidence.written, evidence.sung
    late_s = 0.0 if route_latency_s is None else evidence.latency_s
    onsets = as_late(evidence.onsets, late_s, rules)
    grade = graded(evidence, late_s, rules)
    if not rules.key_free:  # the written key never earns more than the best one
        free = replace(rules, key_free=True)
        grade = at_most(grade, graded(take_evidence(song, track, put_s, free), late_s, free))
    reasons = grade.reasons
    pitch, rhythm = grade.pitch, with_pitch(grade.rhythm, grade.pitch, rules)
    if late_s and onsets.raw < evidence.onsets.raw:
        reasons["late"] = f"everything came {1000 * late_s:+.0f} ms, the route's latency counted: it costs rhythm"
    lyrics = _lyrics(song.lyrics, heard, sung.sung.measured, reasons, rules)
    points = {"pitch": pitch, "rhythm": rhythm, "lyrics": lyrics.points if lyrics else None}
    weights = _weights(points, rules)
    total = _total(points, weights)
    if total is None:
        reasons["total"] = "no part of the take could be measured"
    measured = _share(sung.due.sum(), written.weight.sum())
    return TakeScore(
        melody=evidence.song.melody,
        slots=evidence.slots,
        written=written,
        sung=sung,
        notes=evidence.heard.notes,
        onsets=onsets,
        pitch=pitch,
        rhythm=rhythm,
        lyrics=lyrics,
        heard=heard,
        reasons=reasons,
        weights=weights,
        total=total,
        chance=grade.chance,
        coverage=_share(sung.due[~np.isnan(sung.cents)].sum(), sung.due.sum()),
        measured=measured,
        confidence=_confidence(measured, sung, reasons, rules),
        latency_s=evidence.latency_s + (route_latency_s or 0.0),
        clock_drift_ppm=evidence.clock_drift_ppm,
        route_latency_s=route_latency_s,
        late_s=late_s,
    )


def _lyrics(
    lyrics: Lyrics, heard: Heard, measured: Flags, reasons: dict[str, str], rules: ScoringRules
) -> LyricsScore | None:
    if not lyrics.words:
        reasons["lyrics"] = "the song has no lyrics"
        return None
    if heard.missing:
        reasons["lyrics"] = heard.missing
        return None
    lost = frozenset(index for index, word in enumerate(lyrics.words) if not _arrived(word, measured, rules))
    score = score_lyrics(lyrics, heard.text, lost, rules, heard.reference)
    if score is None:
        reasons["lyrics"] = why_unscored(lyrics, lost)
    return score


def _arrived(word: Word, measured: Flags, rules: ScoringRules) -> bool:
    start = max(0, grid_index(word.onset_s, rules))
    frames = measured[start : max(start + 1, grid_index(word.offset_s, rules))]
    return len(frames) > 0 and float(frames.mean()) >= rules.word_arrived


def _weights(points: dict[str, float | None], rules: ScoringRules) -> dict[str, float]:
    """The weights of the measured parts; they sum to 1."""
    full = {"pitch": rules.pitch_weight, "rhythm": rules.rhythm_weight, "lyrics": rules.lyrics_weight}
    used = {part: full[part] for part, value in points.items() if value is not None}
    whole = sum(used.values())
    return {part: weight / whole for part, weight in used.items()}


def _total(points: dict[str, float | None], weights: dict[str, float]) -> float | None:
    """None where no part was measured; rounding puts no total beyond 0..100."""
    if not weights:
        return None
    return min(100.0, max(0.0, sum(weight * (points[part] or 0.0) for part, weight in weights.items())))


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else 0.0


def _confidence(measured: float, sung: AlignedPitch, reasons: dict[str, str], rules: ScoringRules) -> float:
    """Falls with every gap, with every part that is missing, and on a very short song."""
    missing = {"pitch": rules.pitch_weight, "rhythm": rules.rhythm_weight, "lyrics": rules.lyrics_weight}
    parts = 1.0 - 0.5 * sum(weight for part, weight in missing.items() if part in reasons)
    length = min(1.0, float((sung.due > 0).sum()) * rules.hop_s / rules.sure_after_s)
    return measured * parts * (0.5 + 0.5 * length) if "total" not in reasons else 0.0


def frame_seconds(frame: int, rules: ScoringRules) -> float:
    return GRID_FIRST_S + frame * rules.hop_s
