"""Where the points went: every lost point belongs to a line and a reason."""

from bisect import bisect_right
from dataclasses import dataclass, replace

import numpy as np

from inference.domain.lyrics_score import WordFate
from inference.domain.medians import median_of
from inference.domain.rules import ScoringRules
from inference.domain.take_score import NoteSlot, TakeScore, frame_seconds

LEAST_LOSS = 0.005  # of the total: less would read as nothing


@dataclass(frozen=True, slots=True)
class LostPoints:
    phrase: int
    part: str
    points: float  # of the total
    reason: str
    song_s: float
    cents: float = 0.0
    ms: float = 0.0
    word: str = ""


def lost_points(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    """All of them, in time order; they add up to 100 minus the total."""
    found: list[LostPoints] = []
    makers = {"pitch": _pitch_losses, "rhythm": _rhythm_losses, "lyrics": _word_losses}
    for part, points in score.parts.items():
        lost = score.weights[part] * (100.0 - points)
        items = makers[part](score, rules) or _pitch_losses(score, rules) or _held_too_long(score, rules)
        found.extend(_scaled(items, part, lost))
    return sorted(found, key=lambda loss: loss.song_s)


def _scaled(items: list[LostPoints], part: str, lost: float) -> list[LostPoints]:
    """As much as was lost, in all; what is too little to be told is told with the rest."""
    whole = sum(item.points for item in items)
    if whole <= 0 or lost <= 0:
        return []
    most = max(item.points for item in items)
    least = min(most, LEAST_LOSS * whole / lost)
    kept = [item for item in items if item.points >= least]
    told = sum(item.points for item in kept)
    return [replace(item, part=part, points=item.points * lost / told) for item in kept]


def _pitch_losses(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    losses = [_note_loss(score, slot, rules) for slot in score.slots]
    return [loss for loss in losses if loss.points > 0] + _unwritten_losses(score, rules) + _extra_losses(score, rules)


def _unwritten_losses(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    """Where the original voice sings and no note is written: at the line before it."""
    missing = score.sung.due * (1.0 - score.sung.credit)
    for slot in score.slots:
        missing[slot.frames(rules)] = 0.0
    frames = np.flatnonzero(missing > 0)
    if not len(frames):
        return []
    times_s = [frame_seconds(frame, rules) for frame in frames.tolist()]
    lines = _by_line(score, times_s, "pitch", float(missing[frames].mean()))
    return [replace(line, reason="missed") for line in lines]


def _note_loss(score: TakeScore, slot: NoteSlot, rules: ScoringRules) -> LostPoints:
    span = slot.frames(rules)
    due = score.sung.due[span]
    missing = float((due * (1.0 - score.sung.credit[span])).sum())
    cents = median_cents(score, slot, rules)
    sung = float((~np.isnan(score.sung.cents[span]) & (due > 0)).sum())
    if sung < rules.unsung_share * float((due > 0).sum()) or cents is None:
        return LostPoints(slot.phrase, "pitch", missing, "missed", slot.note.onset_s, word=slot.note.syllable)
    reason = "sharp" if cents > 0 else "flat"
    return LostPoints(slot.phrase, "pitch", missing, reason, slot.note.onset_s, cents=cents, word=slot.note.syllable)


def median_cents(score: TakeScore, slot: NoteSlot, rules: ScoringRules) -> float | None:
    """Octave-folded, after key and latency; None when nothing was sung."""
    cents = score.sung.cents[slot.frames(rules)]
    heard = cents[~np.isnan(cents)]
    return median_of(heard) if len(heard) else None


def _extra_losses(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    """Singing in the rests beyond what is free, at the line before it."""
    frames = np.flatnonzero(score.sung.extra)
    free = rules.free_extra * float(score.sung.due.sum())
    if len(frames) <= free:
        return []
    share = 0.5 * (len(frames) - free) / len(frames)
    return _by_line(score, [frame_seconds(frame, rules) for frame in frames.tolist()], "pitch", share)


def _held_too_long(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    """Where every note is right and points are lost all the same, more was sung than is written."""
    sung = np.flatnonzero((score.sung.sung_weight > 0) & ~(score.sung.due > 0))
    frames = sung if len(sung) else np.flatnonzero(score.sung.sung_weight > 0)
    return _by_line(score, [frame_seconds(frame, rules) for frame in frames.tolist()], "pitch", 1.0)


def _by_line(score: TakeScore, times_s: list[float], part: str, each: float) -> list[LostPoints]:
    """What was sung too much, gathered at the line in which or after which it was."""
    starts = [phrase.onset_s for phrase in score.melody.phrases]
    found: dict[int, list[float]] = {}
    for time_s in times_s:
        found.setdefault(max(0, bisect_right(starts, time_s) - 1), []).append(time_s)
    return [LostPoints(line, part, each * len(at), "extra", at[0]) for line, at in found.items()]


def _rhythm_losses(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    onsets = score.onsets
    losses: list[LostPoints] = []
    for number, slot in enumerate(score.slots):
        missing = float(onsets.due[number] * (1.0 - onsets.credit[number]))
        if missing <= 0:
            continue
        loss = LostPoints(slot.phrase, "rhythm", missing, "missed", slot.note.onset_s, word=slot.note.syllable)
        if not np.isnan(onsets.at_s[number]):
            ms = 1000.0 * (float(onsets.at_s[number] - slot.note.onset_s) + score.late_s)
            loss = replace(loss, reason="late" if ms > 0 else "early", ms=ms)
        losses.append(loss)
    return losses + _extra_onsets(score, rules)


def _extra_onsets(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    """Onsets of no written note, as far as they and not the mistimed ones make the take unsteady."""
    onsets = score.onsets
    times_s = onsets.sung_s[onsets.extra].tolist()
    surplus = len(times_s) - rules.free_extra * float(onsets.due.sum())
    if surplus <= 0:
        return []
    sung = ~np.isnan(onsets.at_s)
    mistimed = float(onsets.due[sung] @ (1.0 - onsets.credit[sung]))
    unsteady = (1.0 - onsets.steadiness) * float(onsets.due @ onsets.credit)
    return _by_line(score, times_s, "rhythm", unsteady * surplus / (surplus + mistimed) / len(times_s))


def _word_losses(score: TakeScore, rules: ScoringRules) -> list[LostPoints]:
    reasons = {WordFate.MISSING: "word-missing", WordFate.WRONG: "word-wrong"}
    if score.lyrics is None:
        return []
    unsung = [
        LostPoints(word.phrase, "lyrics", 1.0, reasons[word.fate], word.onset_s, word=word.text)
        for word in score.lyrics.words
        if word.fate in reasons
    ]
    each = score.lyrics.insertion_loss(rules)
    return unsung + [
        LostPoints(extra.phrase, "lyrics", each, "extra", extra.after_s, word=extra.text)
        for extra in score.lyrics.extra
        if each > 0
    ]
