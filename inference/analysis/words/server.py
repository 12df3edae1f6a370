"""Whisper behind OpenAI's protocol: a faster-whisper server of the house, or Groq.

The sound of each line goes there, so only to an address that the operator set. The language is told, and what the
server says that it heard must be that language.
"""

import asyncio
import io
from dataclasses import dataclass

import pybreaker
import soundfile
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from pydantic import BaseModel, Field, ValidationError

from inference.analysis.jury.calling import client
from inference.analysis.words.languages import language_code
from inference.analysis.words.tiers import Samples, Spoken, UnheardError
from inference.audio.framing import SAMPLE_RATE_HZ

FAILURES, REST_S = 3, 30.0  # so many failures in a row, and the server is left alone for so long
AT_ONCE = 4


class Segment(BaseModel):
    avg_logprob: float | None = Field(None, allow_inf_nan=False)


class Transcription(BaseModel):
    """What is read of an answer; the client itself checks no types."""

    text: str = Field(max_length=20_000)
    language: str = Field("", max_length=40)
    segments: list[Segment] = Field([], max_length=100)


@dataclass(frozen=True, slots=True)
class Address:
    """Set by the operator alone; `key` is never logged."""

    provider: str  # "server" or "groq"
    base_url: str  # with /v1
    model: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Address({self.provider}, {self.model})"


class ServerTier:
    """One model at one address. `timeout_s` is the most that one line may take, whoever asks."""

    at_once = AT_ONCE

    def __init__(self, address: Address, timeout_s: float, rest_s: float = REST_S) -> None:
        self.name = f"{address.provider} {address.model}"
        self._address = address
        self._timeout_s = timeout_s
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES, reset_timeout=rest_s)

    def hear(self, samples: Samples, language: str, budget_s: float) -> Spoken:
        """In a thread without an event loop."""
        try:
            with self._breaker.calling():
                return asyncio.run(self._asked(flac(samples), language, min(budget_s, self._timeout_s)))
        except pybreaker.CircuitBreakerError as error:
            raise UnheardError("left alone for a while") from error

    async def _asked(self, sound: bytes, language: str, budget_s: float) -> Spoken:
        try:
            async with asyncio.timeout(budget_s), client(self._address.base_url, self._address.key) as openai:
                return spoken(await self._posted(openai, sound, language), language)
        except TimeoutError as error:
            raise UnheardError("no answer in time") from error
        except APIStatusError as error:
            raise UnheardError(f"the server answered {error.status_code}") from error
        except OpenAIError as error:
            raise UnheardError(type(error).__name__) from error

    async def _posted(self, openai: AsyncOpenAI, sound: bytes, language: str) -> bytes:
        response = await openai.audio.transcriptions.with_raw_response.create(
            file=("line.flac", sound, "audio/flac"),
            model=self._address.model,
            language=language,
            temperature=0.0,
            response_format="verbose_json",
        )
        return response.content


def flac(samples: Samples) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE_HZ, format="FLAC", subtype="PCM_16")
    return file.getvalue()


def spoken(body: bytes, language: str) -> Spoken:
    """Of a server that may answer anything. Raises UnheardError."""
    try:
        answer = Transcription.model_validate_json(body)
    except ValidationError as error:
        raise UnheardError("the answer is no transcription") from error
    heard = language_code(answer.language)
    if not answer.language:
        raise UnheardError("the server does not say which language it heard")
    if heard != language:
        raise UnheardError(f"the server was told {language!r} and heard {heard or 'another language'!r}")
    told = [segment.avg_logprob for segment in answer.segments if segment.avg_logprob is not None]
    return Spoken(answer.text, sum(told) / len(told) if told else None)
