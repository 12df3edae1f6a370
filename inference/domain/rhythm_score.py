"""Onsets: matched in order, one to one; luck taken off."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from inference.domain.alignment import Indices, matched_onsets
from inference.domain.cents import fold
from inference.domain.chance import SEED
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats


@dataclass(frozen=True, slots=True)
class WrittenOnsets:
    times_s: Floats
    midi: Floats  # NaN for rap
    weight: Floats  # golden_weight for golden notes
    sure: Flags  # False: a legato repetition that leaves no trace in a contour


@dataclass(frozen=True, slots=True)
class SungOnsets:
    times_s: Floats
    midi: Floats  # of the note that begins, in the written key
    sure: Flags  # False: perhaps only a consonant


@dataclass(frozen=True, slots=True)
class PathOnsets:
    """What the alignment of the contours says of the onsets."""

    in_tune: Flags  # per written onset: its note was sung, and right
    path_s: Floats  # per written onset: when the path enters its note; NaN where nothing was sung
    within: Indices  # per sung onset: the written note that the path puts it in, -1 for none


@dataclass(frozen=True, slots=True)
class MatchedOnsets:
    offset_s: float  # the one that earns most: positive when sung later
    match: Indices  # per written onset: index of the sung one, -1 for none
    sung_s: Floats  # per sung onset, after the offset
    at_s: Floats  # per written onset: when it was sung, after the offset; NaN where it was not
    credit: Floats  # per written onset, 0..1
    due: Floats  # per written onset: its weight, 0 where an unsure one was not matched
    extra: Flags  # per sung onset: sure, unmatched and no ornament
    steadiness: float  # 1 where nearly all that was sung came in time, 0..1
    raw: float  # 0..1, luck still in it


def onset_credit(off_s: Floats, rules: ScoringRules) -> Floats:
    """1 up to full_onset_s, falling in a straight line to 0 at no_onset_s."""
    credit: Floats = np.clip((rules.no_onset_s - np.abs(off_s)) / (rules.no_onset_s - rules.full_onset_s), 0.0, 1.0)
    return credit


def match_onsets(
    written: WrittenOnsets,
    sung: SungOnsets,
    rules: ScoringRules,
    path: PathOnsets | None = None,
    reach_s: float | None = None,
) -> MatchedOnsets:
    """The matching under the one offset within +-reach_s that earns most."""
    steps = round((rules.offset_reach_s if reach_s is None else reach_s) / rules.offset_step_s)
    offsets_s = rules.offset_step_s * np.arange(-steps, steps + 1)
    path = path or _no_path(written, sung)
    tried = [_matched(written, sung, path, float(offset_s), rules) for offset_s in offsets_s]
    return max(tried, key=lambda match: match.raw - rules.offset_prior * abs(match.offset_s))


def lateness_s(written: WrittenOnsets, matched: MatchedOnsets) -> float:
    """The median of what was matched, the offset counted: voiced consonants before the beat move it little."""
    hit = matched.match >= 0
    if not hit.any():
        return 0.0
    return float(np.median(matched.at_s[hit] + matched.offset_s - written.times_s[hit]))


def as_late(onsets: MatchedOnsets, late_s: float, rules: ScoringRules) -> MatchedOnsets:
    """The same onsets where all of them are known to have come so late, or early: who is always late is not in time."""
    over_s = max(0.0, abs(late_s) - rules.late_free_s)
    left = max(0.0, 1.0 - over_s / (rules.late_none_s - rules.late_free_s))
    return replace(onsets, credit=onsets.credit * left, raw=onsets.raw * left)


def _no_path(written: WrittenOnsets, sung: SungOnsets) -> PathOnsets:
    rows = len(written.times_s)
    nowhere = np.full(len(sung.times_s), -1, dtype=np.int64)
    return PathOnsets(np.zeros(rows, dtype=np.bool_), np.full(rows, np.nan), nowhere)


def _nearness(off_semitones: Floats, rules: ScoringRules) -> Floats:
    """How far an onset is sung, 0..1, by the pitch of its note; 1 for rap."""
    span = rules.far_note_semitones - rules.near_note_semitones
    near = np.clip((rules.far_note_semitones - np.abs(fold(off_semitones))) / span, 0.0, 1.0)
    return np.where(np.isnan(off_semitones), 1.0, near)


def _matched(
    written: WrittenOnsets, sung: SungOnsets, path: PathOnsets, offset_s: float, rules: ScoringRules
) -> MatchedOnsets:
    sung_s = sung.times_s - offset_s
    match, worth = _most_worth(written, sung, sung_s, rules)
    hit = match >= 0
    at_s = np.full(len(match), np.nan)
    at_s[hit] = sung_s[match[hit]]
    free = np.setdiff1d(np.arange(len(sung_s)), match[hit])
    unmatched = np.isin(np.arange(len(match)), path.within[free[sung.sure[free]]])
    hidden = ~hit & written.sure & path.in_tune & ~unmatched & ~np.isnan(path.path_s)
    at_s[hidden] = path.path_s[hidden] - offset_s
    worth[hidden] = onset_credit(at_s[hidden] - written.times_s[hidden], rules)
    by_path = path.path_s - offset_s
    nearer = hit & path.in_tune & (np.abs(by_path - at_s) <= rules.path_onset_s)
    nearer &= np.abs(by_path - written.times_s) < np.abs(at_s - written.times_s)
    at_s[nearer] = by_path[nearer]
    worth[nearer] = np.maximum(worth[nearer], onset_credit(at_s[nearer] - written.times_s[nearer], rules))
    due = np.where(hit | written.sure, written.weight, 0.0)
    ornament = np.append(path.in_tune & hit, False)[path.within]  # the last one is for within == -1
    extra = sung.sure & ~ornament
    extra[match[hit]] = False
    surplus = max(0.0, float(extra.sum()) - rules.free_extra * float(due.sum()))
    credit, sung_weight = float(due @ worth), float(due[hit | hidden].sum()) + surplus
    accuracy = credit / sung_weight if sung_weight > 0 else 0.0
    steadiness = min(1.0, accuracy / rules.steady_accuracy) ** rules.unsteady_power
    raw = steadiness * credit / float(due.sum()) if due.any() else 0.0
    return MatchedOnsets(offset_s, match, sung_s, at_s, worth, due, extra, steadiness, raw)


def _most_worth(
    written: WrittenOnsets, sung: SungOnsets, sung_s: Floats, rules: ScoringRules
) -> tuple[Indices, Floats]:
    """The sung onset of each written one, and the credit of each; both sides are in time order."""
    first = np.searchsorted(sung_s, written.times_s - rules.no_onset_s).astype(np.int64)
    last = np.searchsorted(sung_s, written.times_s + rules.no_onset_s, side="right").astype(np.int64)
    count = last - first
    rows = np.repeat(np.arange(len(first)), count)
    columns = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count) + first[rows]
    worth = _nearness(sung.midi[columns] - written.midi[rows], rules)
    worth *= onset_credit(sung_s[columns] - written.times_s[rows], rules)
    match = matched_onsets(first, last, worth * np.where(sung.sure[columns], 1.0, 1.0 - rules.unsure_prior))
    credit = np.zeros(len(first))
    taken = match[rows] == columns
    credit[rows[taken]] = worth[taken]
    return match, credit


def chance_onsets(written: WrittenOnsets, rules: ScoringRules, reach_s: float) -> float:
    """What the song's own notes in another order earn on average; it is the song's, and kept for the next take."""
    if len(written.times_s) < 2:
        return 0.0
    arrays = (written.times_s.tobytes(), written.midi.tobytes(), written.weight.tobytes())
    return _chance_onsets(*arrays, written.sure.tobytes(), rules, reach_s)


@lru_cache(maxsize=32)
def _chance_onsets(
    times_s: bytes, midi: bytes, weight: bytes, sure: bytes, rules: ScoringRules, reach_s: float
) -> float:
    written = WrittenOnsets(
        np.frombuffer(times_s).copy(),
        np.frombuffer(midi).copy(),
        np.frombuffer(weight).copy(),
        np.frombuffer(sure, np.bool_).copy(),
    )
    gaps = np.diff(written.times_s)
    raws = []
    for draw in range(rules.rhythm_luck_draws):
        rng = np.random.default_rng(SEED + draw)
        first_s = written.times_s[0] + rng.uniform(-rules.rhythm_luck_late_s, rules.rhythm_luck_late_s)
        times = first_s + np.concatenate(([0.0], np.cumsum(rng.permutation(gaps))))
        other = SungOnsets(times, rng.permutation(written.midi), np.ones(len(times), dtype=np.bool_))
        raws.append(match_onsets(written, other, rules, reach_s=reach_s).raw)
    return min(rules.most_rhythm_luck, rules.rhythm_luck * float(np.mean(raws)))
