"""A phone's part of a call, run inside a network namespace: offers audio, prints what it learned as JSON, waits.

usage: python -m tests.integration.lan_singer URL CERTIFICATE
"""

import asyncio
import json
import ssl
import sys

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack

CONNECT_S = 60.0


async def main(url: str, certificate: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(certificate)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.createDataChannel("pitch", ordered=False, maxRetransmits=0)
    peer.createDataChannel("control")
    peer.addTrack(AudioStreamTrack())
    connected = asyncio.Event()

    @peer.on("connectionstatechange")
    def note_state() -> None:
        if peer.connectionState == "connected":
            connected.set()

    await peer.setLocalDescription(await peer.createOffer())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as http:
        async with http.post(f"{url}/api/session/start", json={"song_id": "demo"}) as reply:
            session = await reply.json()
        offer = {"sdp": peer.localDescription.sdp, "type": "offer"}
        path = f"{url}/api/session/{session['session_id']}/offer"
        async with http.post(path, json=offer, headers={"authorization": f"Bearer {session['token']}"}) as reply:
            answer = await reply.json()
    await peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
    await asyncio.wait_for(connected.wait(), CONNECT_S)
    lines = [line for line in answer["sdp"].splitlines() if line.startswith("a=candidate:")]
    print(json.dumps({"addresses": sorted({line.split()[4] for line in lines})}), flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    await peer.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
