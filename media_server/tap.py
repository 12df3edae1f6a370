"""The direct tap: RTP packets to PCM with 0.1 ms of delay, in place of aiortc's jitter buffer (80 ms, later 280 ms).

In order, a packet is decoded at once. At a hole it waits for HOLD_PACKETS later ones, then rebuilds what is missing
from the next packet's in-band FEC and by concealment. What is longer than MAX_CONCEALED_TICKS stays a gap: a judge
scores what was sung, not what a decoder made up.
"""

from dataclasses import dataclass, field

from media_server import metrics
from media_server.frames import RTP_RATE_HZ, TICKS_PER_SAMPLE, AudioFrame, FrameSink, TickUnwrapper
from media_server.opus import OpusDecoder, OpusError
from media_server.pace import MAX_LEAD_S, Pace

HOLD_PACKETS = 2
MAX_CONCEALED_TICKS = 4_800  # 100 ms, five packets
MAX_ORDERED_JUMP = 50  # packets; more, and the order tells nothing any longer
MAX_BACK_S = 10.0  # a packet from further back begins a new count
FEC_FRAME_TICKS = 960


@dataclass(frozen=True, slots=True)
class Packet:
    ssrc: int
    sequence: int
    timestamp: int
    payload: bytes
    arrival_s: float


@dataclass(slots=True)
class TapCounts:
    decoded: int = 0
    fec: int = 0
    concealed: int = 0
    late: int = 0
    early: int = 0
    undecodable: int = 0
    resets: int = 0
    paused: int = 0


@dataclass(slots=True)
class _Held:
    packet: Packet
    ticks: int


@dataclass
class RtpTap:
    """Orders, decodes and conceals one stream. `push` never waits."""

    decoder: OpusDecoder
    sink: FrameSink
    counts: TapCounts = field(default_factory=TapCounts)
    unwrapper: TickUnwrapper = field(default_factory=TickUnwrapper)
    _pace: Pace = field(default_factory=Pace)
    _held: dict[int, _Held] = field(default_factory=dict)
    _ssrc: int | None = None
    _next_sequence: int = 0
    _next_ticks: int = 0
    _last_arrival_s: float = 0.0
    _fresh: bool = True
    _lost: bool = False
    _healing: bool = False  # the decoder's memory was made up: its next frame still leans on that
    _cut_off: bool = False  # packets were refused as too early

    def push(self, packet: Packet) -> None:
        if not packet.payload:
            return
        if self._pace.waits(packet.arrival_s):
            self._refuse_early()
            return
        if self._is_another_stream(packet):
            self._restart(packet)
        if not self._pace.takes(self.unwrapper.near(packet.timestamp), packet.arrival_s):
            self._refuse_early()
            self._flush()
            self._cut_off = True
            return
        distance = (packet.sequence - self._next_sequence) & 0xFFFF
        if distance >= 0x8000:
            self.counts.late += 1
            metrics.PACKETS.labels("late").inc()
            return
        if distance > MAX_ORDERED_JUMP:
            self._skip_to(packet)
        self._held[packet.sequence] = _Held(packet, self.unwrapper.unwrap(packet.timestamp))
        self._drain()
        self._last_arrival_s = packet.arrival_s

    def _refuse_early(self) -> None:
        self.counts.early += 1
        metrics.PACKETS.labels("early").inc()

    def _is_another_stream(self, packet: Packet) -> bool:
        """Another SSRC, a timestamp that the time gone by does not explain, or the first one after early packets."""
        if packet.ssrc != self._ssrc or self._cut_off:
            return True
        moved_s = (self.unwrapper.near(packet.timestamp) - self._next_ticks) / RTP_RATE_HZ
        elapsed_s = packet.arrival_s - self._last_arrival_s
        return moved_s > elapsed_s + MAX_LEAD_S or moved_s < -MAX_BACK_S

    def _restart(self, packet: Packet) -> None:
        self._flush()
        if self._ssrc is not None:
            self.counts.resets += 1
            metrics.PACKETS.labels("reset").inc()
            self.decoder.reset()
        self.unwrapper.reset()
        self._cut_off = False
        self._pace.begin(packet.timestamp, packet.arrival_s)
        self._ssrc = packet.ssrc
        self._next_sequence = packet.sequence
        self._next_ticks = packet.timestamp
        self._fresh = True

    def _skip_to(self, packet: Packet) -> None:
        """A long outage: what came before it is played out, what is missing stays a gap."""
        self._flush()
        self._lost = True
        self._next_sequence = packet.sequence

    def _flush(self) -> None:
        while self._held:
            self._close_hole()
            self._play_ready()

    def _drain(self) -> None:
        self._play_ready()
        while self._held and max((key - self._next_sequence) & 0xFFFF for key in self._held) >= HOLD_PACKETS:
            self._close_hole()
            self._play_ready()

    def _play_ready(self) -> None:
        while (held := self._held.pop(self._next_sequence, None)) is not None:
            self._next_sequence = (self._next_sequence + 1) & 0xFFFF
            self._play(held)

    def _play(self, held: _Held) -> None:
        try:
            pcm = self.decoder.decode(held.packet.payload)
        except OpusError:
            self.counts.undecodable += 1
            metrics.PACKETS.labels("undecodable").inc()
            self._lost = True
            return
        self.counts.decoded += 1
        metrics.PACKETS.labels("decoded").inc()
        paused = held.ticks > self._next_ticks and not self._lost
        self.counts.paused += paused
        healing, self._healing = self._healing, False
        self._emit(AudioFrame(held.ticks, pcm, healing, held.packet.arrival_s, self._fresh, paused))

    def _emit(self, frame: AudioFrame) -> None:
        self._fresh = False
        self._lost = False
        self._next_ticks = frame.ticks + len(frame.pcm) * TICKS_PER_SAMPLE
        self.sink(frame)

    def _close_hole(self) -> None:
        """Fills what is missing before the first held packet, or leaves it a gap."""
        first = min(self._held, key=lambda key: (key - self._next_sequence) & 0xFFFF)
        held = self._held[first]
        self._next_sequence = first
        self._lost = True
        missing = held.ticks - self._next_ticks
        if self._fresh or not 0 < missing <= MAX_CONCEALED_TICKS or missing % 120:  # 2.5 ms, Opus' smallest frame
            return
        while (missing := held.ticks - self._next_ticks) > 0:
            if not self._make_up(min(missing, FEC_FRAME_TICKS), held, last=missing <= FEC_FRAME_TICKS):
                return

    def _make_up(self, ticks: int, held: _Held, last: bool) -> bool:
        samples = ticks // TICKS_PER_SAMPLE
        try:
            pcm = self.decoder.recover(held.packet.payload, samples) if last else self.decoder.conceal(samples)
        except OpusError:
            return False
        kind = "fec" if last else "concealed"
        setattr(self.counts, kind, getattr(self.counts, kind) + 1)
        metrics.PACKETS.labels(kind).inc()
        self._emit(AudioFrame(self._next_ticks, pcm, True, held.packet.arrival_s))
        self._healing = True
        return True
