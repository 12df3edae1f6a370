"""What recognisers invent where nobody sings words: loops, and text of which they are not sure themselves."""

import re
import zlib

MAX_COMPRESSION = 2.4  # a text that packs better than this is a loop: Whisper's own rule
LEAST_LOG_PROBABILITY = -1.0  # mean over the tokens: Whisper's own rule
MAX_CHARACTERS = 2_000  # of a line's text
MAX_WORDS_PER_S = 12.0  # the quickest rappers reach 8
REPEATS = re.compile(r"(\b\w[\w'’ ]{0,30}?)(?:\W+\1\b){7,}", re.IGNORECASE)  # eight times the same in a row
CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")


def cleaned(text: str) -> str:
    """One line of bounded length without control characters."""
    return " ".join(CONTROLS.sub(" ", text[: 4 * MAX_CHARACTERS]).split())[:MAX_CHARACTERS]


def why_not_believed(text: str, log_probability: float | None, seconds: float) -> str:
    """Empty where the text may be what was sung."""
    if log_probability is not None and log_probability < LEAST_LOG_PROBABILITY:
        return "unsure"
    if compression(text) > MAX_COMPRESSION or REPEATS.search(text):
        return "loop"
    return "too-many" if len(text.split()) > max(4.0, MAX_WORDS_PER_S * seconds) else ""


def compression(text: str) -> float:
    """How many times smaller zlib makes it."""
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
