"""Words of lines whose times nobody knows, heard as they are sung: a growing buffer since the last word that is agreed.

The buffer is decoded again after every STEP_S of voice; the words that the decoder wrote of sound well before its end
are agreed (AlignAtt). They go with the next pause or where the buffer is long: with them the next ones are heard
better. No known word reaches the recogniser.
"""

import logging
from collections import OrderedDict
from collections.abc import Sequence

from voicejury.v1 import live_pb2, song_pb2

from inference.analysis.following.hooks import SungPiece
from inference.analysis.references import written_song
from inference.analysis.words.cuts import LEAST_VOICED_S
from inference.analysis.words.growing import Buffer
from inference.analysis.words.languages import song_language
from inference.analysis.words.messages import words_message
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.tiers import UnheardError
from inference.analysis.words.unplaced import Stretch, stretches
from inference.domain.line_words import LineHeard
from inference.domain.melody import Lyrics
from inference.domain.streamed_words import AttendedWord, Whereabouts, fresh, hear_on, settled
from inference.errors import SongError
from inference.models.estimator import PitchEstimator

BUDGET_S = 3.0  # for one decode
GUARD_S = 0.3  # before the end of the sound: what is written of it may still become another word
STEP_S = 0.6  # of new voice before the next decode
PAUSE_S = 0.6  # without voice: what was sung before it is complete
KEPT_TAKES = 64
logger = logging.getLogger(__name__)


class StreamedWords:
    """A PieceListener: used by one thread."""

    def __init__(self, recogniser: Recogniser, estimator: PitchEstimator) -> None:
        self._recogniser = recogniser
        self._estimator = estimator
        self._takes: OrderedDict[str, TakeWords | None] = OrderedDict()
        self._is_told = False

    def wants(self, song: song_pb2.Song) -> bool:
        if not stretches(song):
            return False
        if not self._recogniser.attends and not self._is_told:
            self._is_told = True
            logger.warning("%s tells no attention: lines without times have no live words", self._recogniser.name)
        return self._recogniser.attends

    def listen(self, pieces: Sequence[SungPiece]) -> Sequence[live_pb2.LineWords]:
        take = self._take(pieces[0])
        told = [line for piece in pieces[:-1] for line in take.add(piece, is_newest=False)] if take else []
        if take:
            told += take.add(pieces[-1], is_newest=True)
        if pieces[-1].is_last:
            self._takes.pop(pieces[0].session_id, None)
        return told

    def _take(self, piece: SungPiece) -> "TakeWords | None":
        if piece.session_id not in self._takes or piece.first_sample == 0:
            self._takes[piece.session_id] = _take_words(piece.song, self._recogniser, self._estimator)
            while len(self._takes) > KEPT_TAKES:
                self._takes.popitem(last=False)
        return self._takes[piece.session_id]


class TakeWords:
    """One take: where in its song the singer is."""

    def __init__(
        self, lyrics: Lyrics, language: str, parts: tuple[Stretch, ...], recogniser: Recogniser, buffer: Buffer
    ) -> None:
        self._lyrics = lyrics
        self._language = language
        self._waiting = list(parts)
        self._recogniser = recogniser
        self._buffer = buffer
        self._whereabouts = Whereabouts(parts[0].phrases)
        self._told: dict[int, LineHeard] = {}
        self._has_missed = False
        self._is_unheard = False  # what is in the buffer
        self._failure = ""

    def add(self, piece: SungPiece, is_newest: bool) -> list[live_pb2.LineWords]:
        """What is told otherwise than before. Sound that is not the newest waits for it before it is decoded."""
        if self._is_outside(piece) or not self._buffer.add(piece.samples, piece.measured):
            told = self._heard_out()  # a rest in which nobody listens, or sound that was lost
            self._has_missed = self._has_missed or not self._is_outside(piece)
            self._buffer.clear()
            self._go_on(piece)
            return told
        if piece.is_last or self._buffer.pause_s >= PAUSE_S:
            return self._heard_out()
        if is_newest and self._buffer.new_voiced_s >= STEP_S:
            return self._decoded(GUARD_S)
        return []

    def _is_outside(self, piece: SungPiece) -> bool:
        """Of the first stretch that is not over."""
        if not self._waiting or piece.first_song_s is None:
            return True
        return not self._waiting[0].start_s <= piece.first_song_s < self._waiting[0].end_s

    def _go_on(self, piece: SungPiece) -> None:
        """To the next stretch, where this one is over."""
        while self._waiting and piece.first_song_s is not None and piece.first_song_s >= self._waiting[0].end_s:
            self._waiting.pop(0)
            self._has_missed = False
            if self._waiting:
                self._whereabouts = Whereabouts(self._waiting[0].phrases)

    def _heard_out(self) -> list[live_pb2.LineWords]:
        """Everything in the buffer, which nothing will be added to."""
        told = self._decoded(0.0) if self._buffer.new_voiced_s > 0 else []
        self._has_missed, self._is_unheard = self._has_missed or self._is_unheard, False
        self._buffer.rest()
        return told

    def _decoded(self, guard_s: float) -> list[live_pb2.LineWords]:
        samples = self._buffer.samples
        if self._buffer.voiced_s < LEAST_VOICED_S:
            return []
        self._buffer.note_decoded()
        try:
            found = self._recogniser.attend(samples, self._language, BUDGET_S)
        except UnheardError as error:
            self._is_unheard = True
            if self._failure != str(error):
                self._failure = str(error)
                logger.info("words were not heard as they were sung: %s", error)
            return []
        self._is_unheard = not found.is_believed
        count = settled(found.words, self._buffer.seconds, guard_s) if guard_s else len(found.words)
        news = fresh(found.words[:count], self._whereabouts.heard, self._buffer.agreed_s)
        if not news:
            return []
        self._buffer.agree(news[-1].offset_s)
        return self._news(news, found.certainty)

    def _news(self, words: Sequence[AttendedWord], certainty: float) -> list[live_pb2.LineWords]:
        has_missed = self._has_missed or self._buffer.take_missed()
        self._has_missed = False
        texts = [word.text for word in words]
        self._whereabouts, lines = hear_on(self._lyrics, self._whereabouts, texts, has_missed)
        news = [line for line in lines if self._told.get(line.phrase) != line]
        self._told |= {line.phrase: line for line in news}
        return [words_message(line, certainty, self._recogniser.name) for line in news]


def _take_words(song: song_pb2.Song, recogniser: Recogniser, estimator: PitchEstimator) -> TakeWords | None:
    """None where its words cannot be heard: the judging says why."""
    try:
        lyrics = written_song(song).lyrics
    except SongError:
        return None
    language, parts = song_language(lyrics), stretches(song)
    return TakeWords(lyrics, language, parts, recogniser, Buffer(estimator)) if language and parts else None
