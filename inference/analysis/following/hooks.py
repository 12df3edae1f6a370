"""What joins in while a take is followed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from voicejury.v1 import live_pb2, song_pb2

from inference.audio.clock import SongClock
from inference.audio.framing import Flags, Samples


class TakeFilter(Protocol):
    """Takes something out of one take's sound as it comes, as the backing of the song.

    Causal and block by block: what it gives does not hang on how the sound is cut, and is bit for bit what the judging
    makes of the whole take afterwards; otherwise the work is done in vain.
    """

    def push(self, samples: Samples, measured: Flags, clock: SongClock, is_over: bool) -> tuple[Samples, Flags]:
        """The next samples of the voice; they may come later than what they are made of, and all of them at the end."""
        ...


class Filters(Protocol):
    """Makes a filter for each take."""

    def filter_for(self, session_id: str, song: song_pb2.Song) -> TakeFilter | None:
        """None where there is nothing to take out."""
        ...


@dataclass(frozen=True, slots=True)
class SungLine:
    """A line that is over, with what was sung in it."""

    session_id: str
    song: song_pb2.Song
    phrase: int
    samples: Samples  # 16 kHz, from LINE_PAD_S before the line to LINE_PAD_S after it
    measured: Flags
    first_song_s: float  # song second of the first sample


@dataclass(frozen=True, slots=True)
class SungPiece:
    """The next piece of a take, as long as it happens to be."""

    session_id: str
    song: song_pb2.Song
    samples: Samples  # 16 kHz
    measured: Flags
    first_sample: int  # of the take
    first_song_s: float | None  # song second of the first sample; None where the song does not play
    is_last: bool = False


class LineListener(Protocol):
    """Hears the words of lines; called in a thread of its own, one line after the other."""

    def hear(self, line: SungLine) -> Sequence[live_pb2.LineWords]:
        """What there is to tell of this line, and of lines before it that are seen otherwise now."""
        ...


class PieceListener(Protocol):
    """Hears words as they are sung; called in the same thread as whoever hears lines."""

    def wants(self, song: song_pb2.Song) -> bool:
        """Whether there is anything to listen for; asked in another thread."""
        ...

    def listen(self, pieces: Sequence[SungPiece]) -> Sequence[live_pb2.LineWords]:
        """The pieces of one take that came since the last call, in order."""
        ...
