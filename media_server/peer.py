"""One WebRTC connection of one singer: aiortc set up for singing, torn down without leftovers."""

import asyncio
import time
from collections.abc import Callable

import aioice.ice
from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCSessionDescription,
)
from aiortc.exceptions import InternalError, InvalidAccessError, InvalidStateError, OperationError
from aiortc.mediastreams import MediaStreamTrack
from voicejury.v1 import media_pb2

from media_server import receiver as receivers
from media_server import sdp
from media_server.config import IceServer, ReceiverKind
from media_server.downlink import Downlink
from media_server.errors import BadSdpError
from media_server.frames import AudioFrame
from media_server.peer_trace import PeerTrace

REFUSALS = (InternalError, InvalidAccessError, InvalidStateError, OperationError)

OnFrame = Callable[[AudioFrame], None]
OnReport = Callable[[int, int], None]
OnMessage = Callable[[media_pb2.FromPhone, float], None]


def announce_only(addresses: tuple[str, ...]) -> None:
    """Binds and announces these addresses and no other; aioice has no setting for it."""

    def addresses_of(use_ipv4: bool, use_ipv6: bool) -> list[str]:
        return [address for address in addresses if (use_ipv6 if ":" in address else use_ipv4)]

    aioice.ice.get_host_addresses = addresses_of


class Peer:
    """Callbacks run on the event loop, inside aiortc's read loop: they must not wait."""

    def __init__(
        self,
        session_id: str,
        kind: ReceiverKind,
        ice_servers: list[IceServer],
        on_frame: OnFrame,
        on_report: OnReport,
        on_message: OnMessage,
    ) -> None:
        servers = [RTCIceServer(**server.model_dump()) for server in ice_servers]
        # Never the default configuration: it asks a public STUN server.
        configuration = RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        self._connection = RTCPeerConnection(configuration)
        self._kind = kind
        self._on_frame = on_frame
        self._on_report = on_report
        self._receiver: receivers.Receiver | None = None
        self._reader: asyncio.Task[None] | None = None
        self.downlink = Downlink(session_id, on_message)
        self.began_s = time.monotonic()
        self.closed = False
        self._trace = PeerTrace(session_id)
        self._connection.on("track", self._attach)
        self._connection.on("connectionstatechange", self._changed)
        self._connection.on("datachannel", self._add_channel)

    @property
    def connected(self) -> bool:
        return bool(self._connection.connectionState == "connected")

    @property
    def gone(self) -> bool:
        """Failed or closed by the other side; aiortc knows no "disconnected"."""
        return self._connection.connectionState in ("failed", "closed")

    @property
    def last_packet_s(self) -> float | None:
        """Monotonic time of the newest RTP packet."""
        return self._receiver.last_packet_s if self._receiver else None

    def link(self) -> tuple[float, float]:
        """(loss 0..1, jitter in ms)."""
        return self._receiver.link().read() if self._receiver else (0.0, 0.0)

    async def answer(self, offer: sdp.Offer) -> str:
        """Raises BadSdpError when aiortc cannot live with the offer."""
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
            await self._connection.setLocalDescription()
        except (*REFUSALS, *sdp.PARSE_ERRORS) as error:
            await self.close()
            raise BadSdpError("the offer cannot be answered") from error
        return sdp.with_opus_fmtp(self._connection.localDescription.sdp)

    async def close(self) -> None:
        """Safe to repeat."""
        self.closed = True
        self._trace.over(*self.link())
        await self._connection.close()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)

    def _changed(self) -> None:
        if self.connected:
            self._trace.connected()

    def _attach(self, track: MediaStreamTrack) -> None:
        tapped = next(receiver for receiver in self._connection.getReceivers() if receiver.track is track)
        self._receiver = receivers.attach(self._kind, tapped, self._frame, self._report)
        self._reader = asyncio.create_task(self._receiver.run(), name="receiver")

    def _add_channel(self, channel: RTCDataChannel) -> None:
        self.downlink.add(channel)

    def _frame(self, frame: AudioFrame) -> None:
        if not self.closed:
            self._on_frame(frame)

    def _report(self, ntp_timestamp: int, rtp_timestamp: int) -> None:
        if not self.closed and self._receiver is not None:
            self._on_report(ntp_timestamp, self._receiver.near(rtp_timestamp))
