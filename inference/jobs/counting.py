"""What a stage found, counted and written on its span."""

from opentelemetry import trace

from inference import metrics


def count_bleed(method: str) -> None:
    """How the backing was taken out of a take."""
    metrics.BLEED.labels(method).inc()
    trace.get_current_span().set_attribute("voicejury.bleed_method", method)
