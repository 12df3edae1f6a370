"""Where the song's own sound stands on a take's time line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import Anchor
from inference.audio.framing import SAMPLE_RATE_HZ, Samples

JUMP_S = 0.05  # anchors are a few ms out: what is less is no jump of the song, and the line before holds


@dataclass(frozen=True, slots=True)
class Line:
    """From take sample `first` on the song's sample `song` sounds, and both go on alike; None: it stands still."""

    first: int
    song: float | None


def lines_of(anchors: Sequence[Anchor]) -> tuple[Line, ...]:
    """Later anchors change no line that began before them: whoever knew fewer had the same lines until there."""
    lines: list[Line] = []
    for anchor in anchors:
        song = anchor.song_s * SAMPLE_RATE_HZ if anchor.playing else None
        expected = _song_at(lines[-1], anchor.sample) if lines else None
        if song is None and (expected is None):
            continue
        if song is not None and expected is not None and abs(song - expected) <= JUMP_S * SAMPLE_RATE_HZ:
            continue
        lines.append(Line(anchor.sample, song))
    return tuple(lines)


def _song_at(line: Line, sample: int) -> float | None:
    return None if line.song is None else line.song + (sample - line.first)


class SongPlace:
    """The song's samples under a take's; `lines` may grow while the take does."""

    def __init__(self, song: Samples, lines: Sequence[Line] = ()) -> None:
        self.lines: Sequence[Line] = lines
        self._song = song

    def cut(self, first: int, count: int, delay: int = 0) -> NDArray[np.float64]:
        """The song as it was played `delay` samples before `first` to `first + count`; zeros where it was not."""
        sound = np.zeros(count)
        wanted = first - delay
        if not self.lines:
            return sound  # the song has not begun
        ends = [*(later.first for later in self.lines[1:]), wanted + count]
        for line, end in zip(self.lines, ends, strict=False):  # before the first anchor there is no line
            begin, stop = max(wanted, line.first), min(wanted + count, end)
            if line.song is not None and begin < stop:
                place = round(line.song) + begin - line.first
                sound[begin - wanted : stop - wanted] = self._played(place, stop - begin)
        return sound

    def _played(self, first: int, count: int) -> NDArray[np.float64]:
        sound = np.zeros(count)
        begin, end = min(max(first, 0), len(self._song)), min(max(first + count, 0), len(self._song))
        sound[begin - first : end - first] = self._song[begin:end]
        return sound
