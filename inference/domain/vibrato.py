"""How a long note is held: its vibrato, and how still it stands without it.

Rate and extent as Prame measures them: "Measurements of the vibrato rate of ten singers" (JASA 96, 1994: 6.0 Hz on
average, 5 to 7.5) and "Vibrato extent and intonation in professional Western lyric singing" (JASA 102, 1997: 34 to 123
cents, 71 on average, half of peak to peak).
"""

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from inference.domain.medians import median_of
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

RATE_STEP_HZ = 0.05
OVERSHOOT_HZ = 0.5  # rates beside the wanted ones are tried too: whoever fits best there has no vibrato
LEAST_FRAMES = 12  # fewer cannot tell a wave from a line
CURVED_FROM_S = 0.5  # a longer stretch may bend as well as lean


@dataclass(frozen=True, slots=True)
class Vibrato:
    rate_hz: float
    extent_cents: float  # half of peak to peak


@dataclass(frozen=True, slots=True)
class HeldNote:
    vibrato: Vibrato | None
    waves: float  # of the vibrato, that were seen
    stability_cents: float  # sd round the note's own straight line, the vibrato taken out


def held_note(cents: Floats, rules: ScoringRules) -> HeldNote | None:
    """From the raw pitch inside one note, in cents, NaN where unvoiced, shape (frames,); None where it is too short."""
    voiced = np.flatnonzero(~np.isnan(cents))
    if len(voiced) < LEAST_FRAMES:
        return None
    time_s: Floats = voiced * np.float64(rules.hop_s)
    size = 1 << int(voiced[-1]).bit_length()
    fits = [
        _fit(cents[voiced[a:b]], _stretch(voiced[a:b], size, rules), rules) for a, b in _windows(len(voiced), rules)
    ]
    still = np.concatenate([fit.rest for fit in fits])
    waves = [fit.vibrato for fit in fits if fit.vibrato is not None]
    vibrato, seen = None, 0.0
    if waves and len(waves) >= rules.vibrato_note_share * len(fits):
        vibrato = Vibrato(_median([v.rate_hz for v in waves]), _median([v.extent_cents for v in waves]))
        seen = vibrato.rate_hz * float(time_s[-1] - time_s[0]) * len(waves) / len(fits)
    return HeldNote(vibrato, seen, float(np.std(_off_line(time_s, still))))


def _median(values: list[float]) -> float:
    return median_of(np.array(values))


def _windows(frames: int, rules: ScoringRules) -> list[tuple[int, int]]:
    """Even stretches of the voiced frames: a vibrato changes its rate in the course of a note (Prame 1994)."""
    count = max(1, round(frames * rules.hop_s / rules.vibrato_window_s))
    edges = np.linspace(0, frames, count + 1).astype(int).tolist()
    return list(pairwise(edges))


@dataclass(frozen=True, slots=True)
class _Waves:
    """Each rate that is tried as a wave over the frames of a note, shape (rates, frames)."""

    rates_hz: Floats
    cosine: Floats
    sine: Floats

    def at(self, frames: NDArray[np.int64]) -> "_Waves":
        return _Waves(self.rates_hz, self.cosine[:, frames], self.sine[:, frames])


@lru_cache(maxsize=16)
def _waves(frames: int, rules: ScoringRules) -> _Waves:
    low, high = rules.vibrato_rate_hz
    rates_hz = np.arange(low - OVERSHOOT_HZ, high + OVERSHOOT_HZ + RATE_STEP_HZ, RATE_STEP_HZ)
    time_s = np.arange(frames) * np.float64(rules.hop_s)
    phase = 2.0 * np.pi * rates_hz[:, None] * time_s[None, :]
    return _Waves(rates_hz, np.cos(phase), np.sin(phase))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What does not depend on the pitch: the lines and the waves that may be in some frames of a note."""

    length_s: float
    trend: Floats  # shape (frames, 2 or 3)
    waves: _Waves
    cosine: Floats  # without the trend, shape (rates, frames)
    sine: Floats
    cc: Floats  # shape (rates,)
    ss: Floats
    cs: Floats


def _stretch(frames: NDArray[np.int64], size: int, rules: ScoringRules) -> _Stretch:
    """Where no frame is missing it is that of other notes, too."""
    first, count = int(frames[0]), len(frames)
    is_whole = int(frames[-1]) - first + 1 == count
    return _whole_stretch(first, count, size, rules) if is_whole else _stretch_of(frames, size, rules)


@lru_cache(maxsize=128)  # 200 kB each
def _whole_stretch(first: int, count: int, size: int, rules: ScoringRules) -> _Stretch:
    return _stretch_of(np.arange(first, first + count), size, rules)


def _stretch_of(frames: NDArray[np.int64], size: int, rules: ScoringRules) -> _Stretch:
    time_s: Floats = frames * np.float64(rules.hop_s)
    waves, trend = _waves(size, rules).at(frames), _trend(time_s)
    cosine, sine = (kind - (kind @ trend) @ trend.T for kind in (waves.cosine, waves.sine))
    cc, ss, cs = (cosine**2).sum(1), (sine**2).sum(1), (cosine * sine).sum(1)
    return _Stretch(float(time_s[-1] - time_s[0]), trend, waves, cosine, sine, cc, ss, cs)


@dataclass(frozen=True, slots=True)
class _Fit:
    vibrato: Vibrato | None
    rest: Floats  # the pitch without the wave, shape (frames,)


def _fit(cents: Floats, on: _Stretch, rules: ScoringRules) -> _Fit:
    """The sine wave on a sloping line that explains most, by least squares over all rates at once."""
    wave = cents - on.trend @ (on.trend.T @ cents)
    c, s = on.cosine @ wave, on.sine @ wave
    determinant = np.maximum(on.cc * on.ss - on.cs**2, 1e-9)
    a, b = (on.ss * c - on.cs * s) / determinant, (on.cc * s - on.cs * c) / determinant
    best = int(np.argmax(a * c + b * s))
    explained = float(a[best] * c[best] + b[best] * s[best]) / max(float(wave @ wave), 1e-9)
    found = Vibrato(float(on.waves.rates_hz[best]), float(np.hypot(a[best], b[best])))
    if not _is_vibrato(found, explained, on.length_s, rules):
        return _Fit(None, cents)
    return _Fit(found, cents - a[best] * on.waves.cosine[best] - b[best] * on.waves.sine[best])


def _is_vibrato(found: Vibrato, explained: float, length_s: float, rules: ScoringRules) -> bool:
    low, high = rules.vibrato_rate_hz
    return (
        low <= found.rate_hz <= high
        and rules.vibrato_extent_cents[0] <= found.extent_cents <= rules.vibrato_extent_cents[1]
        and explained >= rules.vibrato_explains
        and length_s * found.rate_hz >= rules.vibrato_cycles
    )


def _trend(time_s: Floats) -> Floats:
    """An orthonormal base of the lines a note may follow beside its vibrato, shape (frames, 2 or 3)."""
    degree = 2 if time_s[-1] - time_s[0] > CURVED_FROM_S else 1
    centred = time_s - time_s.mean()
    base: Floats = np.linalg.qr(np.stack([centred**power for power in range(degree + 1)], axis=1))[0]
    return base


def _off_line(time_s: Floats, cents: Floats) -> Floats:
    slope, height = np.polyfit(time_s, cents, 1)
    off: Floats = cents - (slope * time_s + height)
    return off
