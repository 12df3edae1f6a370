"""What the phone is told over its data channels."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiortc import RTCConfiguration, RTCDataChannel, RTCPeerConnection
from voicejury.v1 import live_pb2, media_pb2

from media_server.downlink import MAX_PITCH_BACKLOG_BYTES, MAX_POINTS, PITCH, REPEATED_POINTS, Downlink
from media_server.peer import announce_only
from tests.support.media import until

WAIT_S = 10.0


def points(first: int, count: int) -> list[live_pb2.PitchPoint]:
    return [live_pb2.PitchPoint(seq=seq, sample=320 * seq) for seq in range(first, first + count)]


@asynccontextmanager
async def two_ends() -> AsyncIterator[tuple[RTCDataChannel, asyncio.Queue[bytes]]]:
    """Our end of a pitch channel over real SCTP on loopback, and what the phone received."""
    announce_only(("127.0.0.1",))
    here, phone = RTCPeerConnection(RTCConfiguration([])), RTCPeerConnection(RTCConfiguration([]))
    received: asyncio.Queue[bytes] = asyncio.Queue()
    made = phone.createDataChannel(PITCH, ordered=False, maxRetransmits=0)
    made.on("message", received.put_nowait)
    ours: asyncio.Future[RTCDataChannel] = asyncio.get_running_loop().create_future()
    here.on("datachannel", ours.set_result)
    try:
        await phone.setLocalDescription(await phone.createOffer())
        await here.setRemoteDescription(phone.localDescription)
        await here.setLocalDescription(await here.createAnswer())
        await phone.setRemoteDescription(here.localDescription)
        yield await asyncio.wait_for(ours, WAIT_S), received
    finally:
        await phone.close()
        await here.close()


async def told(received: "asyncio.Queue[bytes]") -> list[int]:
    message = media_pb2.ToPhone.FromString(await asyncio.wait_for(received.get(), WAIT_S))
    return [point.seq for point in message.pitch.points]


async def test_each_message_repeats_the_last_points() -> None:
    async with two_ends() as (channel, received):
        downlink = Downlink("s1", lambda _message, _now_s: None)
        downlink.add(channel)
        for seq in range(8):
            downlink.points(points(seq, 1))
        seen = [await told(received) for _ in range(8)]
    assert seen[0] == [0]
    assert seen[7] == list(range(8 - REPEATED_POINTS, 8))


async def test_points_that_wait_for_a_full_link_are_told_when_it_has_room() -> None:
    async with two_ends() as (channel, received):
        downlink = Downlink("s1", lambda _message, _now_s: None)
        downlink.add(channel)
        channel.send(bytes(2 * MAX_PITCH_BACKLOG_BYTES))  # the loop has not run: all of it still waits
        downlink.points(points(0, 20))
        assert len(await asyncio.wait_for(received.get(), WAIT_S)) == 2 * MAX_PITCH_BACKLOG_BYTES
        await until(lambda: not channel.bufferedAmount)
        downlink.points(points(20, 1))
        assert await told(received) == list(range(21))
        downlink.points(points(21, 1))
        assert await told(received) == list(range(22 - REPEATED_POINTS, 22))


async def test_what_waits_is_bounded() -> None:
    async with two_ends() as (channel, received):
        downlink = Downlink("s1", lambda _message, _now_s: None)
        downlink.add(channel)
        downlink.points(points(0, 3 * MAX_POINTS))
        assert await told(received) == list(range(2 * MAX_POINTS, 3 * MAX_POINTS))
