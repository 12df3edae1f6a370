"""Turns the pitch of one singer's windows into points, notes, lines and scores."""

from collections.abc import Iterator
from dataclasses import dataclass

from inference.audio.framing import SILENCE_DB
from inference.domain.live_score import FrameJudgement, Hit, LiveScorer
from inference.domain.melody import Melody
from inference.domain.rules import ScoringRules
from inference.live.messages import Ended, Output, Point, Score
from inference.live.window_ring import HOP_S, Origin, Window
from inference.models.voicing import Voicing

FINISHED_EVERY_S = 0.1  # how often the scorer is asked what is over
SCORE_EVERY_S = 0.5
NOT_JUDGED = FrameJudgement(Hit.NONE, 0.0)


@dataclass(frozen=True, slots=True)
class Frame:
    """A window, and whether it can be a voice."""

    window: Window
    level_db: float
    is_loud: bool  # False also where the window touches a gap


class SingerJudge:
    """Depends on the windows alone, not on when they come or with whose others."""

    def __init__(self, melody: Melody, rules: ScoringRules) -> None:
        self._scorer = LiveScorer(melody, rules)
        self._patience_s = rules.live_edge_s + rules.live_grace_s
        self._voicing = Voicing(HOP_S)
        self._seq = 0
        self._song_s = 0.0
        self._finished_at_s: float | None = None
        self._scored_at_s: float | None = None

    def frame(self, window: Window) -> Frame:
        """The window with what is known before the network looks at it; to be asked for each window in turn."""
        if window.origin is Origin.MISSING:
            return Frame(window, SILENCE_DB, False)
        level_db = window.level_db
        return Frame(window, level_db, self._voicing.is_loud(level_db))

    def judge(self, frame: Frame, f0_hz: float, periodicity: float) -> Iterator[Output]:
        """For each frame in turn; 0 and 0 where the network did not look."""
        if frame.window.origin is Origin.MISSING:
            return self._missing(frame.window)
        return self._heard(frame, f0_hz, periodicity)

    def _missing(self, window: Window) -> Iterator[Output]:
        """A window that touches a gap: no point is drawn, nothing is scored, the song goes on."""
        if window.song_s is not None:
            self._scorer.judge_frame(window.song_s, 0.0, False, HOP_S)
        yield from self._over(window.song_s)

    def _heard(self, frame: Frame, f0_hz: float, periodicity: float) -> Iterator[Output]:
        """The point first, then whatever is over with it."""
        window = frame.window
        voiced_hz = self._voicing.voiced_hz(f0_hz, periodicity)
        concealed = window.origin is Origin.CONCEALED
        judged = NOT_JUDGED
        if window.song_s is not None:
            judged = self._scorer.judge_frame(window.song_s, voiced_hz, not concealed, HOP_S)
        yield Point(
            self._seq,
            window.centre_sample,
            window.song_s,
            voiced_hz,
            periodicity,
            frame.level_db,
            concealed,
            judged.hit,
            judged.cents_off,
        )
        self._seq += 1
        yield from self._over(window.song_s)

    def ended(self, sample_count: int) -> Iterator[Output]:
        """The notes that the song reached are over; then the last score."""
        yield from self._scorer.finished(self._song_s + self._patience_s)
        self._scorer.settle()
        yield Ended(sample_count, Score(self._song_s, self._scorer.score()))

    def _over(self, song_s: float | None) -> Iterator[Output]:
        if song_s is None:
            return
        self._song_s = song_s
        if _is_due(song_s, self._finished_at_s, FINISHED_EVERY_S):
            self._finished_at_s = song_s
            yield from self._scorer.finished(song_s)
        if _is_due(song_s, self._scored_at_s, SCORE_EVERY_S):
            self._scored_at_s = song_s
            yield Score(song_s, self._scorer.score())


def _is_due(song_s: float, last_s: float | None, every_s: float) -> bool:
    """Also after the song was set back."""
    return last_s is None or not 0.0 <= song_s - last_s < every_s
