"""One singer from the first offer to the sealed take, over however many connections it takes."""

import asyncio
import contextlib
import logging
import time

import numpy as np
from voicejury.v1 import audio_pb2, live_pb2, media_pb2

from media_server.clock import Anchor, Playback, SongClock, Timeline
from media_server.frames import SAMPLE_RATE_HZ, AudioFrame
from media_server.peer import Peer
from media_server.take import Take, TakeSummary
from media_server.uplink import Uplink

SILENCE_PEAK = 1.5 / 32_768  # what a muted microphone leaves after Opus
SILENT_AFTER_S = 2.0
STALE_POINT_S = 3.0  # older points are a replay for the judge's sake, not for the eye
LAST_WORD_S = 0.5  # the live judge answers in some 10 ms; nobody waits longer for a number
MIC_ROUTES = ("unknown", "wired", "bluetooth")  # what media.proto names; anything else is not for a log
MAX_TAKE_SAMPLES = (30 * 60 - 30) * SAMPLE_RATE_HZ  # the judge reads 30 min; the margin is for anchors and rounding
MAX_RECOVERED_GAP_S = 100.0  # after a crash; the live judge takes 120 s at most, and the next anchor is exact again

logger = logging.getLogger(__name__)


def timeline_after(take: Take, now_unix_s: float, now_s: float) -> Timeline:
    """Goes on where a recovered take would be by the wall clock."""
    held_s = take.next_sample / SAMPLE_RATE_HZ
    idle_s = now_unix_s - take.started_unix_s - held_s if take.next_sample else 0.0
    return Timeline(take.next_sample, min(max(0.0, idle_s), MAX_RECOVERED_GAP_S), now_s)


class Session:
    """Frames and messages come in here; the spool, the judge and the phone are told, in that order."""

    def __init__(self, take: Take, uplink: Uplink, mic_lost_s: float) -> None:
        now_s = time.monotonic()
        self.take = take
        self.peer: Peer | None = None
        self.lost_s = now_s  # since when there is no peer
        self._uplink = uplink
        self._mic_lost_s = mic_lost_s
        self._timeline = timeline_after(take, time.time(), now_s)
        self._clock = SongClock(self._timeline)
        self._silent_samples = 0
        self._broken = False
        self._full = False
        self._mic_logged = False
        self._latency_logged = False
        self._live_pitch: float | None = None
        self._judge_done = asyncio.Event()

    @property
    def session_id(self) -> str:
        return self.take.session_id

    def attach(self, peer: Peer) -> Peer | None:
        """Makes `peer` the session's; returns the one it replaces, which must be closed."""
        old, self.peer = self.peer, peer
        if old is not None:
            old.closed = True
        self._timeline.begin()
        self._clock = SongClock(self._timeline)
        self._silent_samples = 0
        return old

    def detach(self) -> Peer | None:
        """Leaves the session without a peer; the returned one must be closed."""
        old, self.peer = self.peer, None
        self.lost_s = time.monotonic()
        return old

    def on_frame(self, frame: AudioFrame) -> None:
        try:
            self._write(frame)
        except OSError as error:
            self._spool_failed(error)

    def _write(self, frame: AudioFrame) -> None:
        first_on_timeline = frame.new_timeline or not self._timeline.running
        reason = self._gap_reason(frame)
        first_sample = self._timeline.place(frame)
        if first_sample + len(frame.pcm) > MAX_TAKE_SAMPLES:
            self._take_full()
            return
        self._tell(self.take.gap_until(first_sample, reason))
        self._tell(self.take.audio(first_sample, frame.pcm, frame.concealed))
        if first_on_timeline:
            self._clock.new_timeline()
            self._anchor(self._clock.first_frame())
        self._watch_silence(frame)

    def _gap_reason(self, frame: AudioFrame) -> "audio_pb2.GapReason.ValueType":
        if not self._timeline.running:
            return audio_pb2.GAP_REASON_RECONNECT
        return audio_pb2.GAP_REASON_MICROPHONE if frame.phone_paused else audio_pb2.GAP_REASON_NETWORK

    def _take_full(self) -> None:
        if self._full:
            return
        self._full = True
        logger.warning("session %s: the take is full, no more sound is kept", self.session_id)
        if self.peer is not None:
            self.peer.downlink.problem("take-full", "the take is as long as a take may be")

    def _spool_failed(self, error: OSError) -> None:
        if not self._broken:
            self._broken = True
            logger.error("session %s: the spool cannot be written: %s", self.session_id, error)
        if self.peer is not None:
            self.peer.downlink.problem("spool-failed", "the take cannot be kept")

    def _watch_silence(self, frame: AudioFrame) -> None:
        silent = float(np.abs(frame.pcm).max(initial=0.0)) <= SILENCE_PEAK
        self._silent_samples = self._silent_samples + len(frame.pcm) if silent else 0

    def on_report(self, ntp_timestamp: int, ticks: int) -> None:
        self._keep(self._clock.report(ntp_timestamp, ticks))

    def on_message(self, message: media_pb2.FromPhone, arrival_s: float) -> None:
        kind = message.WhichOneof("message")
        if kind == "clock":
            clock = message.clock
            self._log_latency(clock.output_latency_s)
            self._clock.heard(clock.epoch_ms, arrival_s)
            self._keep(self._clock.playback(Playback(clock.song_s, clock.epoch_ms, clock.playing)))
        elif kind == "ping":
            self._clock.heard(message.ping.epoch_ms, arrival_s)
            self._to_phone(media_pb2.ToPhone(pong=message.ping))
        else:
            self._log_microphone(message.mic)

    def _log_microphone(self, mic: media_pb2.MicSettings) -> None:
        """Once, for whoever asks later why a take sounds as it does; nothing in it tells who sang."""
        if self._mic_logged:
            return
        self._mic_logged = True
        logger.info(
            "session %s: microphone: echo cancellation %s, noise suppression %s, auto gain %s, %d Hz, %d channels, "
            "headphones %s, route %s",
            self.session_id,
            mic.echo_cancellation,
            mic.noise_suppression,
            mic.auto_gain_control,
            mic.sample_rate_hz,
            mic.channel_count,
            mic.headphones,
            mic.route if mic.route in MIC_ROUTES else "other",
        )

    def _log_latency(self, output_latency_s: float) -> None:
        """Once; the phone has taken it into account already."""
        if not self._latency_logged:
            self._latency_logged = True
            logger.info("session %s: output latency %.0f ms", self.session_id, output_latency_s * 1000.0)

    def on_judgement(self, judgement: live_pb2.Judgement) -> None:
        kind = judgement.WhichOneof("judgement")
        if kind == "pitch" and self.peer is not None:
            oldest = self.take.next_sample - STALE_POINT_S * SAMPLE_RATE_HZ
            self.peer.downlink.points([point for point in judgement.pitch.points if point.sample >= oldest])
        elif kind == "note":
            self._to_phone(media_pb2.ToPhone(note=judgement.note))
        elif kind == "line":
            self._to_phone(media_pb2.ToPhone(line=judgement.line))
        elif kind == "score":
            self._score(judgement.score)
        elif kind == "ended":
            self._score(judgement.ended.score)
            self._judge_done.set()
        elif kind == "error":
            self._judge_failed(judgement.error)

    def on_words(self, words: live_pb2.LineWords) -> None:
        self._to_phone(media_pb2.ToPhone(words=words))

    def _score(self, score: live_pb2.LiveScore) -> None:
        self._live_pitch = score.pitch if score.measured > 0 else None
        self._to_phone(media_pb2.ToPhone(score=score))

    async def seal(self) -> TakeSummary:
        """Ends the take: what the phone did not send up to now is a gap, and the live judge has its last word."""
        if self.take.has_audio:
            end = min(self._timeline.silent_until(time.monotonic()), MAX_TAKE_SAMPLES)
            self.take.gap_until(end, audio_pb2.GAP_REASON_NETWORK)
        self._uplink.end(self.session_id)
        if self._uplink.connected:
            with contextlib.suppress(TimeoutError):  # the last score it told stands
                await asyncio.wait_for(self._judge_done.wait(), LAST_WORD_S)
        return await asyncio.to_thread(self.take.seal, self._live_pitch)

    async def sync(self) -> None:
        try:
            await self.take.sync()
        except OSError as error:
            self._spool_failed(error)

    def _judge_failed(self, error: live_pb2.SingerError) -> None:
        logger.warning("session %s: live judge: %s: %s", self.session_id, error.code, error.message)
        if self.peer is not None:
            self.peer.downlink.problem(error.code, error.message)

    def tell_stats(self, now_s: float) -> None:
        if self.peer is None or not self.peer.connected:
            return
        loss, jitter_ms = self.peer.link()
        stats = media_pb2.MediaStats(
            mic=self._mic_state(self.peer, now_s),
            loss=loss,
            jitter_ms=jitter_ms,
            gap_samples=self.take.gap_samples,
            concealed_samples=self.take.concealed_samples,
            judge_connected=self._uplink.is_live(self.session_id),
        )
        self._to_phone(media_pb2.ToPhone(stats=stats))

    def _mic_state(self, peer: Peer, now_s: float) -> "media_pb2.MicState.ValueType":
        if now_s - (peer.last_packet_s or peer.began_s) > self._mic_lost_s:
            return media_pb2.MIC_STATE_LOST
        if self._silent_samples >= SILENT_AFTER_S * SAMPLE_RATE_HZ:
            return media_pb2.MIC_STATE_SILENT
        return media_pb2.MIC_STATE_OK

    def _keep(self, anchors: list[Anchor]) -> None:
        try:
            self._anchor(anchors)
        except OSError as error:
            self._spool_failed(error)

    def _anchor(self, anchors: list[Anchor]) -> None:
        for anchor in anchors if not self._full else ():
            self._tell(self.take.anchor(anchor))

    def _tell(self, item: live_pb2.SingerInput | None) -> None:
        if item is not None:
            self._uplink.push(self.session_id, item)

    def _to_phone(self, message: media_pb2.ToPhone) -> None:
        if self.peer is not None:
            self.peer.downlink.tell(message)
