"""Who hears the words of a line: recognisers in the order in which they are asked.

Nobody is told what to hear: known lyrics reach no recogniser.
"""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from inference.domain.streamed_words import AttendedWord

Samples = NDArray[np.float32]


class UnheardError(Exception):
    """A recogniser that did not hear; the text says why, and holds nothing of what it answered."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a recogniser wrote: untrusted text."""

    text: str
    log_probability: float | None  # mean over the tokens; None where it does not say


class Tier(Protocol):
    """One recogniser. It may be asked by several threads at once."""

    @property
    def name(self) -> str:
        """Tells apart what is heard otherwise: the kind, and the model with its settings."""
        ...

    @property
    def at_once(self) -> int:
        """Lines that it is worth asking at a time."""
        ...

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        """At most 30 s of samples, in that language (ISO 639-1) and no other. Raises UnheardError."""
        ...


@dataclass(frozen=True, slots=True)
class Attended(Spoken):
    """With the sound that each word was written of: untrusted text as well."""

    words: tuple[AttendedWord, ...] = ()


@runtime_checkable
class AttentiveTier(Tier, Protocol):
    """One that tells which sound it listened to; servers of OpenAI's protocol do not."""

    def attend(self, samples: Samples, language: str, budget_s: float) -> Attended:
        """As `hear`. Raises UnheardError."""
        ...
