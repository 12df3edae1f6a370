"""One call of one language model: a span of its own, a deadline, a bound on what comes back, no redirect, no retry."""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache

import httpx2
from openai import APIStatusError, AsyncOpenAI, OpenAIError
from openai.types.chat import ChatCompletion
from openai.types.shared_params import ResponseFormatJSONObject, ResponseFormatJSONSchema
from opentelemetry import trace

from inference.analysis.jury.answer import TierError
from inference.analysis.jury.prompt import Request

MAX_RESPONSE_BYTES = 64 * 1024
MAX_TOKENS = 700
TEMPERATURE = 0.0
UNKNOWN_FORMAT = (400, 404, 415, 422, 501)  # what servers answer to a response format that they do not know
Format = ResponseFormatJSONSchema | ResponseFormatJSONObject
ANY_JSON: Format = {"type": "json_object"}
tracer = trace.get_tracer("voicejury.jury")


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
        completion = await openai.chat.completions.create(
            model=model,
            messages=[{"role": "system", "content": request.system}, {"role": "user", "content": request.user}],
            response_format=response_format,
            temperature=TEMPERATURE,
            seed=request.seed,
            max_tokens=MAX_TOKENS,
        )
        _tell(span, completion)
        return _text(completion)


@contextmanager
def _span(system: str, model: str) -> Iterator[trace.Span]:
    """Names the model, never what is asked nor what is answered: both hold lyrics."""
    attributes: dict[str, str | float] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system": system,
        "gen_ai.request.model": model,
        "gen_ai.request.temperature": TEMPERATURE,
        "gen_ai.request.max_tokens": MAX_TOKENS,
    }
    with tracer.start_as_current_span(
        f"chat {model}", kind=trace.SpanKind.CLIENT, attributes=attributes, record_exception=False
    ) as span:
        yield span


def _tell(span: trace.Span, completion: ChatCompletion) -> None:
    if isinstance(getattr(completion, "model", None), str):
        span.set_attribute("gen_ai.response.model", completion.model[:100])
    usage = getattr(completion, "usage", None)
    for name, field in (("input", "prompt_tokens"), ("output", "completion_tokens")):
        tokens = getattr(usage, field, None)
        if isinstance(tokens, int):
            span.set_attribute(f"gen_ai.usage.{name}_tokens", tokens)


def _text(completion: ChatCompletion) -> str:
    """Of a server that may answer anything: the client checks no types."""
    choices = getattr(completion, "choices", None)
    message = getattr(choices[0], "message", None) if isinstance(choices, list) and choices else None
    content = getattr(message, "content", None)
    if not isinstance(content, str):
        raise TierError("no text in the answer")
    return content


def by_schema(request: Request) -> Format:
    return {"type": "json_schema", "json_schema": {"name": "juror", "schema": request.schema, "strict": True}}


def refuses_format(error: OpenAIError) -> bool:
    return isinstance(error, APIStatusError) and error.status_code in UNKNOWN_FORMAT
