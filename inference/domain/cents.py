"""Musical distance. Zero hertz means unvoiced; an octave is never an error, so distances are folded to +-600 cents."""

import math

import numpy as np

from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

A4_HZ = 440.0
A4_MIDI = 69.0
OCTAVE_SEMITONES = 12.0
OCTAVE_CENTS = 1200.0


def midi_of(f0_hz: float) -> float:
    """The pitch number of a positive frequency, 60 = C4."""
    return A4_MIDI + OCTAVE_SEMITONES * math.log2(f0_hz / A4_HZ)


def midi_contour(f0_hz: Floats) -> Floats:
    """Pitch numbers with NaN where unvoiced."""
    voiced = f0_hz > 0
    safe = np.where(voiced, f0_hz, A4_HZ)
    return np.where(voiced, A4_MIDI + OCTAVE_SEMITONES * np.log2(safe / A4_HZ), np.nan)


def fold(semitones: Floats) -> Floats:
    """The nearest distance over all octaves, in [-6, 6)."""
    folded: Floats = np.mod(semitones + 6.0, OCTAVE_SEMITONES) - 6.0
    return folded


def fold_cents(cents: float) -> float:
    return (cents + 600.0) % OCTAVE_CENTS - 600.0


def credit_of(cents: Floats, rules: ScoringRules) -> Floats:
    """1 up to full_credit_cents, falling in a straight line to 0 at no_credit_cents."""
    span = rules.no_credit_cents - rules.full_credit_cents
    credit: Floats = np.clip((rules.no_credit_cents - np.abs(cents)) / span, 0.0, 1.0)
    return credit


def f_measure(credit_s: float, written_s: float, sung_s: float) -> float:
    """Harmonic mean of credit over what was written and over what was sung; 0 when either is empty."""
    total = written_s + sung_s
    return 0.0 if total <= 0 else 2.0 * credit_s / total


def without_chance(raw: float, chance: float) -> float:
    """0..100: what chance earns is worth nothing, a perfect take is worth all."""
    return 100.0 * max(0.0, (raw - chance) / (1.0 - chance)) if chance < 1.0 else 0.0
