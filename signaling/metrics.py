"""Figures of signaling for Prometheus, in a registry of their own for each app."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REQUEST_BUCKETS_S = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
JUDGE_BUCKETS_S = (1.0, 2.0, 5.0, 10.0, 30.0, 120.0, 600.0)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "voicejury_http_request_seconds",
            "Time to answer an HTTP request.",
            ("method", "route", "status"),
            buckets=REQUEST_BUCKETS_S,
            registry=self.registry,
        )
        self.sessions_started = Counter("voicejury_sessions_started", "Sessions made.", registry=self.registry)
        self.offers = Counter("voicejury_offers", "Offers by outcome.", ("outcome",), registry=self.registry)
        self.takes_judged = Counter("voicejury_takes", "Takes by their end.", ("end",), registry=self.registry)
        self.judge_seconds = Histogram(
            "voicejury_judge_seconds",
            "From the end of a take to its verdict.",
            buckets=JUDGE_BUCKETS_S,
            registry=self.registry,
        )
        self.verdict_seconds = Histogram(
            "voicejury_verdict_seconds",
            "From the last note to the scores, and to the last juror.",
            ("until",),
            buckets=JUDGE_BUCKETS_S,
            registry=self.registry,
        )
        self.judge_retries = Counter("voicejury_judge_retries", "Calls made again.", registry=self.registry)
        self.preparations = Counter(
            "voicejury_preparations", "Songs prepared, by outcome.", ("outcome",), registry=self.registry
        )
        self.listeners = Gauge("voicejury_event_listeners", "Open event streams.", registry=self.registry)

    def exposition(self) -> bytes:
        return generate_latest(self.registry)
