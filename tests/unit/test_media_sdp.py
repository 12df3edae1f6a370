"""What offers are accepted, on the real offers of aiortc."""

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection

from media_server import sdp
from media_server.errors import BadSdpError, NoAudioError


async def _offer(*kinds: str, direction: str = "sendonly", channel: bool = True) -> str:
    connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    for kind in kinds:
        connection.addTransceiver(kind, direction=direction)
    if channel:
        connection.createDataChannel("control")
    description = await connection.createOffer()
    await connection.close()
    return str(description.sdp).replace(
        "a=setup:actpass", "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijkl\r\na=setup:actpass"
    )


async def test_an_offer_with_one_opus_stream_is_accepted_without_its_candidates() -> None:
    text = await _offer("audio") + "a=candidate:1 1 udp 1 192.0.2.7 9 typ host\r\na=end-of-candidates\r\n"
    accepted = sdp.accept(text).sdp
    assert "a=candidate" not in accepted
    assert "end-of-candidates" not in accepted
    assert "m=audio" in accepted


@pytest.mark.parametrize("garbage", ["", "hello", "v=0", "m=audio x", "v=0\r\nm=audio 9 RTP 111\r\n", "\0" * 50])
def test_garbage_is_refused_as_an_offer(garbage: str) -> None:
    with pytest.raises((BadSdpError, NoAudioError)):
        sdp.accept(garbage)


async def test_an_oversized_offer_is_refused() -> None:
    with pytest.raises(BadSdpError, match="bad-sdp: the offer is larger"):
        sdp.accept(await _offer("audio") + "a=x-padding:" + "x" * sdp.MAX_SDP_BYTES)


async def test_an_offer_without_audio_is_refused_by_that_name() -> None:
    with pytest.raises(NoAudioError, match=r"^no-audio: "):
        sdp.accept(await _offer())


async def test_an_offer_that_only_listens_is_refused() -> None:
    with pytest.raises(NoAudioError, match="sends nothing"):
        sdp.accept(await _offer("audio", direction="recvonly"))


async def test_two_audio_streams_are_refused() -> None:
    with pytest.raises(NoAudioError, match="the offer has 2"):
        sdp.accept(await _offer("audio", "audio"))


async def test_video_is_refused() -> None:
    with pytest.raises(BadSdpError, match="only one audio stream"):
        sdp.accept(await _offer("audio", "video"))


async def test_audio_without_opus_is_refused() -> None:
    lines = [line for line in (await _offer("audio")).splitlines() if "opus" not in line.lower()]
    with pytest.raises(NoAudioError, match="Opus"):
        sdp.accept("\r\n".join(lines) + "\r\n")


def test_the_answer_gets_fec_and_64_kbit_for_the_payload_type_of_the_offer() -> None:
    answer = "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 109\r\na=rtpmap:109 opus/48000/2\r\na=fmtp:109 stereo=1\r\n"
    lines = sdp.with_opus_fmtp(answer).splitlines()
    assert lines.count(f"a=fmtp:109 {sdp.OPUS_FMTP}") == 1
    assert "a=fmtp:109 stereo=1" not in lines
