"""A model's answer: sentences with the ids that they cite. Nothing in it is believed yet."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

MAX_SENTENCES = 12
MAX_CHARACTERS = 600
MAX_CITED = 12
MAX_ANSWER = 20_000  # characters


class TierError(Exception):
    """A language model has no answer now, or none that can be read."""


class Draft(BaseModel):
    """One sentence, as a model wrote it."""

    model_config = ConfigDict(strict=True, frozen=True)

    text: str = Field(max_length=MAX_CHARACTERS)
    facts: list[Annotated[str, Field(max_length=100)]] = Field(max_length=MAX_CITED)


class Answer(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)

    sentences: list[Draft] = Field(min_length=1, max_length=MAX_SENTENCES)


def answer(written: str) -> list[Draft]:
    """What stands between the first brace and the last; some models think aloud before it. Raises TierError."""
    start, end = written.find("{"), written.rfind("}")
    if start < 0 or end < start or len(written) > MAX_ANSWER:
        raise TierError("no answer in the asked shape")
    try:
        return Answer.model_validate_json(written[start : end + 1]).sentences
    except ValidationError as error:
        raise TierError("no answer in the asked shape") from error
