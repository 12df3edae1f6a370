"""Collectors on loopback that speak the real protocols: OTLP over HTTP for spans, Sentry's envelopes for errors."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

WAIT_S = 60.0
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "gzip": gzip.decompress,
    "br": lambda body: bytes(import_module("brotli").decompress(body)),  # yt-dlp brings it, and Sentry's SDK uses it
}


@dataclass(frozen=True, slots=True)
class ToldSpan:
    """One span as it came over the wire."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str  # empty: the root
    seconds: float
    status: int
    status_text: str
    attributes: dict[str, Any]


@dataclass(slots=True)
class Collector:
    """What was sent, decoded and as it came."""

    url: str
    spans: list[ToldSpan] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    waiting: int = 0  # calls that were never answered

    def of(self, name: str) -> list[ToldSpan]:
        return [span for span in list(self.spans) if span.name == name]

    def one(self, name: str) -> ToldSpan:
        found = self.of(name)
        assert len(found) == 1, f"{name}: {len(found)} of {sorted({span.name for span in self.spans})}"
        return found[0]

    def until(self, condition: Callable[["Collector"], bool]) -> None:
        deadline_s = time.monotonic() + WAIT_S
        while not condition(self):
            assert time.monotonic() < deadline_s, sorted((span.service, span.name) for span in self.spans)
            time.sleep(0.1)


@contextmanager
def otlp_collector(answers: bool = True) -> Iterator[Collector]:
    """One that does not answer takes what is sent, and lets its sender wait."""
    collector = Collector("")
    over = threading.Event()

    def receive(path: str, headers: dict[str, str], body: bytes) -> bytes | None:
        if not answers:
            collector.waiting += 1
            over.wait()
            return None
        assert path == "/v1/traces", path
        collector.raw.append(body)
        collector.headers.append(headers)
        collector.spans.extend(_spans(ExportTraceServiceRequest.FromString(body)))
        return ExportTraceServiceResponse().SerializeToString()

    with _http(receive) as port:
        collector.url = f"http://127.0.0.1:{port}"
        try:
            yield collector
        finally:
            over.set()


@contextmanager
def sentry_collector() -> Iterator[tuple[str, list[dict[str, Any]], list[bytes]]]:
    """Its DSN, the items that came (each with its `type`), and the envelopes as they came."""
    items: list[dict[str, Any]] = []
    raw: list[bytes] = []

    def receive(path: str, _headers: dict[str, str], body: bytes) -> bytes:
        assert path == "/api/1/envelope/", path
        raw.append(body)
        lines = body.split(b"\n")
        for head, payload in zip(lines[1::2], lines[2::2], strict=False):
            items.append({"type": json.loads(head)["type"], "payload": json.loads(payload)})
        return b"{}"

    with _http(receive) as port:
        yield f"http://publickey@127.0.0.1:{port}/1", items, raw


def _spans(request: ExportTraceServiceRequest) -> Iterator[ToldSpan]:
    for resource in request.resource_spans:
        service = {pair.key: pair.value.string_value for pair in resource.resource.attributes}["service.name"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield ToldSpan(
                    service=service,
                    name=span.name,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    seconds=(span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                    status=span.status.code,
                    status_text=span.status.message,
                    attributes={
                        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value"))) for pair in span.attributes
                    },
                )


@contextmanager
def _http(receive: Callable[[str, dict[str, str], bytes], bytes | None]) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            body = UNPACK[self.headers.get("Content-Encoding", "")](body)
            answer = receive(self.path, dict(self.headers), body)
            if answer is None:
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the test's screen."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
