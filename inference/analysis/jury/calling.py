"""One call of one language model: a span of its own, a deadline, a bound on what comes back, no redirect, no retry."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache

import httpx2
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from openai.types.shared_params import ResponseFormatJSONObject, ResponseFormatJSONSchema
from opentelemetry import trace
from pydantic import BaseModel, Field, ValidationError
from voicejury import tracing

from inference.analysis.jury.answer import TierError
from inference.analysis.jury.prompt import Request

MAX_RESPONSE_BYTES = 64 * 1024
MAX_TOKENS = 700
TEMPERATURE = 0.0
UNKNOWN_FORMAT = (400, 404, 415, 422, 501)  # what servers answer to a response format that they do not know
Format = ResponseFormatJSONSchema | ResponseFormatJSONObject
ANY_JSON: Format = {"type": "json_object"}


class Message(BaseModel):
    content: str


class Choice(BaseModel):
    message: Message


class Usage(BaseModel):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class Completion(BaseModel):
    """What is read of an answer; the client itself checks no types."""

    choices: list[Choice] = Field(min_length=1)
    model: str = Field("", max_length=200)
    usage: Usage | None = None


class ResponseTooLargeError(httpx2.TransportError):
    """More came back than any answer needs."""


class BoundedStream(httpx2.AsyncByteStream):
    """Ends with an error after MAX_RESPONSE_BYTES."""

    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for chunk in self._stream:
            received += len(chunk)
            if received > MAX_RESPONSE_BYTES:
                raise ResponseTooLargeError("the model's answer is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class BoundedTransport(httpx2.AsyncHTTPTransport):
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        request.headers["Accept-Encoding"] = "identity"  # or a small answer could unpack into a large one
        response = await super().handle_async_request(request)
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        response.stream = BoundedStream(response.stream)
        return response


@cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than many a call."""
    return ssl.create_default_context()


def client(base_url: str, key: str) -> AsyncOpenAI:
    """For one event loop; the caller closes it."""
    transport = BoundedTransport(verify=_certificates())
    return AsyncOpenAI(
        base_url=base_url,
        api_key=key or "none",
        max_retries=0,
        http_client=httpx2.AsyncClient(transport=transport, follow_redirects=False, trust_env=False),
    )


async def call(openai: AsyncOpenAI, system: str, model: str, request: Request, response_format: Format) -> str:
    """The text of the answer. `system` names the provider in the trace. Raises TierError, OpenAIError."""
    with _span(system, model) as span:
        response = await openai.chat.completions.with_raw_response.create(
            model=model,
            messages=[{"role": "system", "content": request.system}, {"role": "user", "content": request.user}],
            response_format=response_format,
            temperature=TEMPERATURE,
            seed=request.seed,
            max_tokens=MAX_TOKENS,
        )
        completion = _read(response.content)
        _tell(span, completion)
        return completion.choices[0].message.content


@contextmanager
def _span(system: str, model: str) -> Iterator[trace.Span]:
    """Names the model, never what is asked nor what is answered: both hold lyrics."""
    attributes: dict[str, str | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": system,
        "gen_ai.system": system,  # its name in older conventions, which Langfuse reads as well
        "gen_ai.request.model": model,
        "gen_ai.request.temperature": TEMPERATURE,
        "gen_ai.request.max_tokens": MAX_TOKENS,
    }
    with tracing.span(f"chat {model}", attributes=attributes, kind=trace.SpanKind.CLIENT) as span:
        yield span


def _tell(span: trace.Span, completion: Completion) -> None:
    if completion.model:
        span.set_attribute("gen_ai.response.model", completion.model)
    if completion.usage is not None:
        span.set_attribute("gen_ai.usage.input_tokens", completion.usage.prompt_tokens)
        span.set_attribute("gen_ai.usage.output_tokens", completion.usage.completion_tokens)


def _read(body: bytes) -> Completion:
    """Of a server that may answer anything. Raises TierError."""
    try:
        return Completion.model_validate_json(body)
    except ValidationError as error:
        raise TierError("no completion in the answer") from error


def by_schema(request: Request) -> Format:
    return {"type": "json_schema", "json_schema": {"name": "juror", "schema": request.schema, "strict": True}}


def refuses_format(error: OpenAIError) -> bool:
    return isinstance(error, APIStatusError) and error.status_code in UNKNOWN_FORMAT
