"""Who finds a juror's words: language models in the order in which they are asked; behind them stands the grammar."""

from typing import Protocol


class Tier(Protocol):
    """One language model somewhere. Asked in turn; whoever fails or is late is passed over."""

    @property
    def name(self) -> str:
        """What the verdict says of who found the words, e.g. the model's name."""
        ...

    async def words(self, system: str, request: str, budget_s: float) -> str:
        """The model's answer to one juror's request, at most `budget_s` later. Raises TierError."""
        ...


class TierError(Exception):
    """This model has no answer now."""
