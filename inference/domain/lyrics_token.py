"""One word as it is compared."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    text: str  # lower case, accents kept
    source: int  # index of the written word it comes from
    optional: bool = False  # worth nothing both ways: a backing voice, a repeat
    from_digits: bool = False  # digits have no gender: "1 fois" is "une fois"
