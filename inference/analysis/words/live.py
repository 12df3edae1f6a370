"""The words of each line while the song is sung: generous, and silent where nothing sure can be said."""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from voicejury.v1 import live_pb2, song_pb2

from inference.analysis.following.hooks import SungLine
from inference.analysis.references import written_song
from inference.analysis.words.cuts import LEAST_MEASURED, LEAST_VOICED_S
from inference.analysis.words.languages import song_language
from inference.analysis.words.messages import words_message
from inference.analysis.words.original import Originals
from inference.analysis.words.recogniser import Recogniser
from inference.analysis.words.tiers import UnheardError
from inference.analysis.words.unplaced import unplaced_lines
from inference.domain.line_words import LineHeard, WordState, hear_line, late_words
from inference.domain.melody import Lyrics
from inference.domain.reference import Written
from inference.errors import SongError
from inference.models.estimator import PitchEstimator
from inference.models.tracking import track_pitch

BUDGET_S = 3.0  # for one line: later its verdict helps nobody
GATE_HOP_S = 0.04  # of the pitch that says whether anybody sings: four times coarser than for a score
DECOYS = 2  # other lines of the song against which a line's likelihood is held
KEPT_TAKES = 64
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """A song whose words can be heard."""

    written: Written
    language: str
    texts: dict[int, str]  # each line as one text
    unplaced: frozenset[int]  # lines whose times are guessed: of what is heard there no line is told


class LiveWords:
    """A LineListener: used by one thread."""

    def __init__(self, recogniser: Recogniser, estimator: PitchEstimator, originals: Originals | None = None) -> None:
        self._recogniser = recogniser
        self._estimator = estimator
        self._songs: OrderedDict[str, Known | None] = OrderedDict()
        self._before: OrderedDict[str, tuple[LineHeard, float]] = OrderedDict()  # each take's latest line
        self._background = Background(originals, recogniser) if originals is not None else None

    def warm_up(self) -> None:
        """Loads what is in this process, off everybody's path: the first line of an evening does not wait for it."""
        threading.Thread(target=self._recogniser.warm_up, name="warm words", daemon=True).start()

    def hear(self, line: SungLine) -> Sequence[live_pb2.LineWords]:
        """The line's words, and those of the line before it where some of them came late."""
        song = self._song(line)
        if song is None or float(line.measured.mean()) < LEAST_MEASURED:
            return ()
        if self._background is not None:
            self._background.hear(line.song, song.written, song.language)
        if line.phrase not in song.texts:
            return ()
        if self._voiced_s(line) < LEAST_VOICED_S:
            return (
                ()
                if line.phrase in song.unplaced
                else (words_message(hear_line(song.written.lyrics, line.phrase, "", True), 1.0, ""),)
            )
        return self._decoded(line, song)

    def _song(self, line: SungLine) -> Known | None:
        """None where its words cannot be heard: the judging says why."""
        if line.session_id not in self._songs:
            self._songs[line.session_id] = _known(line.song)
            while len(self._songs) > KEPT_TAKES:
                self._songs.popitem(last=False)
        return self._songs[line.session_id]

    def _decoded(self, line: SungLine, song: Known) -> Sequence[live_pb2.LineWords]:
        lyrics, language = song.written.lyrics, song.language
        try:
            found = self._recogniser.hear(line.samples, language, BUDGET_S)
        except UnheardError:  # told by the recogniser, once for each reason
            return ()
        if found.doubt or line.phrase in song.unplaced:  # whose words are heard for the judging all the same
            return ()
        heard = hear_line(lyrics, line.phrase, found.text, True)
        certainty = self._certainty(line, song, found.certainty)
        late = self._late(line.session_id, heard)
        self._before[line.session_id] = heard, certainty
        self._before.move_to_end(line.session_id)
        while len(self._before) > KEPT_TAKES:
            self._before.popitem(last=False)
        return (*late, words_message(heard, certainty, found.recogniser))

    def _late(self, session_id: str, heard: LineHeard) -> tuple[live_pb2.LineWords, ...]:
        before, certainty = self._before.get(session_id, (None, 0.0))
        if before is None or before.phrase != heard.phrase - 1:
            return ()
        late = late_words(before, heard)
        if not late:
            return ()
        states = tuple(WordState.LATE if number in late else state for number, state in enumerate(before.states))
        told = LineHeard(before.phrase, before.heard, states)
        return (words_message(told, certainty, self._recogniser.name),)

    def _certainty(self, line: SungLine, song: Known, decoded: float) -> float:
        """Of the recogniser, and of the line's likelihood against other lines: the smaller one."""
        written = song.texts[line.phrase]
        others = [text for text in song.texts.values() if text != written]
        decoys = others[:: max(1, len(others) // DECOYS)][:DECOYS]
        favoured = self._recogniser.certainty(line.samples, song.language, written, decoys)
        return decoded if favoured is None else min(decoded, favoured)

    def _voiced_s(self, line: SungLine) -> float:
        track = track_pitch(line.samples, line.measured, self._estimator, GATE_HOP_S)
        return float(np.count_nonzero(track.f0_hz)) * GATE_HOP_S


class Background:
    """Hears original voices while their songs are sung: the judging finds them heard."""

    def __init__(self, originals: Originals, recogniser: Recogniser) -> None:
        self._originals = originals
        self._recogniser = recogniser
        self._asked = deque[str](maxlen=KEPT_TAKES)
        self._lock = threading.Lock()

    def hear(self, song: song_pb2.Song, written: Written, language: str) -> None:
        """Once for each song, in a thread of its own."""
        if not song.vocals_key or song.id in self._asked:
            return
        self._asked.append(song.id)
        threading.Thread(target=lambda: self._hear(song, written, language), name="original words", daemon=True).start()

    def _hear(self, song: song_pb2.Song, written: Written, language: str) -> None:
        try:
            with self._lock:  # one song at a time
                self._originals.heard(song, written, language, self._recogniser)
        except UnheardError as error:
            logger.info("an original voice was not heard: %s", error)
        except OSError as error:
            logger.warning("an original voice cannot be read: %s", type(error).__name__)


def _known(song: song_pb2.Song) -> Known | None:
    try:
        written = written_song(song)
    except SongError:
        return None
    language = song_language(written.lyrics)
    return Known(written, language, _texts(written.lyrics), unplaced_lines(song)) if language else None


def _texts(lyrics: Lyrics) -> dict[int, str]:
    texts: dict[int, list[str]] = {}
    for word in lyrics.words:
        texts.setdefault(word.phrase, []).append(word.text)
    return {phrase: " ".join(words) for phrase, words in texts.items()}
