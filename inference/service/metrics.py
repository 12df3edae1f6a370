"""What Prometheus may read about the live judge, on loopback."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from inference.live.engine import LiveEngine
from inference.models.estimator import SAMPLE_RATE_HZ


class EngineCollector(Collector):
    """Reads the engine's counters when it is asked."""

    def __init__(self, engine: LiveEngine) -> None:
        self._engine = engine

    def collect(self) -> Iterator[Metric]:
        counters = self._engine.counters
        yield GaugeMetricFamily("voicejury_live_singers", "Singers being judged", self._engine.singer_count)
        network = GaugeMetricFamily("voicejury_live_network", "The pitch network in use", labels=["name"])
        network.add_metric([self._engine.estimator_name], 1)
        yield network
        yield GaugeMetricFamily("voicejury_live_backlog_seconds", "Sound that waits", self._engine.backlog_s)
        yield CounterMetricFamily("voicejury_live_windows", "Windows through the network", counters.windows)
        yield CounterMetricFamily("voicejury_live_turns", "Turns of the judge's thread", counters.turns)
        yield CounterMetricFamily("voicejury_live_busy_seconds", "Time spent in turns", counters.busy_s)
        dropped_s = counters.dropped_samples / SAMPLE_RATE_HZ
        yield CounterMetricFamily("voicejury_live_dropped_seconds", "Sound dropped as too late", dropped_s)


def serve_metrics(engine: LiveEngine, port: int) -> None:
    registry = CollectorRegistry()
    registry.register(EngineCollector(engine))
    start_http_server(port, addr="127.0.0.1", registry=registry)
