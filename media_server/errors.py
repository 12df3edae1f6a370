"""Everything that media_server refuses, and the gRPC status that says so.

MediaError
+-- SessionIdError       the session id is no file name of ours
+-- OfferError           the offer cannot be answered
|   +-- BadSdpError
|   +-- NoAudioError
+-- SessionLiveError     the session has a live peer
+-- SessionOverError     the take is sealed
+-- UnknownTakeError     nothing was received of that session
+-- NotSealedError       the take is still being sung
+-- JudgedError          the take has its verdict: nothing is added to it any more
+-- LateSoundError       the phone's own recording cannot be read
|   +-- TooMuchSoundError   it is longer than what is missing
+-- OverloadedError      come back later
+-- SpoolError           the disk does not take or give the take: nothing of it is lost, come back
StartupError             this process cannot serve here
"""

import grpc


class MediaError(Exception):
    """Refused; the text is `code: explanation` and safe to show."""

    code = "media"

    def __init__(self, explanation: str) -> None:
        super().__init__(f"{self.code}: {explanation}")


class SessionIdError(MediaError):
    code = "bad-session"


class OfferError(MediaError):
    code = "bad-sdp"


class BadSdpError(OfferError):
    code = "bad-sdp"


class NoAudioError(OfferError):
    code = "no-audio"


class SessionLiveError(MediaError):
    code = "session-live"


class SessionOverError(MediaError):
    code = "session-over"


class UnknownTakeError(MediaError):
    code = "no-take"


class NotSealedError(MediaError):
    code = "not-ready"


class JudgedError(MediaError):
    code = "session-over"


class LateSoundError(MediaError):
    code = "bad-request"


class TooMuchSoundError(LateSoundError):
    code = "too-large"


class OverloadedError(MediaError):
    code = "busy"

    def __init__(self, explanation: str, retry_after_s: int) -> None:
        super().__init__(explanation)
        self.retry_after_s = retry_after_s


class SpoolError(MediaError):
    code = "spool-failed"


class StartupError(Exception):
    """The text names the remedy."""


STATUS_BY_ERROR: dict[type[MediaError], grpc.StatusCode] = {
    SessionIdError: grpc.StatusCode.INVALID_ARGUMENT,
    BadSdpError: grpc.StatusCode.INVALID_ARGUMENT,
    NoAudioError: grpc.StatusCode.INVALID_ARGUMENT,
    SessionLiveError: grpc.StatusCode.ALREADY_EXISTS,
    SessionOverError: grpc.StatusCode.FAILED_PRECONDITION,
    UnknownTakeError: grpc.StatusCode.NOT_FOUND,
    NotSealedError: grpc.StatusCode.FAILED_PRECONDITION,
    JudgedError: grpc.StatusCode.FAILED_PRECONDITION,
    LateSoundError: grpc.StatusCode.INVALID_ARGUMENT,
    TooMuchSoundError: grpc.StatusCode.INVALID_ARGUMENT,
    OverloadedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    SpoolError: grpc.StatusCode.UNAVAILABLE,
}
