"""CPU of a span, with a collector and without: `python -m tests.bench.bench_traces`."""

import subprocess
import sys

from tests.support.otlp_collector import otlp_collector
from tests.support.places import ROOT

SPANS = 2_000
CODE = f"""
import time
from voicejury import tracing
tracing.set_up("bench")
began_s = time.process_time()
for index in range({SPANS}):
    with tracing.span("work", str(index // 20), {{"voicejury.stage": "pitch"}}):
        pass
tracing.shut_down()
print((time.process_time() - began_s) / {SPANS} * 1e6)
"""


def span_us(**environment: str) -> float:
    """Microseconds of CPU, sending included."""
    done = subprocess.run([sys.executable, "-c", CODE], env=environment, cwd=ROOT, capture_output=True, check=True)
    return float(done.stdout)


def main() -> None:
    with otlp_collector() as told:
        on_us = span_us(OTEL_EXPORTER_OTLP_ENDPOINT=told.url)
        print(
            f"without a collector {span_us():.1f} us of CPU a span; with one {on_us:.0f} us, {len(told.spans)} received"
        )


if __name__ == "__main__":
    main()
