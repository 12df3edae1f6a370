"""Which lines of a song are over in a take that is still sung."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from voicejury.v1 import song_pb2

from inference.analysis.following.growing_take import GrowingTake
from inference.analysis.following.hooks import SungLine
from inference.analysis.words.cuts import LINE_PAD_S, STEP


class Lines:
    """Tells each line once, when it is over."""

    def __init__(self, session_id: str, song: song_pb2.Song) -> None:
        self._session_id = session_id
        self._song = song
        self._waiting = dict(enumerate(song.voices[0].reference.melody.phrases)) if song.voices else {}

    def over(self, take: GrowingTake, told: int) -> Iterator[SungLine]:
        """The lines that have ended before sample `told` and were not told before."""
        first = -(-take.kept_from // STEP) * STEP  # the grid of the judging: the same samples are not heard twice
        positions = np.arange(first, told, STEP, dtype=np.int64)
        song_s = take.clock.song_seconds(positions)
        reached_s = float(np.nanmax(song_s)) if np.isfinite(song_s).any() else -np.inf
        is_over = take.sealed and told == take.end
        for number, phrase in list(self._waiting.items()):
            if phrase.offset_s + LINE_PAD_S > reached_s and not is_over:
                continue
            del self._waiting[number]
            inside = (song_s >= phrase.onset_s - LINE_PAD_S) & (song_s < phrase.offset_s + LINE_PAD_S)
            if inside.any():
                yield self._line(take, number, positions[inside], float(song_s[inside][0]))

    def _line(self, take: GrowingTake, number: int, inside: NDArray[np.int64], first_s: float) -> SungLine:
        samples, measured = take.cut(int(inside[0]), int(inside[-1]))
        return SungLine(self._session_id, self._song, number, samples, measured, first_s)
