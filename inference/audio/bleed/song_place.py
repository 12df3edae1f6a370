"""Where the song's own sound stands on a take's time line."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inference.audio.clock import Anchor
from inference.audio.framing import SAMPLE_RATE_HZ, Samples

JUMP_S = 0.05  # anchors are a few ms out: what is less is no jump of the song, and the line before holds
HALF_KERNEL = 12  # of the interpolation between samples
STEPS = 64  # fractions of a sample that are told apart
FRACTION_BLOCK = 128  # samples with one fraction: at 300 ppm it moves by 0.04 samples in them


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


@dataclass(frozen=True, slots=True)
class Drift:
    """From take sample `since` on the song is `shift` samples later than its line, and `per_sample` more with each."""

    since: int = 0
    shift: float = 0.0
    per_sample: float = 0.0

    def at(self, sample: int) -> float:
        return self.shift + self.per_sample * (sample - self.since)


NO_DRIFT = Drift()


class SongPlace:
    """The song's samples under a take's; `lines` may grow while the take does."""

    def __init__(self, song: Samples, lines: Sequence[Line] = ()) -> None:
        self.lines: Sequence[Line] = lines
        self._song = song

    def cut(self, first: int, count: int, delay: int = 0, drift: Drift = NO_DRIFT) -> NDArray[np.float64]:
        """The song as it was played `delay` samples before `first` to `first + count`; zeros where it was not."""
        sound = np.zeros(count)
        wanted = first - delay
        for line, end in zip(self.lines, [*(later.first for later in self.lines[1:]), wanted + count], strict=True):
            begin, stop = max(wanted, line.first), min(wanted + count, end)
            if line.song is not None and begin < stop:
                sound[begin - wanted : stop - wanted] = self._played(line, begin, stop - begin, drift)
        return sound

    def _played(self, line: Line, first: int, count: int, drift: Drift) -> NDArray[np.float64]:
        assert line.song is not None
        if drift.per_sample == 0.0 and drift.shift == 0.0:
            return self._whole(round(line.song) + first - line.first, count)
        pieces = []
        for start in range(first, first + count, FRACTION_BLOCK):
            length = min(FRACTION_BLOCK, first + count - start)
            place = round(line.song) + start - line.first - drift.at(start)
            pieces.append(self._between(place, length))
        return np.concatenate(pieces)

    def _whole(self, first: int, count: int) -> NDArray[np.float64]:
        sound = np.zeros(count)
        begin, end = min(max(first, 0), len(self._song)), min(max(first + count, 0), len(self._song))
        sound[begin - first : end - first] = self._song[begin:end]
        return sound

    def _between(self, place: float, count: int) -> NDArray[np.float64]:
        steps = round(place * STEPS)
        whole, fraction = divmod(steps, STEPS)
        wide = self._whole(whole - HALF_KERNEL + 1, count + 2 * HALF_KERNEL - 1)
        return np.asarray(np.convolve(wide, KERNELS[fraction], "valid"))


def _kernels() -> NDArray[np.float64]:
    """Row i: samples i / STEPS after the middle; for np.convolve, which turns them round."""
    places = np.arange(HALF_KERNEL, -HALF_KERNEL, -1) - np.arange(STEPS)[:, None] / STEPS
    return np.asarray(np.sinc(places) * np.cos(np.pi * places / (2 * HALF_KERNEL + 1)) ** 2)


KERNELS = _kernels()
