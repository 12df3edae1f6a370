"""Who finds a juror's words: language models in the order in which they are asked; behind them stands the grammar."""

from typing import Protocol

from inference.analysis.jury.answer import Draft
from inference.analysis.jury.prompt import Request


class Tier(Protocol):
    """One language model somewhere. Whoever fails or is late is passed over."""

    @property
    def name(self) -> str:
        """What the verdict says of who found the words: the model's name."""
        ...

    async def drafts(self, request: Request, budget_s: float) -> list[Draft]:
        """What the model writes for one juror, at most `budget_s` later. Raises TierError."""
        ...
