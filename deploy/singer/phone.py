"""A phone's side of the connection by aiortc: the same offer, channels and messages as the page's."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

from aiortc import RTCConfiguration, RTCDataChannel, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import Packet
from av.stream import Stream
from google.protobuf.message import DecodeError
from voicejury.v1 import media_pb2

from deploy.singer.encoded import PIECE_SAMPLES, RATE_HZ, TIME_BASE, Voice, silence
from deploy.singer.errors import SingError
from deploy.singer.sound import SendTimes

CLOCK_PERIOD_S = 2.0
PING_PERIOD_S = 1.0
OPEN_TIMEOUT_S = 15.0
MAX_UNREAD = 100_000


class Microphone(MediaStreamTrack):
    """Silence in real time, and the voice from the moment it is started."""

    kind = "audio"

    def __init__(self, voice: Voice) -> None:
        super().__init__()
        self.times = SendTimes()
        self.finished = asyncio.Event()
        self.begun = asyncio.Event()
        self.begun_epoch_ms = 0.0  # when the file's first sample was due
        self._voice = voice
        self._silence = silence()
        self._singing = False
        self._sent = 0
        self._samples = 0
        self._start_s: float | None = None

    def sing(self) -> None:
        self._singing = True

    async def recv(self) -> "Packet[Stream]":
        if self.readyState != "live":
            raise MediaStreamError
        if self._start_s is None:
            self._start_s = time.monotonic()
        self._samples += PIECE_SAMPLES
        due_s = self._start_s + self._samples / RATE_HZ
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
        packet = Packet(self._next_piece(late_s=time.monotonic() - due_s))
        packet.pts, packet.time_base = self._samples - PIECE_SAMPLES, TIME_BASE
        return packet

    def _next_piece(self, late_s: float) -> bytes:
        if not self._singing:
            return self._silence
        if self._sent == len(self._voice):
            self.finished.set()
            return self._silence
        if not self.begun.is_set():
            self.begun_epoch_ms = (time.time() - late_s) * 1000.0
            self.begun.set()
        self.times.sent()
        self._sent += 1
        return self._voice[self._sent - 1]


class Phone:
    """One connection. Use: `offer`, `accept`, `opened`, `sing`, read `messages`, `close`."""

    def __init__(self, voice: Voice, ice_servers: list[dict[str, Any]] | None = None) -> None:
        servers = [RTCIceServer(**server) for server in ice_servers or []]
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self.microphone = Microphone(voice)
        self.pitch = self.connection.createDataChannel("pitch", ordered=False, maxRetransmits=0)
        self.control = self.connection.createDataChannel("control")
        self._inbox: asyncio.Queue[tuple[float, media_pb2.ToPhone] | None] = asyncio.Queue(MAX_UNREAD)
        self._open = {channel: asyncio.Event() for channel in (self.pitch, self.control)}
        self._telling: asyncio.Task[None] | None = None
        self.connection.addTransceiver(self.microphone, direction="sendonly")
        for channel, event in self._open.items():
            self._listen(channel, event)

    def _listen(self, channel: RTCDataChannel, opened: asyncio.Event) -> None:
        channel.on("open", opened.set)
        channel.on("message", self._receive)

    def _receive(self, data: object) -> None:
        if self._inbox.full() or not isinstance(data, bytes):
            return
        try:
            self._inbox.put_nowait((time.monotonic(), media_pb2.ToPhone.FromString(data)))
        except DecodeError as error:
            raise SingError("the server sent a message that does not parse") from error

    async def offer(self) -> str:
        await self.connection.setLocalDescription()
        return str(self.connection.localDescription.sdp)

    async def accept(self, answer_sdp: str) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(answer_sdp, "answer"))

    async def opened(self) -> None:
        """Raises SingError when no connection comes about in time."""
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                for event in self._open.values():
                    await event.wait()
        except TimeoutError as error:
            raise SingError("the media server cannot be reached by UDP") from error

    async def sing(self) -> None:
        """Starts the file and the song with it: song second 0 is the file's first sample."""
        self.tell(media_pb2.FromPhone(mic=media_pb2.MicSettings(sample_rate_hz=RATE_HZ, channel_count=1)))
        self.microphone.sing()
        await self.microphone.begun.wait()
        self._telling = asyncio.create_task(self._tell_clock(), name="playback clock")

    async def _tell_clock(self) -> None:
        seconds = 0
        while self.control.readyState == "open":
            now_ms = time.time() * 1000.0
            if seconds % CLOCK_PERIOD_S == 0:
                song_s = (now_ms - self.microphone.begun_epoch_ms) / 1000.0
                clock = media_pb2.PlaybackClock(song_s=song_s, epoch_ms=now_ms, playing=True)
                self.tell(media_pb2.FromPhone(clock=clock))
            self.tell(media_pb2.FromPhone(ping=media_pb2.Ping(seq=seconds, epoch_ms=now_ms)))
            seconds += 1
            await asyncio.sleep(PING_PERIOD_S)

    def mute(self) -> None:
        """Sends no packet any longer, as a phone whose microphone was taken away."""
        for sender in self.connection.getSenders():
            sender._enabled = False  # aiortc drops the frames of a disabled sender

    def tell(self, message: media_pb2.FromPhone) -> None:
        if self.control.readyState == "open":
            self.control.send(message.SerializeToString())

    async def messages(self) -> AsyncIterator[tuple[float, media_pb2.ToPhone]]:
        """(monotonic arrival, message), until the phone hangs up."""
        while (item := await self._inbox.get()) is not None:
            yield item

    def hang_up(self) -> None:
        """Ends `messages` after what has arrived."""
        self._inbox.put_nowait(None)

    async def close(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)
        self.microphone.stop()
        await self.connection.close()
