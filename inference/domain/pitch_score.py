"""How much of the written pitch was sung: one key, one latency, a straight path, credit, chance."""

from dataclasses import dataclass

import numpy as np

from inference.domain.alignment import Indices, banded_path
from inference.domain.cents import credit_of, f_measure, fold
from inference.domain.contour import SungContour, WrittenContour, runs
from inference.domain.note_credit import with_breaths, without_glides
from inference.domain.placement import Placement
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats


@dataclass(frozen=True, slots=True)
class AlignedPitch:
    """Evidence per frame of the grid, after key and latency."""

    placement: Placement
    sung: SungContour  # at the written time and in the written key
    credit: Floats  # per written frame, 0..1
    cents: Floats  # per written frame, NaN where nothing was sung
    due: Floats  # weight of each written frame that was received
    sung_weight: Floats  # weight of each sung frame on a written one
    extra: Flags  # per sung frame: sung in a rest
    path: Indices  # shape (steps, 2): (written, sung) frames


def aligned(written: WrittenContour, sung: SungContour, place: Placement, rules: ScoringRules) -> AlignedPitch:
    """The evidence of one take that was put where it belongs already."""
    path = banded_path(
        written.midi,
        sung.midi,
        sung.quick_midi,
        sung.measured,
        written.free,
        written.brief,
        round(rules.dtw_band_s / rules.hop_s),
        rules.dtw_step_cost,
        rules.distance_cap_semitones,
        _voicing_costs(written, rules),
    )
    return _evidence(written, sung, path, place, rules)


def regraded(written: WrittenContour, pitch: AlignedPitch, rules: ScoringRules) -> AlignedPitch:
    """The same alignment with the tolerances of other rules."""
    return _evidence(written, pitch.sung, pitch.path, pitch.placement, rules)


def _evidence(
    written: WrittenContour, sung: SungContour, path: Indices, place: Placement, rules: ScoringRules
) -> AlignedPitch:
    frames = len(written.midi)
    on, at = _with_leapt_over(path, sung.measured)
    cents = _cents(written, sung, on, at)
    heard = ~np.isnan(cents)
    step_credit = np.where(heard, credit_of(np.where(heard, cents, 0.0), rules), 0.0)
    count = np.bincount(on, sung.measured[at].astype(float), frames)
    voiced = np.bincount(on, heard.astype(float), frames)
    credit = np.where(written.weight > 0, np.bincount(on, step_credit, frames) / np.maximum(count, 1.0), 0.0)
    mean_cents = np.bincount(on, np.where(heard, cents, 0.0), frames) / np.maximum(voiced, 1.0)
    weight = np.zeros(frames)
    np.maximum.at(weight, at, written.weight[on])
    in_free = np.zeros(frames, dtype=np.bool_)
    in_free[at[(written.free | _short_rests(written, rules))[on]]] = True
    is_sung = ~np.isnan(sung.midi)
    return AlignedPitch(
        placement=place,
        sung=sung,
        credit=with_breaths(without_glides(credit, written.midi, rules), written.note, count > 0, voiced > 0, rules),
        cents=np.where(voiced > 0, mean_cents, np.nan),
        due=np.where(count > 0, written.weight, 0.0),
        sung_weight=np.where(is_sung, weight, 0.0),
        extra=is_sung & (weight == 0) & ~in_free,
        path=path,
    )


def _cents(written: WrittenContour, sung: SungContour, on: Indices, at: Indices) -> Floats:
    """How far each step is off, octaves folded; in a brief note by the centre or by the quick pitch, the nearer one."""
    cents = 100.0 * fold(sung.midi[at] - written.midi[on])
    quick = 100.0 * fold(sung.quick_midi[at] - written.midi[on])
    nearer = written.brief[on] & (np.abs(quick) < np.abs(cents))
    return np.where(nearer, quick, cents)


def _with_leapt_over(path: Indices, measured: Flags) -> tuple[Indices, Indices]:
    """The path's (written, sung) frames; a written one that it leaps over at a gap is judged at its own time."""
    on, at = path[:, 0], path[:, 1]
    reached = np.zeros(len(measured), dtype=np.bool_)
    reached[on[measured[at]]] = True
    leapt = np.flatnonzero(measured & ~reached)
    return np.concatenate([on, leapt]), np.concatenate([at, leapt])


def _voicing_costs(written: WrittenContour, rules: ScoringRules) -> Floats:
    """Of each written frame, in semitones: little in a rest that is bridged in a voice."""
    return np.where(_short_rests(written, rules), rules.short_rest_semitones, rules.voicing_cost_semitones)


def _short_rests(written: WrittenContour, rules: ScoringRules) -> Flags:
    """Rests that are bridged in a voice: nobody can be blamed for singing there."""
    short = np.zeros(len(written.midi), dtype=np.bool_)
    for start, end in runs(np.isnan(written.midi)):
        short[start:end] = end - start <= round(rules.bridged_gap_s / rules.hop_s)
    return short


def path_cost_semitones(written: WrittenContour, pitch: AlignedPitch, rules: ScoringRules) -> float:
    """Mean cost of a step of the path, as the alignment counted it."""
    on, at = pitch.path[:, 0], pitch.path[:, 1]
    if not len(on):
        return 0.0
    apart = np.abs(_cents(written, pitch.sung, on, at)) / 100.0
    one_silent = np.isnan(pitch.sung.midi[at]) ^ np.isnan(written.midi[on])
    cost = np.where(one_silent, _voicing_costs(written, rules)[on], np.minimum(apart, rules.distance_cap_semitones))
    counted = pitch.sung.measured[at] & ~written.free[on] & ~np.isnan(cost)
    off_diagonal = np.count_nonzero(np.diff(at - on))
    return (float(cost[counted].sum()) + rules.dtw_step_cost * off_diagonal) / len(on)


def raw_credit(pitch: AlignedPitch, rules: ScoringRules) -> float:
    """F-measure of credit over what was written and what was sung, 0..1, chance still in it."""
    written = float(pitch.due.sum())
    credit = float(pitch.due @ pitch.credit)
    sung = max(credit, float(pitch.sung_weight.sum())) + max(0.0, float(pitch.extra.sum()) - rules.free_extra * written)
    return f_measure(credit, written, sung)


def steady_share(midi: Floats, rules: ScoringRules) -> float:
    """How much of a voice stays on a pitch, 0..1; 1 where there is none."""
    span = round(rules.steady_span_s / rules.hop_s)
    moved = np.abs(midi[span:] - midi[:-span])
    known = moved[~np.isnan(moved)]
    return float(np.mean(known < rules.steady_semitones)) if len(known) else 1.0


def without_speech(points: float, steady: float, written_steady: float, rules: ScoringRules) -> float:
    """A voice that glides like speech earns less, unless so much is right that it is surely a song.

    Where the original voice glides itself, no more is asked than it gives.
    """
    low, high = rules.surely_sung
    sure = min(1.0, max(0.0, (points - low) / (high - low)))
    asked = min(rules.steady_share, rules.steady_as_written * written_steady)
    sung = min(1.0, steady / asked) if asked > 0 else 1.0
    return points * (sung + (1.0 - sung) * sure)
