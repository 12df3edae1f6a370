"""An octave in bins of ten cents: the live judge keeps what was sung for a note as seconds in each."""

import numpy as np

from inference.domain.cents import credit_of
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

BIN_CENTS = 10.0
BINS = 120  # of one octave
BIN_CENTRES = np.arange(BINS) * BIN_CENTS


def bin_of(cents: float) -> int:
    """The bin of a distance from the written note, over all octaves."""
    return round(cents / BIN_CENTS) % BINS


def credit_by_bin(shift_cents: float, rules: ScoringRules) -> Floats:
    """Credit of each bin of cents above the written note when everything is shift_cents higher."""
    distance = np.mod(BIN_CENTRES - shift_cents + 600.0, 1200.0) - 600.0
    return credit_of(distance, rules)
