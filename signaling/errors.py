"""Everything that signaling raises on purpose.

SignalingError
├── SongError              a song that cannot be taken into the catalogue
│   ├── SongFormatError    names file and line
│   └── SongAudioError     the audio beside it
├── SourceError            a recording that cannot be had or is not taken, as a problem code
├── ServiceError           an outside service did not help: its name and what went wrong
├── LyricsFormatError      lyrics that cannot be read: names the line
├── MediaRefusedError      the media server's answer to an offer, as a problem code
├── JudgeFailedError       the take cannot be judged, now or later
└── ProblemError           an HTTP answer: application/problem+json
"""

from collections.abc import Mapping
from pathlib import Path


class SignalingError(Exception):
    """Root of the tree. The text is safe to show."""


class SongError(SignalingError):
    """A song that cannot be taken into the catalogue."""


class SongFormatError(SongError):
    """A song.txt that breaks the UltraStar format."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")
        self.path = path
        self.line = line  # counted from 1
        self.reason = reason


class SongAudioError(SongError):
    """The audio of a song is missing, empty or does not decode."""


class SourceError(SignalingError):
    """A recording that cannot be had or is not taken. `code` is one of the API's; the text says what happened."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail

    def anew(self) -> "SourceError":
        """Another one of the same words: an error that was raised keeps its trace."""
        return SourceError(self.code, self.detail)


class ServiceError(SignalingError):
    """An outside service did not help. The text holds no address, no key and nothing that was asked."""

    def __init__(self, service: str, kind: str, detail: str, retry_after_s: float | None = None) -> None:
        super().__init__(f"{service}: {detail}")
        self.service = service
        self.kind = kind  # see signaling.net.services.Kind
        self.detail = detail
        self.retry_after_s = retry_after_s


class LyricsFormatError(SignalingError):
    """Lyrics that break their format."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line  # counted from 1
        self.reason = reason


class JudgeFailedError(SignalingError):
    """The judge will never give a verdict on this take."""


class ProblemError(SignalingError):
    """An answer that is a problem document."""

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})


class MediaRefusedError(ProblemError):
    """The media server did not take an offer."""
