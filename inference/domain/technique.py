"""How it was sung: vibrato, stillness, scoops, attacks, dynamics, breath, range. Nothing of it changes a score.

Measured on the raw sung contour after key and latency, on the notes that were sung, not on those that were written.
Terms and usual values: Sundberg, "The Science of the Singing Voice" (1987); vibrato after Prame (see vibrato.py).
"""

from dataclasses import dataclass, replace

import numpy as np

from inference.domain.cents import fold
from inference.domain.contour import GRID_FIRST_S, PITCHED, runs
from inference.domain.medians import running_median
from inference.domain.notes import FoundNote
from inference.domain.rules import ScoringRules
from inference.domain.take_score import NoteSlot, TakeScore
from inference.domain.track import Floats, PitchTrack
from inference.domain.vibrato import HeldNote, Vibrato, held_note

FAR_CENTS = 400.0  # from a note's own pitch: the tracker's octave, or a consonant
ONSET_FRAMES = 3  # whose median is where the voice begins: one frame may be the tracker's
BEFORE_FRAMES = 6  # a found onset may stand this much after the voice came
SETTLED_FRAMES = (8, 16)  # after the note was reached, in which it no longer rises
WAVE_MARGIN = 1.25  # a short note's own pitch is that of a part of a wave
RANGE_NOTE_S = 0.15  # a shorter note is no proof of a range


@dataclass(frozen=True, slots=True)
class NoteTechnique:
    """How one written note was sung; None where it could not be measured."""

    sung_offset_s: float | None = None  # on the written clock, as the sung onset is
    vibrato: Vibrato | None = None
    stability_cents: float | None = None
    scoop: bool = False


@dataclass(frozen=True, slots=True)
class TakeTechnique:
    """How the whole take was sung; None where it could not be measured."""

    vibrato: Vibrato | None  # medians over the notes that have one
    vibrato_share: float | None  # 0..1, of the long notes
    stability_cents: float | None  # median over the long notes
    tuning_cents: float | None  # median, positive when sharp
    attack_cents: float | None  # median distance at the first 100 ms
    scoops: int
    dynamics_db: float | None
    breaths: int
    longest_note_s: float | None
    longest_note_at_s: float | None  # song second
    lowest_midi: float | None  # as sung
    highest_midi: float | None
    notes: tuple[NoteTechnique, ...]  # one per slot of the score


@dataclass(frozen=True, slots=True)
class _SungNote:
    found: FoundNote
    held: HeldNote | None  # None: too short
    scoop: bool


def take_technique(score: TakeScore, track: PitchTrack, song_s: Floats, rules: ScoringRules) -> TakeTechnique:
    """song_s: the song second of each frame of the track, as the score was made with."""
    raw = score.sung.sung.raw_midi
    sung = _sung_notes(score, _window_s(track.estimator, rules), rules)
    enough = float((~np.isnan(raw)).sum()) * rules.hop_s >= rules.least_voiced_s
    held = [note.held for note in sung if note.held is not None]
    longest = max(sung, key=lambda note: note.found.end - note.found.start, default=None) if enough else None
    lowest, highest = _range(sung, score.sung.placement.key_semitones, rules) if enough else (None, None)
    by_slot = _by_slot(score, sung, rules)
    return TakeTechnique(
        vibrato=_median_vibrato([note.vibrato for note in held if note.vibrato is not None]),
        vibrato_share=float(np.mean([note.vibrato is not None for note in held])) if held else None,
        stability_cents=_median([note.stability_cents for note in held]),
        tuning_cents=_tuning(score) if enough else None,
        attack_cents=_median(
            [_attack(raw, slot, note, rules) for slot, note in zip(score.slots, by_slot, strict=True)]
        ),
        scoops=sum(note.scoop for note in sung),
        dynamics_db=_dynamics(track, song_s, rules) if enough else None,
        breaths=_breaths(raw, score, rules),
        longest_note_s=_length_s(longest.found, rules) if longest else None,
        longest_note_at_s=_seconds(longest.found.start, rules) if longest else None,
        lowest_midi=lowest,
        highest_midi=highest,
        notes=tuple(_of_slot(note, score.onsets.offset_s, rules) for note in by_slot),
    )


def _sung_notes(score: TakeScore, window_s: float, rules: ScoringRules) -> list[_SungNote]:
    raw = score.sung.sung.raw_midi
    found = score.notes
    held = _without_chance_waves([_held(raw, note, window_s, rules) for note in found], rules)
    usual = _median_vibrato([note.vibrato for note in held if note is not None and note.vibrato is not None])
    out: list[_SungNote] = []
    for number, (note, how) in enumerate(zip(found, held, strict=True)):
        before = found[number - 1] if number and found[number - 1].end >= note.start - 1 else None
        wave = how.vibrato if how is not None else usual
        scoop = is_scooped(raw, note, before, wave.extent_cents if wave else 0.0, rules)
        out.append(_SungNote(note, how, scoop))
    return out


def _window_s(estimator: str, rules: ScoringRules) -> float:
    """Over how long the estimator looks for one pitch; 0 where it is not known."""
    return next((window_s for name, window_s in rules.tracker_window_s if estimator.startswith(name)), 0.0)


def _held(raw: Floats, note: FoundNote, window_s: float, rules: ScoringRules) -> HeldNote | None:
    """None where the note is too short."""
    if _length_s(note, rules) < rules.long_note_s:
        return None
    held = held_note(_inside(raw, note, rules), rules)
    if held is None or held.vibrato is None:
        return held
    rate_hz, extent_cents = held.vibrato.rate_hz, held.vibrato.extent_cents
    return replace(held, vibrato=Vibrato(rate_hz, extent_cents / float(np.sinc(rate_hz * window_s))))


def _without_chance_waves(held: list[HeldNote | None], rules: ScoringRules) -> list[HeldNote | None]:
    """A take with a wave here and there has no vibrato."""
    if sum(note.waves for note in held if note is not None) >= rules.vibrato_take_cycles:
        return held
    return [note and replace(note, vibrato=None, waves=0.0) for note in held]


def _inside(raw: Floats, note: FoundNote, rules: ScoringRules) -> Floats:
    """Cents round the note's own pitch, without the glides at its ends and what is no part of it."""
    before, after = (round(edge_s / rules.hop_s) for edge_s in rules.note_edges_s)
    cents = 100.0 * (raw[note.start + before : note.end - after] - note.midi)
    cents[np.abs(cents) > FAR_CENTS] = np.nan
    return cents


def is_scooped(raw: Floats, note: FoundNote, before: FoundNote | None, wave_cents: float, rules: ScoringRules) -> bool:
    """Whether the voice comes to the note from below: from silence, or dipping under a note that was no lower.

    A rise from a lower note that is joined to this one is a leap, and the first wave of a vibrato is no scoop either.
    """
    first = max(0, note.start - BEFORE_FRAMES)
    last = min(note.end, note.start + round(rules.scoop_s / rules.hop_s) + BEFORE_FRAMES + SETTLED_FRAMES[1])
    cents = 100.0 * (raw[first:last] - note.midi)
    silent = np.flatnonzero(np.isnan(cents[: 2 * BEFORE_FRAMES]))
    if len(silent):
        cents = cents[silent[-1] + 1 :]
    elif before is not None and before.midi < note.midi - rules.scoop_cents[0] / 100.0:
        return False
    return _rises(cents[~np.isnan(cents)], wave_cents, rules)


def _rises(cents: Floats, wave_cents: float, rules: ScoringRules) -> bool:
    """From far below to the note, soon enough, and there it stays: a slow glide passes by."""
    if len(cents) < 2 * ONSET_FRAMES:
        return False
    smooth = running_median(cents, ONSET_FRAMES)[ONSET_FRAMES // 2 : len(cents) - ONSET_FRAMES // 2]
    lowest = int(np.argmin(smooth[: 2 * BEFORE_FRAMES]))
    least, most = rules.scoop_cents
    if not -most <= smooth[lowest] <= -(least + WAVE_MARGIN * wave_cents):
        return False
    reached = np.flatnonzero(smooth[lowest:] >= -rules.scoop_reached_cents)
    if not len(reached) or float(reached[0]) * rules.hop_s > rules.scoop_s:
        return False
    after = smooth[lowest + reached[0] :][SETTLED_FRAMES[0] : SETTLED_FRAMES[1]]
    return (
        len(after) < ONSET_FRAMES or float(after[-1] - after[0]) <= 0.5 * rules.scoop_reached_cents + 2.0 * wave_cents
    )


def _by_slot(score: TakeScore, sung: list[_SungNote], rules: ScoringRules) -> list[_SungNote | None]:
    """The sung note whose onset was matched to each written one."""
    by_frame = {note.found.start: note for note in sung}
    out: list[_SungNote | None] = []
    for match in score.onsets.match.tolist():
        if match < 0:
            out.append(None)
            continue
        sung_s = float(score.onsets.sung_s[match]) + score.onsets.offset_s
        out.append(by_frame.get(round((sung_s - GRID_FIRST_S) / rules.hop_s)))
    return out


def _of_slot(note: _SungNote | None, offset_s: float, rules: ScoringRules) -> NoteTechnique:
    if note is None:
        return NoteTechnique()
    held = note.held
    return NoteTechnique(
        sung_offset_s=_seconds(note.found.end, rules) - offset_s,
        vibrato=held.vibrato if held else None,
        stability_cents=held.stability_cents if held else None,
        scoop=note.scoop,
    )


def _attack(raw: Floats, slot: NoteSlot, note: _SungNote | None, rules: ScoringRules) -> float | None:
    """Mean distance to the written pitch over the first frames of the voice."""
    if note is None or slot.note.kind not in PITCHED:
        return None
    frames = raw[note.found.start : note.found.start + round(rules.attack_s / rules.hop_s)]
    voiced = frames[~np.isnan(frames)]
    return float(np.mean(np.abs(100.0 * fold(voiced - slot.note.midi)))) if len(voiced) else None


def _tuning(score: TakeScore) -> float | None:
    cents = score.sung.cents[(score.sung.due > 0) & ~np.isnan(score.sung.cents)]
    return float(np.median(cents)) if len(cents) else None


def _dynamics(track: PitchTrack, song_s: Floats, rules: ScoringRules) -> float | None:
    """From soft to loud, over the voiced frames while the song played."""
    if track.level_db is None:
        return None
    sung = (track.f0_hz > 0) & track.measured & np.isfinite(song_s) & np.isfinite(track.level_db)
    if not sung.any():
        return None
    soft, loud = np.percentile(track.level_db[sung], rules.dynamics_percentiles)
    return float(loud - soft)


def _breaths(raw: Floats, score: TakeScore, rules: ScoringRules) -> int:
    """Rests of the voice that were received whole; what comes before the first and after the last note is none."""
    shortest, longest = rules.breath_s
    return sum(
        start > 0
        and end < len(raw)
        and shortest <= (end - start) * rules.hop_s <= longest
        and bool(score.sung.sung.measured[start:end].all())
        for start, end in runs(np.isnan(raw))
    )


def _range(sung: list[_SungNote], key_semitones: float, rules: ScoringRules) -> tuple[float | None, float | None]:
    midis = [note.found.midi + key_semitones for note in sung if _length_s(note.found, rules) >= RANGE_NOTE_S]
    return (min(midis), max(midis)) if midis else (None, None)


def _median_vibrato(found: list[Vibrato]) -> Vibrato | None:
    rate_hz, extent_cents = _median([v.rate_hz for v in found]), _median([v.extent_cents for v in found])
    return None if rate_hz is None or extent_cents is None else Vibrato(rate_hz, extent_cents)


def _median(values: list[float] | list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.median(known)) if known else None


def _length_s(note: FoundNote, rules: ScoringRules) -> float:
    return (note.end - note.start) * rules.hop_s


def _seconds(frame: int, rules: ScoringRules) -> float:
    return GRID_FIRST_S + frame * rules.hop_s
