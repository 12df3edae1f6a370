"""Counters of media_server, in the default Prometheus registry."""

from prometheus_client import Counter, Gauge

PEERS = Gauge("voicejury_media_peers", "Live peers")
LOOP_LAG_P95_MS = Gauge("voicejury_media_loop_lag_p95_ms", "Lateness of the event loop, 95th percentile of 5 s")
REFUSED = Counter("voicejury_media_refused_total", "Offers refused", ["code"])
PACKETS = Counter("voicejury_media_rtp_packets_total", "RTP packets by fate", ["fate"])
SAMPLES = Counter("voicejury_media_samples_total", "16 kHz samples of takes", ["kind"])
UPLINK_DROPPED = Counter("voicejury_media_uplink_dropped_samples_total", "Samples the live judge was too slow for")
UPLINK_CONNECTS = Counter("voicejury_media_uplink_connects_total", "Streams opened to the live judge")
DOWNLINK_DROPPED = Counter("voicejury_media_downlink_dropped_total", "Messages not sent to the phone", ["channel"])
BAD_MESSAGES = Counter("voicejury_media_bad_messages_total", "Messages of a phone that do not parse")
TAKES_DELETED = Counter("voicejury_media_takes_deleted_total", "Take folders deleted after their time")
LATE_SPANS = Counter("voicejury_media_late_spans_total", "Spans that phones sent afterwards, by fate", ["fate"])
