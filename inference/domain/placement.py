"""Where a take lies: one key, one latency and one clock for all of it, those that together earn most."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from inference.domain.alignment import placement_credit
from inference.domain.cents import fold_cents
from inference.domain.contour import GRID_FIRST_S, SungContour, WrittenContour
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

THREADS = 2  # the last note is sung: whoever waits is worth a second core


@dataclass(frozen=True, slots=True)
class Placement:
    """Sung at `latency_s + song_s * (1 + drift_ppm / 1e6)` what is written at song_s."""

    key_semitones: float  # positive: sung higher than written, in [-6, 6)
    latency_s: float  # positive: sung later than written
    drift_ppm: float  # positive: the take runs slow
    credit: float  # 0..1, unaligned

    def written_s(self, sung_s: Floats) -> Floats:
        """Where in the song something belongs that was sung at these song seconds."""
        return (sung_s - self.latency_s) / (1.0 + 1e-6 * self.drift_ppm)


def placed(written: WrittenContour, sung: SungContour, rules: ScoringRules, drift_ppm: float = 0.0) -> Placement:
    """The key and the latency that together earn most; ties fall to the written key and no latency."""
    reach = round(rules.max_latency_s / rules.latency_step_s)
    shifts_s = rules.latency_step_s * np.arange(-reach, reach + 1, dtype=np.float64)
    credit = _credit(written, sung, shifts_s, np.array([drift_ppm]), 1, rules)[0]
    shift, key = np.unravel_index(int(np.argmax(_value(credit, shifts_s, rules))), credit.shape)
    key_semitones = fold_cents(100.0 * float(key)) / 100.0
    return Placement(key_semitones, float(shifts_s[shift]), drift_ppm, float(credit[shift, key]))


def rough_drift_ppm(written: WrittenContour, sung: SungContour, rules: ScoringRules) -> float:
    """The clock under which the contours meet best, to about `rough_step_s` at the song's end."""
    frames = len(written.midi)
    step_ppm = 1e6 * 2.0 * rules.rough_step_s / (frames * rules.hop_s)
    steps = int(2.0 * rules.max_drift_ppm / step_ppm)
    drifts_ppm = step_ppm * np.arange(-steps, steps + 1, dtype=np.float64)
    reach = round(rules.max_latency_s / rules.rough_step_s)
    shifts_s = rules.rough_step_s * np.arange(-reach, reach + 1, dtype=np.float64)
    credit = _credit(written, sung, shifts_s, drifts_ppm, max(1, frames // rules.rough_frames), rules)
    best = _value(credit, shifts_s, rules).max(axis=(1, 2)) - 1e-9 * np.abs(drifts_ppm)
    return float(drifts_ppm[int(np.argmax(best))])


def certain_drift_ppm(written_s: Floats, late_s: Floats, drift_ppm: float, rules: ScoringRules) -> float:
    """The clock that the lateness of matched onsets tells; 0 where it may as well be the singer's unsteadiness.

    late_s: what is left after drift_ppm was taken out. Theil-Sen: every pair of onsets has one voice.
    """
    if len(written_s) < rules.drift_least_onsets:
        return 0.0
    some = np.unique(np.linspace(0, len(written_s) - 1, min(len(written_s), rules.drift_most_onsets)).astype(int))
    time_s, off_s = written_s[some], late_s[some]
    first, second = np.triu_indices(len(some), 1)
    apart_s = time_s[second] - time_s[first]
    far = apart_s > rules.drift_apart_s
    if not far.any():
        return 0.0
    slope = float(np.median((off_s[second] - off_s[first])[far] / apart_s[far]))
    rest_s = off_s - slope * time_s
    spread_s = 1.4826 * float(np.median(np.abs(rest_s - np.median(rest_s)))) + rules.hop_s / 2.0
    error_ppm = 1e6 * spread_s / (np.sqrt(len(written_s)) * float(np.std(written_s)))
    found_ppm = drift_ppm + 1e6 * slope
    return found_ppm if abs(found_ppm) > rules.drift_certainty * error_ppm else 0.0


def corrected_ppm(found_ppm: float, rules: ScoringRules) -> float:
    """What of it is a clock's: all up to max_drift_ppm, then less and less; from twice that on it is a tempo."""
    size = abs(found_ppm)
    kept = size if size <= rules.max_drift_ppm else max(0.0, 2.0 * rules.max_drift_ppm - size)
    return float(np.copysign(kept, found_ppm))


def _credit(
    written: WrittenContour,
    sung: SungContour,
    shifts_s: Floats,
    drifts_ppm: Floats,
    stride: int,
    rules: ScoringRules,
) -> Floats:
    """Of every (drift, latency, key)."""
    keys = 12 if rules.key_free else 1
    full_cents, no_cents = rules.placing_cents
    contours = (written.midi, written.weight, sung.midi, sung.measured)

    def of_some(place: tuple[float, Floats]) -> Floats:
        stretch, shifts = place
        return placement_credit(*contours, shifts, stretch, stride, keys, full_cents / 100, no_cents / 100)

    # Frame 0 is song second GRID_FIRST_S, but the latency is that of song second 0.
    stretches = (1.0 + 1e-6 * drifts_ppm).tolist()
    every = [(stretch, (shifts_s + GRID_FIRST_S * (stretch - 1.0)) / rules.hop_s) for stretch in stretches]
    halves = [(stretch, some) for stretch, shifts in every for some in np.array_split(shifts, THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:  # each row by itself: the same numbers in any order
        credit: Floats = np.concatenate(list(pool.map(of_some, halves)))
    return credit.reshape(len(stretches), len(shifts_s), keys)


def _value(credit: Floats, shifts_s: Floats, rules: ScoringRules) -> Floats:
    """Credit less what speaks against a latency and against another key; the last axes are latency and key."""
    value = credit - rules.latency_prior * np.abs(shifts_s)[:, None]
    value[..., 1:] -= rules.key_gain
    return value
