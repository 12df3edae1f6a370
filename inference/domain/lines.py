"""The take line by line, as the singer reads it."""

from dataclasses import dataclass

import numpy as np

from inference.domain.cents import f_measure, without_chance
from inference.domain.losses import LostPoints, lost_points, median_cents
from inference.domain.lyrics_score import WordFate
from inference.domain.rules import ScoringRules
from inference.domain.take_score import NoteSlot, TakeScore


@dataclass(frozen=True, slots=True)
class NoteEvidence:
    slot: NoteSlot
    sung_onset_s: float | None
    credit: float  # 0..1
    cents_off: float  # 0 when nothing was sung
    measured: bool


@dataclass(frozen=True, slots=True)
class LineEvidence:
    phrase: int
    pitch: float | None
    rhythm: float | None
    lyrics: float | None
    measured: float  # 0..1
    notes: tuple[NoteEvidence, ...]
    losses: tuple[LostPoints, ...]


def line_evidence(score: TakeScore, rules: ScoringRules) -> list[LineEvidence]:
    """One per line of the melody, in order."""
    losses = lost_points(score, rules)
    return [_line(score, phrase, losses, rules) for phrase in range(len(score.melody.phrases))]


def _line(score: TakeScore, phrase: int, losses: list[LostPoints], rules: ScoringRules) -> LineEvidence:
    numbers = [n for n, slot in enumerate(score.slots) if slot.phrase == phrase]
    frames = _line_frames(score, numbers, rules)
    written = float(score.written.weight[frames].sum())
    measured = float(score.sung.due[frames].sum()) / written if written > 0 else 0.0
    heard = measured >= rules.least_received
    return LineEvidence(
        phrase=phrase,
        pitch=_line_pitch(score, frames) if heard and score.pitch is not None else None,
        rhythm=_line_rhythm(score, numbers) if heard and score.rhythm is not None else None,
        lyrics=_line_words(score, phrase),
        measured=measured,
        notes=tuple(_note(score, n, rules) for n in numbers),
        losses=tuple(loss for loss in losses if loss.phrase == phrase),
    )


def _line_frames(
    score: TakeScore, numbers: list[int], rules: ScoringRules
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    spans = [score.slots[n].frames(rules) for n in numbers]
    return np.concatenate([np.arange(span.start, span.stop) for span in spans] or [np.zeros(0, dtype=np.int64)])


def _line_pitch(score: TakeScore, frames: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    due = score.sung.due[frames]
    written, credit = float(due.sum()), float(due @ score.sung.credit[frames])
    sung = max(credit, float(due[~np.isnan(score.sung.cents[frames])].sum()))
    return without_chance(f_measure(credit, written, sung), score.chance.pitch)


def _line_rhythm(score: TakeScore, numbers: list[int]) -> float | None:
    """The line's share of onsets in time, worth less where the whole take has another rhythm."""
    due = score.onsets.due[numbers]
    if due.sum() <= 0:
        return None
    in_time = float(due @ score.onsets.credit[numbers] / due.sum())
    return without_chance(in_time * score.onsets.steadiness, score.chance.rhythm)


def _line_words(score: TakeScore, phrase: int) -> float | None:
    words = [word for word in (score.lyrics.words if score.lyrics else ()) if word.phrase == phrase]
    if not words:
        return None
    return 100.0 * sum(word.fate is WordFate.SUNG for word in words) / len(words)


def _note(score: TakeScore, number: int, rules: ScoringRules) -> NoteEvidence:
    slot = score.slots[number]
    span = slot.frames(rules)
    due = score.sung.due[span]
    at_s = float(score.onsets.at_s[number])
    received = float(due.sum())
    return NoteEvidence(
        slot=slot,
        sung_onset_s=None if np.isnan(at_s) else at_s,
        credit=float(due @ score.sung.credit[span]) / received if received > 0 else 0.0,
        cents_off=median_cents(score, slot, rules) or 0.0,
        measured=received >= rules.least_received * float(score.written.weight[span].sum()) and received > 0,
    )
