"""Language models behind OpenAI's protocol: LiteLLM, Groq, vLLM, llama.cpp, and Ollama by its /v1."""

import asyncio
from dataclasses import dataclass

import pybreaker
from openai import AsyncOpenAI, OpenAIError

from inference.analysis.jury import calling
from inference.analysis.jury.answer import Draft, TierError, answer
from inference.analysis.jury.prompt import Request

FAILURES, REST_S = 3, 30.0  # so many failures in a row, and the model is left alone for so long


@dataclass(frozen=True, slots=True)
class Address:
    """Set by the operator alone; `key` is never logged."""

    provider: str  # "openai" or "ollama", for the traces
    base_url: str  # with /v1
    model: str
    key: str = ""

    def __repr__(self) -> str:
        return f"Address({self.provider}, {self.model})"


class OpenAiTier:
    """One model at one address. Asks for JSON by schema, and for any JSON where the server knows no schema."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._knows_schema = True
        self._breaker = pybreaker.CircuitBreaker(fail_max=FAILURES, reset_timeout=REST_S)

    @property
    def name(self) -> str:
        return self._address.model

    async def drafts(self, request: Request, budget_s: float) -> list[Draft]:
        try:
            with self._breaker.calling():
                return answer(await self._asked(request, budget_s))
        except pybreaker.CircuitBreakerError as error:
            raise TierError("left alone for a while") from error

    async def _asked(self, request: Request, budget_s: float) -> str:
        try:
            async with asyncio.timeout(budget_s), calling.client(self._address.base_url, self._address.key) as openai:
                return await self._by_schema(openai, request)
        except TimeoutError as error:
            raise TierError("no answer in time") from error
        except OpenAIError as error:
            raise TierError(type(error).__name__) from error

    async def _by_schema(self, openai: AsyncOpenAI, request: Request) -> str:
        """Asks again without a schema, within the same time, where the server refuses one."""
        if self._knows_schema:
            try:
                return await self._call(openai, request, calling.by_schema(request))
            except OpenAIError as error:
                if not calling.refuses_format(error):
                    raise
                self._knows_schema = False
        return await self._call(openai, request, calling.ANY_JSON)

    async def _call(self, openai: AsyncOpenAI, request: Request, response_format: calling.Format) -> str:
        return await calling.call(openai, self._address.provider, self._address.model, request, response_format)
