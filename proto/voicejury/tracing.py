"""One trace for each take, by OpenTelemetry; what goes to it is set by the standard OTEL_* variables, nothing without.

The ids of a take's trace, and of the spans under which others lie, follow from the session's id: a process that takes
up what another began goes on in the same trace without being told. Spans name stages and models, never what was sung,
said or titled, nor who sang. docs/decisions/0020-traces.md
"""

import hashlib
import logging
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import INVALID_SPAN, NonRecordingSpan, Span, SpanContext, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
RATIO = "OTEL_TRACES_SAMPLER_ARG"  # of the takes, 0..1
TAKE, JUDGING, JOB = "take", "judging", "job"  # spans under which others lie; the take's is the trace's root
SESSION = "voicejury.session_id"
FLUSH_S = 0.7  # for the last spans of a process that stops: its supervisor waits 2 s
COMPLAIN_S = 60.0  # a collector that is away is told of once a minute
COMPLAINERS = ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "opentelemetry.sdk._shared_internal")
Attributes = Mapping[str, str | bool | int | float]

_provider: "TracerProvider | None" = None
_own_ids: ContextVar[tuple[int, int] | None] = ContextVar("own_ids", default=None)  # of the span that is begun now
_propagator = TraceContextTextMapPropagator()


def set_up(service: str) -> None:
    """Where a collector is set. Spans leave in batches, by a thread of their own; what has no room is lost."""
    global _provider
    is_off = os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true"
    if _provider is None and not is_off and any(os.environ.get(name) for name in ENDPOINTS):
        _provider = _new_provider(service)


def is_on() -> bool:
    return _provider is not None


def shut_down() -> None:
    """Sends what is left, FLUSH_S at most."""
    global _provider
    provider, _provider = _provider, None
    if provider is not None:
        last = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(FLUSH_S)


def place(session_id: str, *names: object) -> SpanContext:
    """The span of these names in a session's trace, whoever tells it; without names the take's own."""
    return SpanContext(
        trace_id=_number(16, session_id),
        span_id=_number(8, session_id, *(names or (TAKE,))),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),  # which traces are kept follows from the trace's id
    )


@contextmanager
def span(
    name: str,
    session_id: str = "",
    attributes: Attributes | None = None,
    parent: SpanContext | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Iterator[Span]:
    """The present span. It lies under `parent`, otherwise under the one that was present, otherwise under the take."""
    if _provider is None:
        yield INVALID_SPAN
        return
    under = parent or _present() or (place(session_id) if session_id else None)
    made = _tracer().start_span(name, _context(under), kind, _all(session_id, attributes))
    with trace.use_span(made, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield made
        except BaseException as error:
            made.set_status(_failed(type(error).__name__))  # the error's text may hold anything
            raise


def tell(
    name: str,
    session_id: str,
    began_unix_s: float,
    attributes: Attributes | None = None,
    parent: SpanContext | None = None,
    own: SpanContext | None = None,
    failure: str = "",
) -> None:
    """A span that ends now, told at once; `own` is the place that it takes, with the take's own place as the root."""
    if _provider is None:
        return
    is_root = own is not None and own == place(session_id)
    under = None if is_root else parent or place(session_id)
    token = _own_ids.set((own.trace_id, own.span_id) if own is not None else None)
    try:
        began_ns = min(round(began_unix_s * 1e9), time.time_ns())
        made = _tracer().start_span(name, _context(under), attributes=_all(session_id, attributes), start_time=began_ns)
    finally:
        _own_ids.reset(token)
    if failure:
        made.set_status(_failed(failure))
    made.end()


def present() -> SpanContext | None:
    """Of the span in which this code runs, to be the parent of one that is told later."""
    return _present() if _provider is not None else None


def carried() -> tuple[tuple[str, str], ...]:
    """The present span for a call's metadata; empty without one."""
    if present() is None:
        return ()
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return (("traceparent", carrier["traceparent"]),)


def brought(metadata: Iterable[tuple[str, str | bytes]] | None, session_id: str) -> SpanContext | None:
    """The caller's span, where it lies in this session's trace; nobody can lead spans into another."""
    if _provider is None:
        return None
    carrier = {key: str(value) for key, value in metadata or () if key == "traceparent"}
    found = trace.get_current_span(_propagator.extract(carrier, Context())).get_span_context()
    return found if found.is_valid and found.trace_id == place(session_id).trace_id else None


def _present() -> SpanContext | None:
    found = trace.get_current_span().get_span_context()
    return found if found.is_valid else None


def _context(under: SpanContext | None) -> Context:
    return trace.set_span_in_context(NonRecordingSpan(under), Context()) if under is not None else Context()


def _all(session_id: str, attributes: Attributes | None) -> dict[str, Any]:
    return {**({SESSION: session_id} if session_id else {}), **(attributes or {})}


def _failed(description: str) -> Status:
    return Status(StatusCode.ERROR, description)


def _number(size: int, *names: object) -> int:
    text = "\0".join(str(name) for name in names)
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:size], "big") or 1


def _tracer() -> trace.Tracer:
    assert _provider is not None
    return _provider.get_tracer("voicejury")


def _new_provider(service: str) -> "TracerProvider":
    """No provider for the whole process: what libraries tell of themselves may hold what nobody else shall know."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # 0.2 s: only where it is used
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            own = _own_ids.get()
            return own[0] if own is not None else super().generate_trace_id()

        def generate_span_id(self) -> int:
            own = _own_ids.get()
            return own[1] if own is not None else super().generate_span_id()

    for name in COMPLAINERS:
        logging.getLogger(name).addFilter(_SometimesFilter())
    provider = TracerProvider(
        sampler=TraceIdRatioBased(_ratio(os.environ.get(RATIO, ""))),
        resource=Resource.create({"service.name": service, "service.namespace": "voicejury"}),
        id_generator=Ids(),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


def _ratio(text: str) -> float:
    try:
        return min(1.0, max(0.0, float(text or 1.0)))
    except ValueError:
        logging.getLogger(__name__).warning("%s is no number: every take is traced", RATIO)
        return 1.0


class _SometimesFilter(logging.Filter):
    """Lets one line through in COMPLAIN_S."""

    def __init__(self) -> None:
        super().__init__()
        self._next_s = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now_s = time.monotonic()
        if now_s < self._next_s:
            return False
        self._next_s = now_s + COMPLAIN_S
        return True
