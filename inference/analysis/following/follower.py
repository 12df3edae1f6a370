"""One take, followed while it is sung."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import fsspec
import numpy as np
from voicejury.v1 import song_pb2

from inference.analysis.following.growing_take import GrowingTake
from inference.analysis.following.hooks import SungLine, SungPiece, TakeFilter
from inference.analysis.following.lines import Lines
from inference.analysis.following.remembered import Remembered
from inference.analysis.following.spool_tail import SpoolTail
from inference.analysis.references import read_reference
from inference.audio.framing import SAMPLE_RATE_HZ, Flags, Samples
from inference.domain.grades import learn_luck
from inference.domain.rules import ScoringRules
from inference.errors import SongError
from inference.models.crepe_take import BLOCK_FRAMES
from inference.models.estimator import PitchEstimator
from inference.models.tracking import TakeTracker

STEP_SAMPLES = BLOCK_FRAMES * 160  # at once, so that other takes have their turn: 2.6 s of sound, 0.1 s of work


@dataclass(frozen=True, slots=True)
class Followed:
    """What is followed, and for what."""

    session_id: str
    song: song_pb2.Song
    rules: ScoringRules


def learn_song(what: Followed) -> None:
    """What the scoring needs of the song alone: seconds of work on a long one, and the next take finds it done."""
    with suppress(SongError):  # whoever judges the take says why it cannot be sung
        learn_luck(read_reference(what.song, what.rules), what.rules)


class Follower:
    """`work` does a little of what there is to do; nobody waits in it for sound. Used by one thread at a time."""

    def __init__(
        self,
        what: Followed,
        spool: tuple[fsspec.AbstractFileSystem, str],
        estimator: PitchEstimator,
        remembered: Remembered,
        take_filter: TakeFilter | None = None,
        on_line: Callable[[SungLine], None] | None = None,
        on_piece: Callable[[SungPiece], None] | None = None,
    ) -> None:
        self.session_id = what.session_id
        self.remembered = remembered
        self.is_over = False
        self._tail = SpoolTail(*spool)
        self._take = GrowingTake()
        self._tracker = TakeTracker(estimator, what.rules.hop_s, remembered)
        self._filter = take_filter
        self._on_line = on_line
        self._on_piece = on_piece
        self._song = what.song
        self._lines = Lines(what.session_id, what.song)
        self._told = 0
        self._prepare: Callable[[], None] | None = lambda: learn_song(what)

    @property
    def followed_s(self) -> float:
        """Seconds of the take that were worked on."""
        return self._told / SAMPLE_RATE_HZ

    def work(self) -> bool:
        """Whether there is more to do now. Raises TakeError for a spool that holds no take, OSError."""
        if self._prepare is not None:
            self._prepare()
            self._prepare = None
        if self._told == self._take.end and not self._take.sealed:
            for record in self._tail.read():
                self._take.add(record)
        before = self._told
        samples, measured = self._take.news(STEP_SAMPLES)
        self._told += len(samples)
        is_last = self._take.sealed and self._told == self._take.end
        if len(samples) or is_last:
            self._tell_lines()  # first: their words are waited for
            self._tell_piece(samples, measured, is_last)
            if self._filter is not None:
                samples, measured = self._filter.push(samples, measured, self._take.clock, is_last)
            self._tracker.push(samples, np.asarray(measured, np.bool_))
        if is_last:
            self._tracker.finish()
            self.is_over = True
        return self._told > before and not self.is_over

    def _tell_lines(self) -> None:
        if self._on_line is not None:
            for line in self._lines.over(self._take, self._told):
                self._on_line(line)

    def _tell_piece(self, samples: Samples, measured: Flags, is_last: bool) -> None:
        if self._on_piece is not None:
            first = self._told - len(samples)
            song_s = self._take.clock.song_s(first)
            kept = samples.copy(), measured.copy()  # a view would hold the whole tail of the take
            self._on_piece(SungPiece(self.session_id, self._song, *kept, first, song_s, is_last))
