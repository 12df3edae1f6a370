"""Where aiortc is tapped: its private names, checked at start, and the two ways from a receiver to frames.

Written against aiortc 1.16 (pinned). `tap` replaces the receiver's packet handler; `aiortc` leaves its jitter buffer
and decoder in place and reads the track: for comparison, and where no libopus is found.
"""

import asyncio
import inspect
import logging
import time
from collections.abc import Callable
from typing import Any, Protocol

from aiortc import RTCDtlsTransport, RTCRtpReceiver
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import RtcpSrPacket, RtpPacket

from media_server import metrics
from media_server.config import ReceiverKind
from media_server.downmix import Downmix
from media_server.errors import StartupError
from media_server.frames import RTP_RATE_HZ, AudioFrame, FrameSink, TickUnwrapper
from media_server.opus import OpusDecoder, find_libopus
from media_server.tap import Packet, RtpTap

STREAMS = "_RTCRtpReceiver__remote_streams"
CODECS = "_RTCRtpReceiver__codecs"
MAPPER = "_RTCRtpReceiver__timestamp_mapper"
RTP_HANDLER = "_handle_rtp_packet"  # called by attribute, so an instance's own one is used
RTCP_HANDLER = "_handle_rtcp_packet"
ROUTER = "_rtp_router"
ROUTES = "ssrc_table"  # by SSRC, of the router; it learns each new one
MAX_SSRCS = 4  # of one connection: a page has one microphone, and a browser may count anew when it is replaced
ReportSink = Callable[[int, int], None]

logger = logging.getLogger(__name__)


def check_private_names() -> None:
    """Raises StartupError when the installed aiortc is not the one that this file was written against."""
    source = inspect.getsource(RTCRtpReceiver.__init__)
    for name in (STREAMS, CODECS, MAPPER):
        if name.removeprefix("_RTCRtpReceiver") not in source:
            raise StartupError(f"aiortc has no RTCRtpReceiver{name}; install the pinned aiortc==1.16.*")
    if ROUTER not in inspect.getsource(RTCDtlsTransport.__init__) or not hasattr(RtpRouter(), ROUTES):
        raise StartupError(f"aiortc has no RTCDtlsTransport.{ROUTER}.{ROUTES}; install the pinned aiortc==1.16.*")
    for name in (RTP_HANDLER, RTCP_HANDLER):
        if not inspect.iscoroutinefunction(getattr(RTCRtpReceiver, name, None)):
            raise StartupError(f"aiortc has no RTCRtpReceiver.{name}; install the pinned aiortc==1.16.*")


def usable_kind(wanted: ReceiverKind) -> ReceiverKind:
    """The tap needs libopus; without one aiortc's own decoder serves, 80 ms later and without concealment."""
    if wanted is ReceiverKind.TAP and find_libopus() is None:
        logger.warning("no libopus found: using aiortc's own jitter buffer and decoder (80 ms more latency)")
        return ReceiverKind.AIORTC
    return wanted


class Receiver(Protocol):
    """One phone's sound."""

    last_packet_s: float | None  # monotonic

    async def run(self) -> None:
        """Works until the track ends."""

    def near(self, timestamp: int) -> int:
        """The tick of an RTP timestamp near the newest frame."""

    def link(self) -> "LinkQuality": ...


class LinkQuality:
    """Loss over the last reports and jitter, from what RTCP counts anyway."""

    def __init__(self, streams: dict[int, StreamStatistics]) -> None:
        self._streams = streams
        self._expected = 0
        self._received = 0
        self.loss = 0.0  # 0..1, smoothed over about three readings

    def read(self) -> tuple[float, float]:
        """(loss 0..1, jitter in ms). Call it about once a second."""
        streams = [stream for stream in self._streams.values() if stream.max_seq is not None]
        expected = sum(stream.packets_expected for stream in streams)
        received = sum(stream.packets_received for stream in streams)
        due = expected - self._expected
        if due > 0:
            now = min(1.0, max(0.0, 1.0 - (received - self._received) / due))
            self.loss += (now - self.loss) / 3.0
        self._expected, self._received = expected, received
        jitter_ms = max((stream.jitter for stream in streams), default=0) * 1000.0 / RTP_RATE_HZ
        return self.loss, jitter_ms


class SsrcGate:
    """The first MAX_SSRCS of a connection may speak; aiortc would keep state of each further one for ever."""

    def __init__(self, receiver: RTCRtpReceiver) -> None:
        self._receiver = receiver
        self._known: set[int] = set()

    def admits(self, ssrc: int) -> bool:
        if ssrc in self._known:
            return True
        if len(self._known) < MAX_SSRCS:
            self._known.add(ssrc)
            return True
        routes: dict[int, Any] = getattr(getattr(self._receiver.transport, ROUTER), ROUTES)
        routes.pop(ssrc, None)
        metrics.PACKETS.labels("stranger").inc()
        return False


def _hook_reports(receiver: RTCRtpReceiver, on_report: ReportSink) -> None:
    """Sender reports go on to `on_report(ntp_timestamp, rtp_timestamp)` as well."""
    original = receiver._handle_rtcp_packet

    async def handle(packet: Any) -> None:
        await original(packet)
        if isinstance(packet, RtcpSrPacket) and packet.sender_info.ntp_timestamp:
            on_report(packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp)

    setattr(receiver, RTCP_HANDLER, handle)


class TapReceiver:
    """The direct tap on an aiortc receiver."""

    def __init__(self, receiver: RTCRtpReceiver, sink: FrameSink, on_report: ReportSink) -> None:
        library = find_libopus()
        if library is None:
            raise StartupError("the tap needs libopus")
        self.last_packet_s: float | None = None
        self._tap = RtpTap(OpusDecoder(library), sink)
        self._streams: dict[int, StreamStatistics] = getattr(receiver, STREAMS)
        self._codecs: dict[int, Any] = getattr(receiver, CODECS)
        self._quality = LinkQuality(self._streams)
        self._gate = SsrcGate(receiver)
        setattr(receiver, RTP_HANDLER, self._handle)
        _hook_reports(receiver, on_report)

    async def _handle(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        codec = self._codecs.get(packet.payload_type)
        if not self._gate.admits(packet.ssrc) or codec is None or codec.mimeType.lower() != "audio/opus":
            return
        now_s = time.monotonic()
        self.last_packet_s = now_s
        # Keeps the receiver reports true, so that the phone adapts its bit rate and its FEC.
        self._streams.setdefault(packet.ssrc, StreamStatistics(codec.clockRate)).add(packet)
        self._tap.push(Packet(packet.ssrc, packet.sequence_number, packet.timestamp, packet.payload, now_s))

    async def run(self) -> None:
        """The packets drive everything; nothing to do."""

    def near(self, timestamp: int) -> int:
        return self._tap.unwrapper.near(timestamp)

    def link(self) -> LinkQuality:
        return self._quality


class TrackReceiver:
    """aiortc's own jitter buffer and decoder, read from the track."""

    def __init__(self, receiver: RTCRtpReceiver, sink: FrameSink, on_report: ReportSink) -> None:
        self.last_packet_s: float | None = None
        self._receiver = receiver
        self._sink = sink
        self._unwrapper = TickUnwrapper()
        self._quality = LinkQuality(getattr(receiver, STREAMS))
        self._gate = SsrcGate(receiver)
        self._original = receiver._handle_rtp_packet
        setattr(receiver, RTP_HANDLER, self._handle)
        _hook_reports(receiver, on_report)

    async def _handle(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        if not self._gate.admits(packet.ssrc):
            return
        self.last_packet_s = time.monotonic()
        await self._original(packet, arrival_time_ms)

    async def run(self) -> None:
        track = self._receiver.track
        downmix = Downmix()
        origin = None
        while True:
            try:
                frame: Any = await track.recv()
            except MediaStreamError:
                return
            fresh = origin is None
            if origin is None:
                origin = int(getattr(self._receiver, MAPPER)._origin)
            ticks = self._unwrapper.unwrap((origin + frame.pts) & 0xFFFFFFFF)
            pcm = await asyncio.to_thread(downmix.convert, frame.to_ndarray())
            self._sink(AudioFrame(ticks, pcm, False, time.monotonic(), fresh))

    def near(self, timestamp: int) -> int:
        return self._unwrapper.near(timestamp)

    def link(self) -> LinkQuality:
        return self._quality


def attach(kind: ReceiverKind, receiver: RTCRtpReceiver, sink: FrameSink, on_report: ReportSink) -> Receiver:
    """Must be called in the `track` event, before the first packet."""
    chosen = TapReceiver if kind is ReceiverKind.TAP else TrackReceiver
    return chosen(receiver, sink, on_report)
