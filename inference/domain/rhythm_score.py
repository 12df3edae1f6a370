"""Onsets: matched in order, one to one; luck taken off."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from inference.domain.alignment import Indices, matched_onsets
from inference.domain.cents import f_measure, fold, without_chance
from inference.domain.chance import SEED
from inference.domain.rules import ScoringRules
from inference.domain.track import Flags, Floats

OFFSETS_S = np.arange(-0.10, 0.1001, 0.01)  # what the latency of the pitch leaves open
CHANCE_DRAWS = 6
MAX_CHANCE = 0.6
OFFSET_PRIOR = 0.01  # credit per second: ties fall to no offset


@dataclass(frozen=True, slots=True)
class WrittenOnsets:
    times_s: Floats
    midi: Floats  # NaN for rap
    weight: Floats  # 2 for golden notes
    sure: Flags  # False: a legato repetition that leaves no trace in a contour


@dataclass(frozen=True, slots=True)
class SungOnsets:
    times_s: Floats
    midi: Floats  # of the note that begins, in the written key
    sure: Flags  # False: perhaps only a consonant


@dataclass(frozen=True, slots=True)
class MatchedOnsets:
    offset_s: float  # the one that earns most: positive when sung later
    match: Indices  # per written onset: index of the sung one, -1 for none
    sung_s: Floats  # after the offset
    credit: Floats  # per written onset, 0..1
    due: Floats  # per written onset: its weight, 0 where an unsure one was not matched
    extra: Flags  # per sung onset: sure and unmatched
    raw: float  # F-measure, 0..1


def onset_credit(off_s: Floats, rules: ScoringRules) -> Floats:
    credit: Floats = np.clip((rules.no_onset_s - np.abs(off_s)) / (rules.no_onset_s - rules.full_onset_s), 0.0, 1.0)
    return credit


def match_onsets(written: WrittenOnsets, sung: SungOnsets, rules: ScoringRules) -> MatchedOnsets:
    """The matching under the one small offset that earns most."""
    near = _nearness(written, sung, rules)
    tried = [_matched(written, sung, near, float(offset_s), rules) for offset_s in OFFSETS_S]
    return max(tried, key=lambda match: match.raw - OFFSET_PRIOR * abs(match.offset_s))


def lateness_s(written: WrittenOnsets, matched: MatchedOnsets) -> float:
    """The median of what was matched, the offset counted: voiced consonants before the beat move it little."""
    hit = matched.match >= 0
    if not hit.any():
        return 0.0
    return float(np.median(matched.sung_s[matched.match[hit]] + matched.offset_s - written.times_s[hit]))


def _nearness(written: WrittenOnsets, sung: SungOnsets, rules: ScoringRules) -> Floats:
    """How far an onset is sung, 0..1, by the pitch of its note, shape (written, sung); 1 for rap."""
    off = np.abs(fold(sung.midi[None, :] - written.midi[:, None]))
    span = rules.far_note_semitones - rules.near_note_semitones
    near = np.clip((rules.far_note_semitones - off) / span, 0.0, 1.0)
    return np.where(np.isnan(off), 1.0, near)


def _matched(
    written: WrittenOnsets, sung: SungOnsets, near: Floats, offset_s: float, rules: ScoringRules
) -> MatchedOnsets:
    sung_s = sung.times_s - offset_s
    worth = near * onset_credit(sung_s[None, :] - written.times_s[:, None], rules)
    match = matched_onsets(worth * np.where(sung.sure, 1.0, 0.999)[None, :])
    hit = match >= 0
    credit = np.zeros(len(match))
    credit[hit] = worth[np.flatnonzero(hit), match[hit]]
    due = np.where(hit | written.sure, written.weight, 0.0)
    extra = sung.sure.copy()
    extra[match[hit]] = False
    surplus = max(0.0, float(extra.sum()) - rules.free_extra * float(due.sum()))
    raw = f_measure(float(due @ credit), float(due.sum()), float(due[hit].sum()) + surplus)
    return MatchedOnsets(offset_s, match, sung_s, credit, due, extra, raw)


def chance_onsets(written: WrittenOnsets, rules: ScoringRules) -> float:
    """What the song's own notes in another order earn on average; it is the song's, and kept for the next take."""
    if len(written.times_s) < 2:
        return 0.0
    arrays = (written.times_s.tobytes(), written.midi.tobytes(), written.weight.tobytes())
    return _chance_onsets(*arrays, written.sure.tobytes(), rules)


@lru_cache(maxsize=32)
def _chance_onsets(times_s: bytes, midi: bytes, weight: bytes, sure: bytes, rules: ScoringRules) -> float:
    written = WrittenOnsets(
        np.frombuffer(times_s).copy(),
        np.frombuffer(midi).copy(),
        np.frombuffer(weight).copy(),
        np.frombuffer(sure, np.bool_).copy(),
    )
    gaps = np.diff(written.times_s)
    raws = []
    for draw in range(CHANCE_DRAWS):
        rng = np.random.default_rng(SEED + draw)
        times = written.times_s[0] + rng.uniform(-0.2, 0.2) + np.concatenate(([0.0], np.cumsum(rng.permutation(gaps))))
        other = SungOnsets(times, rng.permutation(written.midi), np.ones(len(times), dtype=np.bool_))
        raws.append(match_onsets(written, other, rules).raw)
    return min(MAX_CHANCE, rules.rhythm_luck * float(np.mean(raws)))


def rhythm_points(raw: float, chance: float, pitch: float | None, rules: ScoringRules) -> float:
    """Rhythm counts only as far as it is sung: a speaker in time is no singer."""
    sung = 1.0 if pitch is None else min(1.0, pitch / rules.sung_for_rhythm)
    return without_chance(raw, chance) * sung
