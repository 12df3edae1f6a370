"""Traces and error reports of one process, received by real collectors on loopback."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.house import NOWHERE
from tests.support.otlp_collector import otlp_collector, sentry_collector
from tests.support.places import ROOT

SESSION = "0123456789abcdef0123456789abcdef"
TITLE = "La chanson secrète"
TOKEN = "eyJhbGciOi.secret.token"
SPANS = f"""
import time
from voicejury import lifecycle, tracing
lifecycle.observe("service-of-the-test")
async def main():
    with tracing.span("offer", "{SESSION}"):
        inner = dict(tracing.carried()).get("traceparent", "")
    try:
        with tracing.span("breaks", "{SESSION}"):
            raise ValueError("{TITLE}")
    except ValueError:
        pass
    with tracing.span("called", "{SESSION}", parent=tracing.brought([("traceparent", inner)], "{SESSION}")):
        pass
    foreign = "00-" + "ab" * 16 + "-" + "cd" * 8 + "-01"
    with tracing.span("misled", "{SESSION}", parent=tracing.brought([("traceparent", foreign)], "{SESSION}")):
        pass
    tracing.tell("job", "{SESSION}", time.time() - 2, own=tracing.place("{SESSION}", "job"))
    tracing.tell("take", "{SESSION}", time.time() - 3, own=tracing.place("{SESSION}"))
lifecycle.run(main())
"""
ALL_ARRIVE = "from voicejury import reporting, tracing\ntracing.FLUSH_S = reporting.CLOSE_S = 30.0\n"
BREAKS = f"""
import asyncio, logging
from voicejury import lifecycle
lifecycle.observe("service-of-the-test")
def sing(token):
    title = "{TITLE}"
    raise RuntimeError(f"cannot sing {{title}} with {{token}}")
async def main():
    try:
        sing("{TOKEN}")
    except RuntimeError:
        logging.getLogger("house").exception("session %s broke on %s", "{SESSION}", "{TITLE}")
lifecycle.run(main())
"""
MANY = """
import time
from voicejury import lifecycle, tracing
lifecycle.observe("busy")
async def main():
    global over_s
    with tracing.span("first", "s"):
        pass
    time.sleep(0.5)  # the sender's thread is stuck from here on
    began_s = time.monotonic()
    for index in range(5000):
        with tracing.span("work", "s"):
            pass
    over_s = time.monotonic()
    print(over_s - began_s)
lifecycle.run(main())
print(time.monotonic() - over_s)
"""
QUIET = """
import sys, threading
from voicejury import lifecycle, tracing
lifecycle.observe("quiet")
async def main():
    with tracing.span("offer", "s"):
        assert tracing.carried() == ()
lifecycle.run(main())
heavy = [name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exporter", "sentry_sdk"))]
print(threading.active_count(), heavy)
"""


def python(code: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_spans_of_one_session_are_one_trace_that_nobody_leads_elsewhere() -> None:
    with otlp_collector() as told:
        done = python(ALL_ARRIVE + SPANS, OTEL_EXPORTER_OTLP_ENDPOINT=told.url)
        assert done.returncode == 0, done.stderr
        root = told.one("take")
        assert root.parent_id == ""
        assert 2.9 < root.seconds < 30.0
        assert {span.trace_id for span in told.spans} == {root.trace_id}
        assert {span.service for span in told.spans} == {"service-of-the-test"}
        for name in ("offer", "breaks", "misled", "job"):
            assert told.one(name).parent_id == root.span_id, name
        assert told.one("called").parent_id == told.one("offer").span_id
        assert (told.one("breaks").status, told.one("breaks").status_text) == (2, "ValueError")
        assert TITLE.encode() not in b"".join(told.raw)


def test_the_same_session_has_the_same_places_in_every_process() -> None:
    with otlp_collector() as told:
        for _ in range(2):
            assert python(ALL_ARRIVE + SPANS, OTEL_EXPORTER_OTLP_ENDPOINT=told.url).returncode == 0
        assert len({span.span_id for span in told.of("job")}) == 1
        assert len({span.span_id for span in told.of("offer")}) == 2


@pytest.mark.parametrize(("ratio", "kept"), [("0", 0), ("1", 6), ("nonsense", 6)])
def test_a_share_of_the_takes_is_traced_whole_or_not_at_all(ratio: str, kept: int) -> None:
    with otlp_collector() as told:
        done = python(ALL_ARRIVE + SPANS, OTEL_EXPORTER_OTLP_ENDPOINT=told.url, OTEL_TRACES_SAMPLER_ARG=ratio)
        assert done.returncode == 0, done.stderr
        assert len(told.spans) == kept


def test_a_collector_that_is_away_holds_up_no_stop() -> None:
    began_s = time.monotonic()
    done = python(SPANS, OTEL_EXPORTER_OTLP_ENDPOINT=NOWHERE)
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began_s < 20.0


def test_a_collector_that_hangs_holds_up_no_work_and_no_stop() -> None:
    with otlp_collector(answers=False) as told:
        done = python(MANY, OTEL_EXPORTER_OTLP_ENDPOINT=told.url, OTEL_BSP_SCHEDULE_DELAY="50")
        assert done.returncode == 0, done.stderr
        told.until(lambda collector: collector.waiting > 0)
        work_s, stop_s = map(float, done.stdout.split())
        assert work_s < 10.0  # 5,000 spans, twice what the queue holds
        assert stop_s < 8.0
        assert len([line for line in done.stderr.splitlines() if "Queue full" in line]) <= 1


@pytest.mark.parametrize("off", [{}, {"OTEL_EXPORTER_OTLP_ENDPOINT": NOWHERE, "OTEL_SDK_DISABLED": "true"}])
def test_without_an_address_no_thread_runs_and_nothing_is_loaded(off: dict[str, str]) -> None:
    done = python(QUIET, **off)
    assert done.stdout.strip() == "1 []", done.stderr


def test_an_error_is_reported_by_its_type_and_place_alone() -> None:
    with sentry_collector() as (dsn, items, raw):
        done = python(ALL_ARRIVE + BREAKS, VOICEJURY_SENTRY_DSN=dsn, HOME=str(Path.home()))
        assert done.returncode == 0, done.stderr
        assert [item["type"] for item in items] == ["event"]  # no session, no client report
        event = items[0]["payload"]
        assert event["logentry"] == {"message": "session %s broke on %s"}
        (exception,) = event["exception"]["values"]
        assert exception["type"] == "RuntimeError"
        assert exception["stacktrace"]["frames"][-1]["function"] == "sing"
        assert event["tags"] == {"service": "service-of-the-test"}
        sent = b"".join(raw)
        for private in (
            TITLE,
            json.dumps(TITLE)[1:-1],
            TOKEN,
            SESSION,
            str(Path.home()),
            "cannot sing",
            "vars",
            "user",
        ):
            assert private.encode() not in sent, private


def test_a_sentry_that_is_away_is_no_trouble() -> None:
    began_s = time.monotonic()
    done = python(BREAKS, VOICEJURY_SENTRY_DSN="http://key@127.0.0.1:1/1")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - began_s < 20.0
