"""The key of a take, found while it is sung: from the lines that are over, once they leave no doubt."""

import numpy as np

from inference.domain.cent_bins import BINS, credit_by_bin
from inference.domain.cents import fold_cents
from inference.domain.rules import ScoringRules
from inference.domain.track import Floats

KEYS = 12


class LiveKey:
    """Depends on the notes that are over, in their order, not on when anybody asks."""

    def __init__(self, rules: ScoringRules) -> None:
        self._rules = rules
        self._sung: Floats = np.zeros(BINS)
        self._credit = np.stack([credit_by_bin(100.0 * key, rules) for key in range(KEYS)])
        self.is_certain = not rules.key_free

    def add(self, sung: Floats) -> None:
        """What was sung for one more note, as seconds in bins, shape (BINS,)."""
        self._sung += sung

    def found_cents(self, lines_over: int) -> float | None:
        """The transposition, once; None as long as it is not certain."""
        rules = self._rules
        voiced_s = float(self._sung.sum())
        if self.is_certain or voiced_s < rules.live_key_voiced_s:
            return None
        if lines_over < rules.live_key_after_lines and voiced_s < rules.live_key_alone_s:
            return None
        earned = (self._credit @ self._sung) / voiced_s
        best = int(np.argmax(earned))
        if earned[best] >= rules.live_key_certain and earned[best] - earned[0] >= rules.live_key_margin:
            return self._settle(fold_cents(100.0 * best))
        return self._settle(0.0) if earned[0] >= rules.live_key_certain else None

    def give_up(self) -> None:
        """Keeps the written key."""
        self.is_certain = True

    def _settle(self, shift_cents: float) -> float:
        self.is_certain = True
        return shift_cents
