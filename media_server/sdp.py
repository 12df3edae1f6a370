"""What of an offer is accepted, and what the answer adds for singing."""

import re
from dataclasses import dataclass

from aiortc.sdp import SessionDescription

from media_server.errors import BadSdpError, NoAudioError

MAX_SDP_BYTES = 64 * 1024
# 64 kbit/s full band with in-band FEC; aiortc alone answers without and gets 32 kbit/s and no FEC.
OPUS_FMTP = "minptime=10;useinbandfec=1;maxaveragebitrate=64000;stereo=0;usedtx=0"
RTPMAP = re.compile(r"a=rtpmap:(\d+) opus/48000", re.IGNORECASE)
# Our own addresses are told to the phone and its checks tell us its own: its candidates are never looked at, so an
# offer makes this server send nothing to an address of the offer's choice. Without candidates the end mark stalls ICE.
DROPPED_LINES = ("a=candidate", "a=end-of-candidates", "a=remote-candidates")
# aiortc's parser answers garbage with these.
PARSE_ERRORS = (AssertionError, AttributeError, IndexError, KeyError, StopIteration, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Offer:
    """An offer that was checked; `sdp` has no candidates."""

    sdp: str


def accept(sdp: str) -> Offer:
    """Raises BadSdpError or NoAudioError unless the offer sends one Opus audio stream."""
    if len(sdp.encode("utf-8", "replace")) > MAX_SDP_BYTES:
        raise BadSdpError(f"the offer is larger than {MAX_SDP_BYTES} bytes")
    lines = [line for line in sdp.splitlines() if line and not line.startswith(DROPPED_LINES)]
    text = "\r\n".join(lines) + "\r\n"
    try:
        description = SessionDescription.parse(text)
    except PARSE_ERRORS as error:
        raise BadSdpError("the offer does not parse") from error
    _check(description)
    return Offer(text)


def _check(description: SessionDescription) -> None:
    kinds = [media.kind for media in description.media]
    audio = [media for media in description.media if media.kind == "audio" and media.port]
    if len(audio) != 1 or kinds.count("audio") != 1:
        raise NoAudioError(f"one audio stream is needed, the offer has {len(audio)}")
    if audio[0].direction not in ("sendonly", "sendrecv", None):
        raise NoAudioError("the audio stream sends nothing")
    if not any(codec.mimeType.lower() == "audio/opus" for codec in audio[0].rtp.codecs):
        raise NoAudioError("the audio stream does not offer Opus")
    if set(kinds) - {"audio", "application"} or kinds.count("application") > 1:
        raise BadSdpError("only one audio stream and data channels are accepted")
    for media in description.media:
        ice, dtls = media.ice, media.dtls
        if not (ice and ice.usernameFragment and ice.password and dtls and dtls.fingerprints and media.rtp.muxId):
            raise BadSdpError("ice-ufrag, ice-pwd, fingerprint or mid is missing")
    bundles = [set(group.items) for group in description.group if group.semantic == "BUNDLE"]
    if bundles != [{media.rtp.muxId for media in description.media}]:
        raise BadSdpError("all streams must be in one BUNDLE")


def with_opus_fmtp(answer_sdp: str) -> str:
    """The answer with OPUS_FMTP for the offer's own payload type."""
    match = RTPMAP.search(answer_sdp)
    if match is None:
        raise NoAudioError("no common codec")
    payload_type = match.group(1)
    lines = []
    for line in answer_sdp.splitlines():
        if line.startswith(f"a=fmtp:{payload_type} "):
            continue
        lines.append(line)
        if line.startswith(f"a=rtpmap:{payload_type} "):
            lines.append(f"a=fmtp:{payload_type} {OPUS_FMTP}")
    return "\r\n".join(lines) + "\r\n"
