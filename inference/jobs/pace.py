"""How long a job will still take, by what earlier jobs of this process took."""

from collections.abc import Sequence

NEW_SHARE = 0.3  # of the newest job in the running mean


class Pace:
    """Seconds of work per second of take, for each stage. Safe to share: each update is one assignment."""

    def __init__(self) -> None:
        self._rates: dict[str, float] = {}

    def learn(self, stage: str, take_s: float, took_s: float) -> None:
        if take_s <= 0:
            return
        rate = took_s / take_s
        known = self._rates.get(stage)
        self._rates[stage] = rate if known is None else (1 - NEW_SHARE) * known + NEW_SHARE * rate

    def left_s(self, stages: Sequence[str], take_s: float, spent_s: float) -> float | None:
        """`stages` are the present one, in which `spent_s` have passed, and those behind it; None: not known yet."""
        if not stages or any(stage not in self._rates for stage in stages):
            return None
        present, *behind = (self._rates[stage] * take_s for stage in stages)
        return max(0.0, present - spent_s) + sum(behind)
